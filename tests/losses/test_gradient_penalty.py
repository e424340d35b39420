"""R1 has a closed form for a linear judge."""

import numpy as np
import tensorflow as tf

from stylizer.losses.gradient_penalty import r1_penalty


def test_linear_judge():
    def judge(images):
        return [tf.reduce_sum(images, axis=[1, 2, 3], keepdims=True) * 0.5]

    # the gradient is 0.5 in every one of 16 * 16 * 3 values, and there are 4 judged patches
    penalty = r1_penalty(judge, tf.zeros([2, 16, 16, 3]))
    np.testing.assert_allclose(penalty, [0.5 * 4 * 0.25 * 768] * 2)


def test_constant_judge_costs_nothing():
    np.testing.assert_array_equal(r1_penalty(lambda x: [x[..., :1] * 0.0], tf.ones([1, 16, 16, 3])), [0])
