"""A convolution whose weights are part of the design: neither learned nor kept among a network's weights."""

from typing import Any

import numpy as np
import tensorflow as tf


class FixedConvolution(tf.keras.layers.Layer):
    """Convolves by `kernel`, float [h, w, C, D], stride 1, outside being 0, and adds `bias`, [D] or a number:
    [B, H, W, C] -> [B, H, W, D]."""

    def __init__(self, kernel: np.ndarray, bias: np.ndarray | float = 0.0, **of_every_layer: Any):
        super().__init__(**of_every_layer)
        self.kernel, self.bias = np.asarray(kernel, np.float32), np.asarray(bias, np.float32)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        convolved = tf.nn.conv2d(inputs, tf.constant(self.kernel, inputs.dtype), 1, "SAME")
        return convolved + tf.cast(self.bias, inputs.dtype) if self.bias.any() else convolved

    def get_config(self) -> dict:
        return {**super().get_config(), "kernel": self.kernel.tolist(), "bias": self.bias.tolist()}
