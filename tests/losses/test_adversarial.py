"""Known answers of the least-squares GAN."""

import numpy as np
import tensorflow as tf

from stylizer.losses.adversarial import discriminator_loss, generator_loss


def test_perfect_judge_and_fooled_judge():
    ones, zeros = tf.ones([2, 3, 3, 1]), tf.zeros([2, 3, 3, 1])
    np.testing.assert_array_equal(discriminator_loss([ones], [zeros]), [0, 0])
    np.testing.assert_array_equal(discriminator_loss([zeros], [ones]), [2, 2])
    np.testing.assert_array_equal(generator_loss([zeros, ones]), [0.5, 0.5])


def test_examples_do_not_mix():
    scores = tf.concat([tf.ones([1, 2, 2, 1]), tf.zeros([1, 2, 2, 1])], 0)
    np.testing.assert_array_equal(generator_loss([scores]), [0, 1])
