"""Keeps the person: VGG16 features of photo and result agree (Johnson et al. 2016).

Features are compared after each channel's mean and deviation over the picture
are taken out (they carry the style, see texture.py): what is left says where
things are, not how they are painted.
"""

import tensorflow as tf


def content_loss(results: list[tf.Tensor], photos: list[tf.Tensor]) -> tf.Tensor:
    """Mean absolute difference of normalised feature maps.

    Args:
      results, photos: feature maps [B, h, w, C] of result and photo, a list of layers each; photos get no gradient.

    Returns:
      [B] float32, the mean over the layers.
    """
    distances = [tf.reduce_mean(tf.abs(_normalise(a) - tf.stop_gradient(_normalise(b))), axis=[1, 2, 3])
                 for a, b in zip(results, photos, strict=True)]
    return tf.add_n(distances) / len(distances)


def _normalise(features: tf.Tensor) -> tf.Tensor:
    features = tf.cast(features, tf.float32)
    mean, variance = tf.nn.moments(features, axes=[1, 2], keepdims=True)
    return (features - mean) * tf.math.rsqrt(variance + 1e-3)
