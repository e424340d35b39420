"""Costs that can be counted by hand."""

import numpy as np
import tensorflow as tf

from stylizer.evaluation.cost import load, size_of, times_ms

CALL = tf.TensorSpec([1, 16, 16, 3])


def kernel(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def network(x):
    x = tf.nn.conv2d(x, kernel(3, 3, 3, 8), 2, "SAME") + np.arange(1, 9, dtype=np.float32)
    x = tf.nn.depthwise_conv2d(x, kernel(5, 5, 8, 1), [1, 1, 1, 1], "SAME")
    return tf.nn.conv2d_transpose(x, kernel(2, 2, 3, 8), [1, 16, 16, 3], 2, "SAME")


def test_macs_and_parameters():
    concrete = tf.function(network, input_signature=[CALL]).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    converter.target_spec.supported_types = [tf.float16]
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    for content in (tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert(), converter.convert()):
        cost = size_of(content)
        # at 8 x 8 each: convolution, depthwise one, and the transposed one, which is applied at its input
        assert cost["macs"] == 64 * (3 * 3 * 3 * 8 + 5 * 5 * 8 + 2 * 2 * 3 * 8)
        weights = 3 * 3 * 3 * 8 + 5 * 5 * 8 + 2 * 2 * 3 * 8
        assert weights + 8 <= cost["parameters"] <= weights + 8 + 8 + 3  # the converter adds biases of zeros
        assert cost["bytes"] == len(content)


def test_files_are_timed_in_turn(small_models):
    taken = times_ms([load(small_models[kind]).invoke for kind in ("int8", "float16")], rounds=3)
    assert taken.shape == (3, 2) and np.isfinite(taken).all() and (taken > 0).all()
