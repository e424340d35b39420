"""Files that a phone's GPU would not run whole are refused by name of what is in the way."""

import numpy as np
import pytest
import tensorflow as tf

from stylizer.errors import RunError
from stylizer.export.operations import require_gpu_operations


def _tflite(function, shape) -> bytes:
    concrete = tf.function(function).get_concrete_function(tf.TensorSpec(shape))
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert()


@pytest.mark.parametrize("kind", ["int8", "float16"])
def test_ours_pass(kind, small_models):
    require_gpu_operations(small_models[kind], kind)


def test_foreign_operations_are_named():
    with pytest.raises(RunError, match="m: holds LEAKY_RELU, which the mobile GPU does not run; not written"):
        require_gpu_operations(_tflite(tf.nn.leaky_relu, [1, 8, 8, 3]), "m")


def test_known_operations_used_as_the_gpu_cannot_are_refused():
    kernel = tf.constant(np.ones((3, 3, 4, 4), np.float32))

    def of_a_computed_kernel(x):  # a convolution whose weights are no constant
        return tf.nn.conv2d(x, kernel * tf.reduce_max(x), 1, "SAME")

    with pytest.raises(RunError, match="m: "):
        require_gpu_operations(_tflite(of_a_computed_kernel, [1, 8, 8, 4]), "m")
