"""R1 has a closed form for a linear judge."""

import numpy as np
import tensorflow as tf

from stylizer.losses.gradient_penalty import r1_penalty


def test_linear_judge():
    def judge(inputs):
        a, b = inputs
        return [0.5 * tf.nn.avg_pool2d(a, 4, 4, "VALID") + 2.0 * b[:, :, :, :1]]

    # 16 scores of equal weight: the mean's gradient is 0.5 / 256 in each of 256 values and 2 / 16 in each of 16
    penalty = r1_penalty(judge, [tf.zeros([2, 16, 16, 1]), tf.zeros([2, 4, 4, 3])])
    np.testing.assert_allclose(penalty, [0.5 * 16 * (256 * (0.5 / 256) ** 2 + 16 * (2 / 16) ** 2)] * 2, rtol=1e-6)


def test_does_not_depend_on_the_size_of_the_picture():
    def judge(inputs):
        return [tf.reduce_sum(tf.square(inputs[0]), -1, keepdims=True)]

    small, large = (r1_penalty(judge, [tf.ones([1, side, side, 3])]) for side in (8, 32))
    np.testing.assert_allclose(small, large, rtol=1e-6)


def test_constant_judge_costs_nothing():
    np.testing.assert_array_equal(r1_penalty(lambda x: [x[0][..., :1] * 0.0], [tf.ones([1, 16, 16, 3])]), [0])
