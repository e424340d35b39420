"""Keeps the person: VGG16 features of photo and result agree (Johnson et al. 2016).

Features are compared after each channel's mean and deviation over the picture
are taken out (the AdaIN statistics, which carry style): what is left says
where things are, not how they are painted.
"""

from collections.abc import Callable

import tensorflow as tf


def content_loss(features: Callable[[tf.Tensor], list[tf.Tensor]], photos: tf.Tensor, results: tf.Tensor) -> tf.Tensor:
    """Mean absolute difference of normalised feature maps.

    Args:
      features: RGB [B, H, W, 3] float32 in [0, 1] -> list of feature maps [B, h, w, C].
      photos, results: [B, H, W, 3] in [0, 1]; photos get no gradient.

    Returns:
      [B] float32, the mean over the maps.
    """
    wanted = [tf.stop_gradient(_normalise(f)) for f in features(tf.cast(photos, tf.float32))]
    got = [_normalise(f) for f in features(tf.cast(results, tf.float32))]
    distances = [tf.reduce_mean(tf.abs(a - b), axis=[1, 2, 3]) for a, b in zip(wanted, got, strict=True)]
    return tf.add_n(distances) / len(distances)


def _normalise(features: tf.Tensor) -> tf.Tensor:
    mean, variance = tf.nn.moments(features, axes=[1, 2], keepdims=True)
    return (features - mean) * tf.math.rsqrt(variance + 1e-3)
