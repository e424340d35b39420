"""Learning rates, and that a checkpoint's nets are all there."""

import numpy as np
import pytest
import tensorflow as tf

from stylizer.training.networks import Networks, ShortThenLong
from stylizer.training.tones import Copy


def test_learning_rate_holds_falls_to_a_fifth_and_on():
    schedule = ShortThenLong(1.0, short=100, steps=200, decay_from=0.5)
    at = {step: float(schedule(tf.constant(step))) for step in (0, 50, 75, 99, 100, 150, 200)}
    assert at[0] == at[50] == 1.0
    assert at[75] == pytest.approx(0.6)
    assert at[99] == pytest.approx(0.2, abs=0.01) and at[100] == pytest.approx(0.2)
    assert at[150] == pytest.approx(0.11)
    assert at[200] == pytest.approx(0.02)


def test_learning_rate_of_short_steps_alone_falls_to_next_to_nothing_and_of_long_ones_alone_starts_at_a_fifth():
    assert float(ShortThenLong(1.0, 100, 100, 0.5)(tf.constant(99))) == pytest.approx(0.02, abs=0.005)
    assert float(ShortThenLong(1.0, 0, 100, 0.5)(tf.constant(0))) == pytest.approx(0.2)


def test_same_seed_same_weights_and_average_begins_at_the_generator(lean):
    a, b = Networks(lean()), Networks(lean())
    for x, y, z in zip(a.generator.get_weights(), b.generator.get_weights(), a.ema.get_weights(), strict=True):
        assert (x == y).all() and (x == z).all()


def test_judges_are_used_to_the_style_samples(lean):
    networks = Networks(lean())
    samples = tf.random.stateless_uniform([4, 64, 64, 3], [1, 2])
    networks.look_at(samples)
    for judge in (networks.discriminator, networks.discriminator_local):
        for features, centre, spread in zip(networks.judged_features(samples), judge.centres, judge.spreads,
                                            strict=True):
            np.testing.assert_allclose(centre, tf.reduce_mean(features, [0, 1, 2]), atol=1e-4)
            np.testing.assert_allclose(spread, tf.math.reduce_std(features, [0, 1, 2]) + 0.01, atol=1e-4)


def test_grain_reaches_what_draws_and_not_what_draws_back(lean):
    networks = Networks(lean())
    grain = np.random.default_rng(0).standard_normal((1, 128, 128, 4)).astype(np.float32)
    networks.set_grain(grain)
    for net in (networks.generator, networks.ema):
        np.testing.assert_array_equal(net.grain, grain)
    assert not networks.generator_back.grain.numpy().any()


def test_starts_from_what_can_be_copied(lean):
    networks = Networks(lean())
    grey = Copy(np.full((3, 3), 1.0, np.float32), np.full(3, -1.5, np.float32))
    colour = Copy(5 * np.eye(3, dtype=np.float32), np.full(3, -2.5, np.float32))
    networks.start_from(grey, colour, 0.1)
    photo = tf.random.stateless_uniform([1, 64, 64, 3], [1, 2], 0.3, 0.7)
    still = tf.zeros([1, 32, 32, 4])
    drawn, back = networks.generator(photo, grain=still).numpy(), networks.generator_back(photo).numpy()
    assert np.ptp(drawn, axis=-1).mean() < 0.3 * np.ptp(photo, axis=-1).mean()
    assert np.abs(back - photo).mean() < 0.1
    np.testing.assert_array_equal(networks.ema(photo, grain=still), drawn)
