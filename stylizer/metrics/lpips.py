"""LPIPS, the learned perceptual distance between two pictures, on VGG16's features.

R. Zhang, P. Isola, A. A. Efros, E. Shechtman, O. Wang, "The unreasonable
effectiveness of deep features as a perceptual metric", CVPR 2018, version 0.1
with linear layers.
"""

import functools

import tensorflow as tf

from stylizer.layers.vgg16 import FEATURES, build_vgg16, load_vgg16_weights


def lpips(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Perceptual distance of each couple of pictures, differentiable in both.

    Args:
      a: RGB float [B, H, W, 3] in [0, 1], sides of 16 pixels or more.
      b: as `a`.

    Returns:
      float32 [B], 0 for equal pictures; the distance of different ones rarely exceeds 1.

    Raises:
      AssetError: the weights could not be fetched.
      ValueError: the shapes differ, or are not those of RGB pictures.
    """
    a, b = tf.convert_to_tensor(a), tf.convert_to_tensor(b)
    if a.shape.rank != 4 or a.shape[-1] != 3 or not a.shape.is_compatible_with(b.shape):
        raise ValueError(f"LPIPS takes two batches [batch, height, width, 3] of one size, got {a.shape} and {b.shape}")
    return perceptual_distance(perceptual_features(a), perceptual_features(b))


def perceptual_features(pictures: tf.Tensor) -> dict[str, tf.Tensor]:
    """What `perceptual_distance` compares, for pictures that take part in several couples.

    Args:
      pictures: RGB float [B, H, W, 3] in [0, 1], sides of 16 pixels or more.

    Returns:
      by layer float32 [B, h, w, channels], of length 1 in each place.

    Raises:
      AssetError: the weights could not be fetched.
    """
    return {name: _unit(features) for name, features in _network()(pictures).items()}


def perceptual_distance(a: dict[str, tf.Tensor], b: dict[str, tf.Tensor]) -> tf.Tensor:
    """`lpips` of the pictures whose `perceptual_features` are a and b: float32 [B]."""
    distance = tf.zeros([])
    for name, weights in zip(FEATURES, load_vgg16_weights().lpips, strict=True):
        difference = tf.math.squared_difference(a[name], b[name])
        distance += tf.reduce_mean(tf.reduce_sum(difference * weights, axis=-1), axis=(1, 2))
    return distance


def _unit(features: tf.Tensor) -> tf.Tensor:
    """Each pixel's feature vector at length 1; a vector of zeros remains one, with a finite gradient."""
    return features * tf.math.rsqrt(tf.reduce_sum(features**2, axis=-1, keepdims=True) + 1e-20)


@functools.cache
def _network() -> tf.keras.Model:
    with tf.init_scope():  # the first call may come from inside a graph
        return build_vgg16()
