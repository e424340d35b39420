"""R1 (Mescheder et al. 2018): the discriminator is flat where the real pictures are."""

from collections.abc import Callable

import tensorflow as tf


def r1_penalty(judge: Callable[[tf.Tensor], list[tf.Tensor]], images: tf.Tensor) -> tf.Tensor:
    """Half the squared gradient norm of the mean score at real pictures.

    Args:
      judge: images [B, H, W, 3] -> list of score maps [B, h, w, 1].
      images: real pictures.

    Returns:
      [B] float32, one penalty per example (multiply by the weight gamma). Each map counts
      by its mean score, scaled so that the penalty does not depend on the picture's size.
    """
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.add_n([tf.reduce_sum(tf.reduce_mean(s, axis=[1, 2, 3])) for s in judge(images)])
    gradient = tf.cast(tape.gradient(total, images), tf.float32)
    # one judged patch for 8 x 8 pixels: this makes it the squared gradient of a single patch's score
    patches = tf.cast(tf.shape(images)[1] * tf.shape(images)[2], tf.float32) / 64.0
    return 0.5 * patches * tf.reduce_sum(tf.square(gradient), axis=[1, 2, 3])
