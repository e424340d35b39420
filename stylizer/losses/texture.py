"""Strokes in the right places: statistics of VGG16 features agree between result and aligned style sample.

Channel means and deviations (Huang & Belongie 2017) say how a region is
painted, whatever is painted there. Between unaligned pictures they would mix
hair with skin; here the sample has been bent onto the photo's landmarks, so
the same window shows the same part of the face in both.
"""

import tensorflow as tf


def texture_loss(results: list[tf.Tensor], samples: list[tf.Tensor]) -> tf.Tensor:
    """Distance of channel means and deviations, relative to the sample's spread.

    Args:
      results, samples: feature maps [B, h, w, C] of the result and of the style sample, a list of layers each;
        samples get no gradient.

    Returns:
      [B] float32, the mean over the layers; 0 if the statistics agree.
    """
    losses = []
    for result, sample in zip(results, samples, strict=True):
        mean, deviation = _statistics(result)
        wanted_mean, wanted_deviation = (tf.stop_gradient(s) for s in _statistics(sample))
        scale = tf.reduce_mean(wanted_deviation, -1, keepdims=True) + 1e-3
        distance = tf.abs(mean - wanted_mean) + tf.abs(deviation - wanted_deviation)
        losses.append(tf.reduce_mean(distance / scale, -1))
    return tf.add_n(losses) / len(losses)


def _statistics(features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    mean, variance = tf.nn.moments(tf.cast(features, tf.float32), axes=[1, 2])
    return mean, tf.sqrt(variance + 1e-6)
