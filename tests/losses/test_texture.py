"""Texture: blind to where, not to how strongly."""

import numpy as np
import tensorflow as tf

from stylizer.losses.texture import texture_loss


def test_place_does_not_matter_and_strength_does():
    strokes = tf.random.stateless_uniform([2, 16, 16, 4], [1, 1])
    moved = tf.roll(strokes, [3, 5], [1, 2])
    np.testing.assert_allclose(texture_loss([moved], [strokes]), [0, 0], atol=1e-5)
    assert float(tf.reduce_min(texture_loss([0.5 * strokes], [strokes]))) > 0.5


def test_known_answer():
    # means 1 apart, deviations equal to 1: relative to a spread of 1 that is a distance of 1
    sample = tf.constant(np.tile([[-1.0, 1.0], [1.0, -1.0]], (4, 4)).reshape(1, 8, 8, 1), tf.float32)
    np.testing.assert_allclose(texture_loss([sample + 1.0], [sample]), [1.0], rtol=2e-3)


def test_sample_gets_no_gradient():
    sample, result = tf.unstack(tf.random.stateless_uniform([2, 1, 8, 8, 3], [1, 2]))
    with tf.GradientTape() as tape:
        tape.watch([sample, result])
        loss = texture_loss([result], [sample])
    to_sample, to_result = tape.gradient(loss, [sample, result])
    assert to_sample is None and np.abs(to_result).max() > 0
