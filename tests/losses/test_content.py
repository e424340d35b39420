"""Content: blind to a change of colours, not to a change of place."""

import numpy as np
import tensorflow as tf

from stylizer.losses.content import content_loss


def test_style_statistics_are_taken_out():
    image = tf.random.stateless_uniform([2, 16, 16, 3], [1, 1])
    recoloured = image * tf.constant([0.5, 0.3, 0.8]) + tf.constant([0.1, 0.2, 0.0])
    assert float(tf.reduce_max(content_loss([recoloured], [image]))) < 0.05
    assert float(tf.reduce_min(content_loss([image[:, ::-1]], [image]))) > 0.5


def test_photo_gets_no_gradient():
    photo, result = tf.random.stateless_uniform([1, 8, 8, 3], [1, 2]), tf.random.stateless_uniform([1, 8, 8, 3], [1, 3])
    with tf.GradientTape() as tape:
        tape.watch([photo, result])
        loss = content_loss([result], [photo])
    to_photo, to_result = tape.gradient(loss, [photo, result])
    assert to_photo is None and np.abs(to_result).max() > 0
