"""It convolves by what it was told, and learns and stores nothing."""

import numpy as np
import tensorflow as tf

from stylizer.layers.fixed_convolution import FixedConvolution


def test_convolves_by_its_kernel():
    images = np.random.default_rng(0).standard_normal((2, 5, 6, 3)).astype(np.float32)
    kernel = np.random.default_rng(1).standard_normal((1, 1, 3, 4))
    np.testing.assert_allclose(FixedConvolution(kernel)(images), images @ kernel[0, 0], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(FixedConvolution(kernel, 0.5)(images), images @ kernel[0, 0] + 0.5, rtol=1e-5, atol=1e-5)


def test_what_lies_outside_is_zero():
    drawn = FixedConvolution(np.ones((3, 3, 1, 1)))(tf.ones([1, 3, 3, 1]))
    np.testing.assert_array_equal(drawn[0, :, :, 0], [[4, 6, 4], [6, 9, 6], [4, 6, 4]])


def test_has_no_weights():
    layer = FixedConvolution(np.ones((1, 1, 3, 4)))
    layer(tf.ones([1, 2, 2, 3]))
    assert layer.weights == []


def test_computes_in_the_type_of_its_policy():
    layer = FixedConvolution(np.ones((1, 1, 3, 4)), dtype="mixed_bfloat16")
    assert layer(tf.ones([1, 2, 2, 3])).dtype == tf.bfloat16


def test_is_the_same_after_its_config_was_written_and_read():
    layer = FixedConvolution(np.arange(12.0).reshape(1, 1, 3, 4), 0.5, name="mixed_s2")
    again = FixedConvolution.from_config(layer.get_config())
    images = tf.random.stateless_uniform([1, 4, 4, 3], [1, 2])
    assert again.name == "mixed_s2"
    np.testing.assert_array_equal(again(images), layer(images))
