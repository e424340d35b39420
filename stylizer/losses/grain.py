"""Flat areas are filled with the style's strokes: the grain, as strong as the style draws at that tone.

Where a photo, simplified as the style does it, has nothing but tone, no loss
that compares statistics keeps a network from weaving a regular grid. But there
the result is known in advance: the tone as the style has it, and the grain on top.
Brush strokes follow the form instead: they are the same everywhere but for their direction. Under them lie dabs.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from stylizer.layers.laid_strokes import laid_along
from stylizer.layers.stroke_bank import clearness, dabs_along, deviations_along, strokes_along
from stylizer.losses.structure import local_mean, luma
from stylizer.losses.tone import ToneCurve, at_level, blur, transport_tones

# deviation of the photo's luma around a place from which on it is not flat
UNEVEN = 0.03
AROUND_PX = 18
# between tones that are led by the form and those that are not
LED_SOFTLY = 0.3


class Grain(NamedTuple):
    """Strokes of a style.

    noise: float32 [S, S] in pixels, periodic, of mean 0 and deviation 1, cut at 3.
    strength: float32 [LEVELS], what the noise is multiplied by where the style's luma is 0, 1/(LEVELS-1) .. 1.
    in_detail: share of that strength where there is more than a tone.
    along_form: the strokes are not the noise itself but follow the form, see layers/stroke_bank.py.
    dabs: what dabs under such strokes are lighter and darker by, relative to the tone.
    led_below: tones darker than this, of 1, are filled with strokes along the form where it runs clearly, as hair does,
      whatever fills the rest; 0 for none.
    clouds: deviation of the clouds in the noise, over that of the rest; for words alone.
    evenly: how evenly it fills what it was told by, see `training.grain.evenness`.
    laid: the tones are laid in strokes of one colour each along the form, see layers/laid_strokes.py; dabs are then
      how far the tones of these strokes are apart.
    """

    noise: np.ndarray
    strength: np.ndarray
    in_detail: float = 1.0
    along_form: bool = False
    dabs: float = 0.0
    led_below: float = 0.0
    clouds: float = 0.0
    laid: bool = False
    evenly: float = 1.0


def for_generator(noise: tf.Tensor) -> tf.Tensor:
    """Noise [B, H, W, 1] as a generator takes it, the pixels of each 2 x 2 cell as channels: [B, H / 2, W / 2, 4]."""
    return tf.nn.space_to_depth(noise, 2)


def grained(simplified: tf.Tensor, flat: tf.Tensor, face_mask: tf.Tensor, noise: tf.Tensor, grain: Grain,
            face: ToneCurve, surroundings: ToneCurve) -> tf.Tensor:
    """Simplified photos in the style's tones, its contours and its strokes over them.

    Args:
      simplified: [B, H, W, 4] in [0, 1], colours and contours as data/simplification.py makes them.
      flat: [B, H, W, 1], see `flatness`. face_mask: [B, H, W, 1].
      noise: [B or 1, H, W, 1], the grain's noise, or a piece of it.
      face, surroundings: tone transports.

    Returns:
      [B, H, W, 3] in [0, 1].
    """
    tones = transport_tones(simplified[..., :3], face_mask, face, surroundings)
    size, y = simplified.shape[1:3], luma(simplified[..., :3])
    if grain.laid:
        tones = laid_along(tones, noise, y, grain.dabs)
    elif grain.dabs:
        tones *= 1.0 + grain.dabs * dabs_along(noise, y)
    # the strength changes slowly: half the size is enough, and a quarter of the cost
    tone = luma(blur(tones, 2))
    share = grain.in_detail + (1.0 - grain.in_detail) * blur(flat, 2)
    strokes = strokes_along(noise, y) if grain.along_form else noise
    if grain.led_below:
        led = clearness(blur(y, 2)) * tf.clip_by_value((grain.led_below - tone) / LED_SOFTLY + 0.5, 0.0, 1.0)
        strokes += tf.image.resize(led, size) * (strokes_along(noise, y, deviations_along(grain.noise)) - strokes)
        share += led * (1.0 - share)  # strokes that follow what is there do not hide it
    strokes *= tf.image.resize(at_level(grain.strength[:, None], tone) * share, size)
    return tf.clip_by_value(tones * (1.0 - simplified[..., 3:]) + strokes, 0.0, 1.0)


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
