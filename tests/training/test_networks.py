"""Learning rates, and that a checkpoint's nets are all there."""

import pytest
import tensorflow as tf

from stylizer.training.networks import Networks, WarmThenCosine


def test_learning_rate_holds_then_falls():
    schedule = WarmThenCosine(1.0, steps=100, decay_from=0.5)
    assert [float(schedule(tf.constant(s))) for s in (0, 50)] == [1.0, 1.0]
    assert float(schedule(tf.constant(75))) == pytest.approx(0.525)
    assert float(schedule(tf.constant(100))) == pytest.approx(0.05)


def test_same_seed_same_weights_and_average_begins_at_the_generator(lean):
    a, b = Networks(lean()), Networks(lean())
    for x, y, z in zip(a.generator.get_weights(), b.generator.get_weights(), a.ema.get_weights(), strict=True):
        assert (x == y).all() and (x == z).all()
    assert a.vgg is None, "switched-off terms load nothing"
