"""R1 (Mescheder et al. 2018): the discriminator is flat where the real pictures are."""

from collections.abc import Callable, Sequence

import tensorflow as tf


def r1_penalty(judge: Callable[[Sequence[tf.Tensor]], list[tf.Tensor]], inputs: Sequence[tf.Tensor]) -> tf.Tensor:
    """Half the squared gradient norm of the scores at real pictures.

    Args:
      judge: inputs -> list of score maps [B, h, w, 1].
      inputs: what the judge sees of real pictures, a list of [B, ...].

    Returns:
      [B] float32, one penalty per example (multiply by the weight gamma). Each map counts by its mean score, and the
      gradient is scaled by the number of scores, so that the penalty does not depend on the picture's size.
    """
    inputs = [tf.convert_to_tensor(each) for each in inputs]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        scores = judge(inputs)
        total = tf.add_n([tf.reduce_sum(tf.reduce_mean(s, axis=[1, 2, 3])) for s in scores])
    patches = tf.reduce_mean([tf.cast(tf.reduce_prod(tf.shape(s)[1:]), tf.float32) for s in scores])
    squares = [tf.reduce_sum(tf.square(tf.cast(g, tf.float32)), axis=list(range(1, len(g.shape))))
               for g in tape.gradient(total, inputs)]
    return 0.5 * patches * tf.add_n(squares)
