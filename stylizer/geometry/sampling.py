"""Bilinear sampling of pictures and feature maps at arbitrary points, and the grids that cut windows out of them.

Points are (x, y) in [0, 1] of width and height. The centre of the pixel in
column i and row j of a W x H map lies at ((i + 0.5) / W, (j + 0.5) / H), so a
point means the same place in a picture and in a feature map of any size.
"""

from collections.abc import Callable

import tensorflow as tf


def sample_bilinear(images: tf.Tensor, points: tf.Tensor) -> tf.Tensor:
    """Reads `images` at `points`; beyond the outermost pixel centres the edge is repeated.

    Differentiable in both arguments. The gradient in the points is that of the
    bilinear patch each falls in, zero along an axis where the point lies beyond
    the edge. Second derivatives are correct, too, where they exist.

    Args:
      images: float [B, H, W, C].
      points: float [B, h, w, 2], normalised (x, y).

    Returns:
      [B, h, w, C], dtype of `images`; interpolated in float32.
    """
    images = tf.convert_to_tensor(images)
    _, height, width, _ = _shape(images)
    position_px = tf.cast(points, tf.float32) * tf.cast(tf.stack([width, height]), tf.float32) - 0.5
    sampled = _interpolate(_at_least_2x2(tf.cast(images, tf.float32)), position_px)
    return tf.cast(sampled, images.dtype)


def window_grid(windows: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """Pixel centres of pictures of `size` that cover `windows` exactly.

    Args:
      windows: float [B, 4], edges (x0, y0, x1, y1), normalised; may reach beyond the frame.
      size: (h, w) of the pictures.

    Returns:
      float32 [B, h, w, 2] normalised (x, y) in the frame that the windows are given in.
    """
    windows = tf.cast(windows, tf.float32)[:, tf.newaxis, tf.newaxis, :]
    height, width = size
    x = (tf.range(width, dtype=tf.float32) + 0.5) / width
    y = (tf.range(height, dtype=tf.float32) + 0.5) / height
    unit = tf.stack(tf.meshgrid(x, y), axis=-1)
    return windows[..., :2] + unit * (windows[..., 2:] - windows[..., :2])


def crop_windows(images: tf.Tensor, windows: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """Cuts one window out of each picture and resizes it to `size`, bilinearly and without low-pass.

    Args:
      images: float [B, H, W, C].
      windows: float [B, 4], edges (x0, y0, x1, y1), normalised; beyond the frame the edge is repeated.
      size: (h, w) of the result.

    Returns:
      [B, h, w, C], dtype of `images`.
    """
    return sample_bilinear(images, window_grid(windows, size))


@tf.custom_gradient
def _interpolate(images: tf.Tensor, position_px: tf.Tensor) -> tuple[tf.Tensor, Callable]:
    """Bilinear interpolation at (column, row) `position_px`; `images` float32 of at least 2 x 2 pixels."""
    # Each row of `patches` holds the 2x2 pixels around a point, so that forward is one gather and
    # backward one scatter per point: four of each, on rows a quarter as long, are several times slower.
    batch, height, width, channels = _shape(images)
    patches = tf.reshape(
        tf.concat([images[:, :-1, :-1], images[:, :-1, 1:], images[:, 1:, :-1], images[:, 1:, 1:]], axis=-1),
        [-1, 4 * channels])
    last = tf.cast(tf.stack([width - 1, height - 1]), tf.float32)
    clamped = tf.clip_by_value(position_px, 0.0, last)
    corner = tf.minimum(tf.floor(clamped), last - 1.0)
    fraction = clamped - corner
    column, row = tf.unstack(tf.cast(corner, tf.int32), axis=-1)
    index = (tf.range(batch)[:, tf.newaxis, tf.newaxis] * (height - 1) + row) * (width - 1) + column
    top_left, top_right, bottom_left, bottom_right = tf.split(tf.gather(patches, index), 4, axis=-1)
    fx, fy = fraction[..., :1], fraction[..., 1:]
    top = top_left + fx * (top_right - top_left)
    bottom = bottom_left + fx * (bottom_right - bottom_left)

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        lower, right = upstream * fy, upstream * fx
        both = lower * fx
        shares = tf.concat([upstream - lower - right + both, right - both, lower - both, both], axis=-1)
        summed = tf.math.unsorted_segment_sum(
            tf.reshape(shares, [-1, 4 * channels]), tf.reshape(index, [-1]), batch * (height - 1) * (width - 1))
        quarters = tf.split(tf.reshape(summed, [batch, height - 1, width - 1, 4 * channels]), 4, axis=-1)
        first, second = (0, 1), (1, 0)
        d_images = tf.add_n([
            tf.pad(quarter, [(0, 0), vertical, horizontal, (0, 0)])
            for quarter, (vertical, horizontal) in zip(
                quarters, [(first, first), (first, second), (second, first), (second, second)], strict=True)])
        along_x = (top_right - top_left) * (1.0 - fy) + (bottom_right - bottom_left) * fy
        slope = tf.stack([tf.reduce_sum(upstream * d, axis=-1) for d in (along_x, bottom - top)], axis=-1)
        inside = (position_px >= 0.0) & (position_px <= last)
        return d_images, tf.where(inside, slope, 0.0)

    return top + fy * (bottom - top), gradient


def _at_least_2x2(images: tf.Tensor) -> tf.Tensor:
    for axis in (1, 2):
        if images.shape[axis] == 1:
            images = tf.repeat(images, 2, axis=axis)
    return images


def _shape(tensor: tf.Tensor) -> list:
    dynamic = tf.shape(tensor)
    return [dynamic[i] if static is None else static for i, static in enumerate(tensor.shape)]
