"""A convolution whose weights are part of the design: neither learned nor kept among a network's weights."""

from typing import Any

import numpy as np
import tensorflow as tf


class FixedConvolution(tf.keras.layers.Layer):
    """Convolves by `kernel`, float [h, w, C, D], stride 1, what lies outside being 0: [B, H, W, C] -> [B, H, W, D].
    """

    def __init__(self, kernel: np.ndarray, **of_every_layer: Any):
        super().__init__(**of_every_layer)
        self.kernel = np.asarray(kernel, np.float32)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.nn.conv2d(inputs, tf.constant(self.kernel, inputs.dtype), 1, "SAME")

    def get_config(self) -> dict:
        return {**super().get_config(), "kernel": self.kernel.tolist()}
