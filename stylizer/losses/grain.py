"""Flat areas are filled with the style's strokes: the grain, as strong as the style draws at that tone.

Where a photo has nothing but tone, no loss that compares statistics keeps a
network from weaving a regular grid. But there the result is known in advance:
the photo's tone as the style has it, and the grain on top.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from stylizer.losses.structure import local_mean, luma
from stylizer.losses.tone import ToneCurve, at_level, blur, transport_tones

# deviation of the photo's luma around a place from which on it is not flat
UNEVEN = 0.03
AROUND_PX = 18


class Grain(NamedTuple):
    """Strokes of a style.

    noise: float32 [S, S] in pixels, periodic, of mean 0 and deviation 1, cut at 3.
    strength: float32 [LEVELS], what the noise is multiplied by where the style's luma is 0, 1/(LEVELS-1) .. 1.
    """

    noise: np.ndarray
    strength: np.ndarray


def for_generator(noise: tf.Tensor) -> tf.Tensor:
    """Noise [B, H, W, 1] as a generator takes it, the pixels of each 2 x 2 cell as channels: [B, H / 2, W / 2, 4]."""
    return tf.nn.space_to_depth(noise, 2)


def grained(photos: tf.Tensor, face_mask: tf.Tensor, noise: tf.Tensor, strength: np.ndarray, face: ToneCurve,
            surroundings: ToneCurve) -> tf.Tensor:
    """Photos in the style's tones with its strokes over them.

    Args:
      photos: [B, H, W, 3] in [0, 1]. face_mask: [B, H, W, 1].
      noise, strength: see `Grain`; noise [B, H, W, 1].
      face, surroundings: tone transports.

    Returns:
      [B, H, W, 3] in [0, 1].
    """
    # at half size, a quarter of the cost: what is flat is the same there
    tones = transport_tones(blur(photos, 2), blur(face_mask, 2), face, surroundings)
    amount = at_level(strength, luma(tones))
    full = tf.image.resize(tf.concat([tones, amount], -1), photos.shape[1:3])
    return tf.clip_by_value(full[..., :3] + full[..., 3:] * noise, 0.0, 1.0)


def flatness(photos: tf.Tensor) -> tf.Tensor:
    """1 where photos [B, H, W, 3] show nothing but a tone, 0 where they show something: [B, H, W, 1]."""
    y = luma(blur(photos, 2))
    variance = tf.nn.relu(local_mean(tf.square(y), AROUND_PX // 2) - tf.square(local_mean(y, AROUND_PX // 2)))
    return tf.repeat(tf.repeat(tf.exp(-variance / UNEVEN**2), 2, 1), 2, 2)


def grain_loss(results: tf.Tensor, wanted: tf.Tensor, where: tf.Tensor | float = 1.0) -> tf.Tensor:
    """L1 between the strokes of results and of `grained` pictures, both [B, H, W, 3], counted `where` it is 1: [B].

    Strokes are what is left of the luma without its local mean: beside an error of tone, which other losses see to,
    L1 would not notice them.
    """
    difference = luma(results - wanted)
    return tf.reduce_mean(where * tf.abs(difference - local_mean(difference, AROUND_PX)), axis=[1, 2, 3])
