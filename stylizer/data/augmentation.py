"""Random windows and random changes of pictures, inside the compiled training step.

Every random number belongs to (seed, step, slot), `slot` being the example's
place in the *global* batch: one replica, two replicas and an interrupted run
that goes on all draw the same ones.
"""

import math
from typing import NamedTuple

import tensorflow as tf

from stylizer.config import AugmentConfig


class StepRandom:
    """Random numbers of one step, for the examples at hand.

    Args:
      seed: of the run.
      step: int32 scalar tensor.
      slots: int32 [B], places of the examples in the global batch.
      global_batch_size: of the step over all replicas.
    """

    def __init__(self, seed: int, step: tf.Tensor, slots: tf.Tensor, global_batch_size: int):
        self._seed, self._step, self._slots, self._global = seed, step, slots, global_batch_size
        self._draws = 0

    def uniform(self, columns: int, low: float = 0.0, high: float = 1.0) -> tf.Tensor:
        """[B, columns] float32 in [low, high); each call draws anew."""
        return tf.gather(self._draw([self._global, columns], low, high), self._slots)

    def uniform_of_step(self, columns: int, low: float = 0.0, high: float = 1.0) -> tf.Tensor:
        """[columns] float32 in [low, high), the same for all examples of the step."""
        return self._draw([columns], low, high)

    def _draw(self, shape: list[int], low: float, high: float) -> tf.Tensor:
        self._draws += 1
        key = _mixed(_mixed(tf.constant([self._seed % 2**32], tf.uint32)) + tf.cast(self._step, tf.uint32))
        key = _mixed(key + tf.constant(self._draws, tf.uint32))
        bits = _mixed(key + tf.cast(tf.range(math.prod(shape)), tf.uint32))
        # 24 bits are what a float32 holds
        uniform = tf.cast(tf.bitwise.right_shift(bits, tf.constant(8, tf.uint32)), tf.float32) * 2.0**-24
        return low + (high - low) * tf.reshape(uniform, shape)


def _mixed(values: tf.Tensor) -> tf.Tensor:
    """Hash of uint32: every bit in changes each bit out half the time (C. Wellons, "lowbias32", 2018).

    Ours, because TensorFlow's stateless generators give other numbers under XLA than in the plain graph.
    """
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B), (16, None)):
        values = tf.bitwise.bitwise_xor(values, tf.bitwise.right_shift(values, tf.constant(shift, tf.uint32)))
        if factor is not None:
            values *= tf.constant(factor, tf.uint32)
    return values


def random_windows(centres: tf.Tensor, random: StepRandom, side_min: float, side_max: float, side_px: int,
                   frame_px: int, rescaled: float) -> tf.Tensor:
    """Square windows inside the frame that hold `centres` somewhere in their middle four fifths.

    Args:
      centres: [B, 2] normalised (x, y).
      side_min, side_max: of windows whose side is drawn at random, as shares of the frame.
      side_px, frame_px: pixels of the window that is cut out, and of the frame.
      rescaled: share of such windows. The others are `side_px` wide and begin on a whole pixel, so that cutting them
        out leaves every pixel as it is: interpolation takes the edge off lines and half of the power of fine strokes.

    Returns:
      [B, 4] edges (x0, y0, x1, y1), normalised.
    """
    free = random.uniform(1) < rescaled
    side = tf.where(free, random.uniform(1, side_min, side_max), side_px / frame_px)
    offset = random.uniform(2, -0.4, 0.4) * side
    low = tf.clip_by_value(centres + offset - side / 2, 0.0, 1.0 - side)
    low = tf.where(free, low, tf.round(low * frame_px) / frame_px)
    return tf.concat([low, low + side], -1)


class PhotoAugmentation(NamedTuple):
    """Another exposure, and a softer lens now and then; [B, 1, 1, 1] each."""

    contrast: tf.Tensor
    brightness: tf.Tensor
    soft: tf.Tensor  # 1 or 0


def draw_photo_augmentation(random: StepRandom, config: AugmentConfig) -> PhotoAugmentation:
    return PhotoAugmentation(
        contrast=1.0 + _column(random.uniform(1, -1.0, 1.0)) * config.photo_contrast,
        brightness=_column(random.uniform(1, -1.0, 1.0)) * config.photo_brightness,
        soft=tf.cast(_column(random.uniform(1)) < config.photo_blur, tf.float32))


def augment_photos(images: tf.Tensor, change: PhotoAugmentation) -> tf.Tensor:
    """[B, H, W, 3] float in [0, 1] -> the same."""
    halved = tf.nn.avg_pool2d(images, 2, 2, "SAME")
    blurred = tf.image.resize(halved, tf.shape(images)[1:3], method="bilinear")
    return expose(images + change.soft * (blurred - images), change)


def expose(images: tf.Tensor, change: PhotoAugmentation) -> tf.Tensor:
    """The exposure alone: what is drawn of a soft photo need not be soft."""
    return tf.clip_by_value((images - 0.5) * change.contrast + 0.5 + change.brightness, 0.0, 1.0)


def random_grain(noise: tf.Tensor, random: StepRandom, size: tuple[int, int]) -> tf.Tensor:
    """Pieces of a periodic noise, each from another even place: [1, S, S, 1] -> [B, *size, 1], `size` (height, width).
    """
    side = noise.shape[1]
    corner = 2 * tf.cast(random.uniform(2, 0.0, side / 2), tf.int32)
    rows, columns = ((corner[:, axis, None] + tf.range(size[axis])[None]) % side for axis in (0, 1))
    return tf.gather(tf.gather(noise[0], rows), columns, axis=2, batch_dims=1)


class JudgeAugmentation(NamedTuple):
    """What the discriminators' pictures go through; [B, 1, 1, 1] each, cutout corners [B, 2]."""

    brightness: tf.Tensor
    contrast: tf.Tensor
    saturation: tf.Tensor
    cutout_low: tf.Tensor
    cutout_side: float


def draw_judge_augmentation(random: StepRandom, config: AugmentConfig) -> JudgeAugmentation:
    return JudgeAugmentation(
        brightness=_column(random.uniform(1, -1.0, 1.0)) * config.judge_brightness,
        contrast=1.0 + _column(random.uniform(1, -1.0, 1.0)) * config.judge_contrast,
        saturation=1.0 + _column(random.uniform(1, -1.0, 1.0)) * config.judge_saturation,
        cutout_low=random.uniform(2) * (1.0 + config.judge_cutout) - config.judge_cutout,
        cutout_side=config.judge_cutout)


def augment_judged(images: tf.Tensor, change: JudgeAugmentation) -> tf.Tensor:
    """Differentiable augmentation (DiffAugment, Zhao et al. 2020) of real and generated pictures alike.

    images [B, H, W, 3] float in about [0, 1] -> the same shape.
    """
    dtype = images.dtype
    grey = tf.reduce_mean(images, -1, keepdims=True)
    images = grey + (images - grey) * tf.cast(change.saturation, dtype)
    mean = tf.reduce_mean(images, [1, 2, 3], keepdims=True)
    images = mean + (images - mean) * tf.cast(change.contrast, dtype) + tf.cast(change.brightness, dtype)
    height, width = images.shape[1], images.shape[2]

    def inside(low: tf.Tensor, size: int) -> tf.Tensor:
        place = (tf.range(size, dtype=tf.float32) + 0.5) / size
        return tf.cast((place >= low[:, None]) & (place < low[:, None] + change.cutout_side), dtype)

    hole = inside(change.cutout_low[:, 1], height)[:, :, None] * inside(change.cutout_low[:, 0], width)[:, None, :]
    return images * (1.0 - hole[..., None]) + 0.5 * hole[..., None]


def _column(values: tf.Tensor) -> tf.Tensor:
    return values[:, :, tf.newaxis, tf.newaxis]
