"""Strokes in any direction, mixed from one noise: what a brush leaves that follows the form.

Noise that is smoothed along a direction looks like strokes in it (line integral convolution, Cabral & Leedom 1993).
A bank of eight such smoothings, mixed by weights at each place, is steered along any field of directions (Freeman &
Adelson 1991). The generator has the bank and learns the weights; here are also the weights that follow the contours
of a picture, which is what it learns them from.

The bank works at half the picture's size, where a cell of 2 x 2 pixels is one value. A broad brush leaves dabs: the
same at a quarter of the size, each dab of one tone with a clear end. Strokes move with the picture, by any fraction of
a cell: what is finer than cells can hold must be gone before it is sampled by them, or strokes change as they move
(aliasing). So the noise is smooth (training/grain.py), and dabs take the means of overlapping cells.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

DIRECTIONS = 8
# cells of half size, from the middle of a stroke's kernel to its border
REACH = 4
LENGTH, WIDTH = 2.5, 0.8  # deviations of a stroke along and across, in cells
DAB_LENGTH, DAB_WIDTH = 2.4, 1.15  # those of a dab, in cells of 4 x 4 pixels
# deviations, in cells, of the smoothing of the direction field, and the share of the wider one: it decides where
# nothing shows a direction clearly
NARROW, WIDE, WIDE_SHARE = 2.5, 10.0, 0.1
LOST = 0.78  # deviation of strokes that is left after they are mixed and enlarged, of smooth noise of deviation 1
UNMIXED = 1.1  # that of each direction before
PAIR = (0.5, 0.5)  # means of two cells along each axis
OVERLAPPING = (0.125, 0.375, 0.375, 0.125)  # of two and, less, of their neighbours
BILINEAR = (0.25, 0.75, 0.0)  # a pixel's shares of the cell next to it, of its own and of the one beyond that
DAB_GAIN = 2.0  # the overlapping means of smooth noise have half of its deviation
DAB_EDGE = 10.0  # how suddenly a dab's tone ends
CLEAR_FROM, CLEAR = 0.25, 0.7  # coherence from which on a place shows a direction at all, and fully
SHARPNESS = 12.0  # how fast a direction's weight falls with the angle to the form's: cos^2 to this power


def stroke_kernels() -> np.ndarray:
    """Kernels of the eight directions, k * 22.5 degrees from the x axis: float32 [9, 9, 1, 8], of unit energy."""
    # a ridge between two furrows: strokes come out evenly spaced
    return _kernels(LENGTH, WIDTH, furrow=1.0)


def _kernels(length: float, width: float, furrow: float) -> np.ndarray:
    kernels = []
    for across, along in across_and_along():
        ridge = (1 - furrow * (across / width) ** 2) * np.exp(-0.5 * (across / width) ** 2)
        kernel = ridge * np.exp(-0.5 * (along / length) ** 2)
        kernels.append(kernel / np.sqrt(np.square(kernel).sum()))
    return np.stack(kernels, -1)[:, :, None].astype(np.float32)


def across_and_along() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Distances across and along each direction from the middle of a kernel, in cells: [9, 9] each."""
    y, x = np.mgrid[-REACH:REACH + 1, -REACH:REACH + 1].astype(np.float64)
    for angle in angles():
        yield y * np.cos(angle) - x * np.sin(angle), x * np.cos(angle) + y * np.sin(angle)


def strokes_along(noise: tf.Tensor, picture: tf.Tensor, deviations: np.ndarray | float = 1.0) -> tf.Tensor:
    """Strokes along what `picture` shows.

    Args:
      noise: float32 [B or 1, H, W, 1], smooth, of deviation 1; see `training.grain.noise_for_strokes`.
      picture: float32 [B, H, W, 1], luma in [0, 1]; H and W multiples of 8, 64 or more.
      deviations: [8], of the strokes in each direction, for noise that has a direction of its own; see
        `deviations_along`.

    Returns:
      float32 [B, H, W, 1], of deviation about 1.
    """
    cells = tf.nn.avg_pool2d(noise, 2, 2, "VALID")
    strokes = tf.nn.conv2d(cells, tf.constant(stroke_kernels() / np.float32(deviations)), 1, "SAME")
    weights = direction_weights(tf.nn.avg_pool2d(picture, 2, 2, "VALID"))
    mixed = tf.reduce_sum(weights * strokes, -1, keepdims=True) / LOST
    return tf.image.resize(mixed, picture.shape[1:3])


def deviations_along(noise: np.ndarray) -> np.ndarray:
    """Deviation of the strokes in each direction that periodic noise [S, S] gives, over those of `strokes_along`'s
    noise: float32 [8]. Hatching has little of what strokes across it are drawn out of."""
    side = noise.shape[0] // 2
    cells = noise.reshape(side, 2, side, 2).mean((1, 3))
    spectrum = np.fft.rfft2(cells)
    kernels = np.zeros((DIRECTIONS, side, side), np.float32)
    kernels[:, :2 * REACH + 1, :2 * REACH + 1] = stroke_kernels()[:, :, 0].transpose(2, 0, 1)
    strokes = np.fft.irfft2(np.fft.rfft2(kernels) * spectrum, (side, side))
    return (strokes.std((1, 2)) / UNMIXED).astype(np.float32)


def clearness(luma: tf.Tensor) -> tf.Tensor:
    """How clearly `luma` [B, h, w, 1] runs in one direction, as hair does: [B, h, w, 1] in [0, 1]."""
    xx, xy, yy = tf.split(smooth(_structure_tensor(luma), NARROW), 3, -1)
    coherence = tf.sqrt(tf.square(xx - yy) + 4.0 * tf.square(xy)) / (xx + yy + 2e-5)
    return smoothstep(coherence, CLEAR_FROM, CLEAR)


def dab_kernels() -> np.ndarray:
    """As `stroke_kernels`, of dabs."""
    return _kernels(DAB_LENGTH, DAB_WIDTH, furrow=0.0)


def dabs_along(noise: tf.Tensor, picture: tf.Tensor) -> tf.Tensor:
    """Dabs along what `picture` shows: as `strokes_along`, in [-1, 1] and mostly near its ends."""
    taps = DAB_GAIN * np.outer(OVERLAPPING, OVERLAPPING)[:, :, None, None]
    cells = tf.nn.conv2d(tf.nn.avg_pool2d(noise, 2, 2, "VALID"), tf.constant(taps, tf.float32), 2, "SAME")
    dabs = tf.nn.conv2d(cells, tf.constant(dab_kernels()), 1, "SAME")
    weights = tf.nn.avg_pool2d(direction_weights(tf.nn.avg_pool2d(picture, 2, 2, "VALID")), 2, 2, "VALID")
    mixed = tf.reduce_sum(weights * dabs, -1, keepdims=True)
    mixed = tf.image.resize(mixed, [side // 2 for side in picture.shape[1:3]])
    return tf.image.resize(tf.tanh(DAB_EDGE * mixed), picture.shape[1:3])


def direction_weights(luma: tf.Tensor) -> tf.Tensor:
    """Weights of the eight directions, in sum 1, float32 [B, h, w, 8], along the contours of `luma` [B, h, w, 1].

    Contours run across the gradient; which way is told by the structure tensor (Kyprianidis & Kang 2011).
    """
    tensor = _structure_tensor(luma)
    near, far = smooth(tensor, NARROW), tf.nn.avg_pool2d(tensor, 4, 4, "SAME")
    far = tf.image.resize(smooth(far, WIDE / 4), luma.shape[1:3])
    xx, xy, yy = tf.unstack(near + WIDE_SHARE * far, axis=-1)
    # the gradient's doubled angle, turned by a half turn, is the contour's; where there is no gradient, the diagonal
    cosine, sine = yy - xx, -2.0 * xy + 1e-7
    norm = tf.math.rsqrt(tf.square(cosine) + tf.square(sine) + 1e-16)
    doubled = 2.0 * tf.constant(angles(), tf.float32)
    agreement = (cosine * norm)[..., None] * tf.cos(doubled) + (sine * norm)[..., None] * tf.sin(doubled)
    weights = tf.pow(tf.maximum(0.5 + 0.5 * agreement, 1e-3), SHARPNESS)
    return weights / tf.reduce_sum(weights, -1, keepdims=True)


def _structure_tensor(luma: tf.Tensor) -> tf.Tensor:
    """xx, xy and yy of the slopes of [B, h, w, 1], not smoothed: [B, h, w, 3]."""
    slope_y, slope_x = tf.image.image_gradients(luma)
    return tf.concat([slope_x * slope_x, slope_x * slope_y, slope_y * slope_y], -1)


def gathering_kernel(taps: Sequence[float], gain: float = 1.0) -> np.ndarray:
    """Twice as large cells for a network, which has 2 x 2 of them as channels: hardware idles over one channel's.

    Args:
      taps: weights of cells along each axis, an even number, the middle two being those of the larger cell.
      gain: of the weighted means.

    Returns:
      [2, 2, 4, 4] for two taps, [4, 4, 4, 4] for four, of stride 2 and "SAME".
    """
    beyond = len(taps) // 2 - 1  # cells on either side of those two
    margin = 2 * -(-beyond // 2)  # as many, in whole positions of the map, which hold two along each axis
    side = 4 + 2 * margin
    kernel = np.zeros((side, side, 2, 2), np.float32)  # cells in, larger cells out
    for row, column in np.ndindex(2, 2):
        top, left = margin + 2 * row - beyond, margin + 2 * column - beyond
        kernel[top:top + len(taps), left:left + len(taps), row, column] = gain * np.outer(taps, taps)
    kernel = kernel.reshape(side // 2, 2, side // 2, 2, 4).transpose(0, 2, 1, 3, 4)
    return kernel.reshape(side // 2, side // 2, 4, 4)


def spreading_kernel(kernels: np.ndarray) -> np.ndarray:
    """A bank [9, 9, 1, 8] on such cells: [5, 5, 4, 32], whose 2 x 2 x 8 channels depth-to-space unfolds into 8."""
    spread = np.zeros((5, 5, 2, 2, 2, 2, DIRECTIONS), np.float32)  # block row, column, cell in, cell out, direction
    for row, column in np.ndindex(2, 2):
        for y in range(-REACH, REACH + 1):
            for x in range(-REACH, REACH + 1):
                block_y, cell_y = divmod(row + y, 2)
                block_x, cell_x = divmod(column + x, 2)
                spread[block_y + 2, block_x + 2, cell_y, cell_x, row, column] = kernels[y + REACH, x + REACH, 0]
    return spread.reshape(5, 5, 4, 4 * DIRECTIONS)


def to_pixels(channels: int, taps: Sequence[float] = BILINEAR) -> np.ndarray:
    """Kernel [3, 3, 1, 4 * channels] that enlarges one value a cell: each of its pixels' channels. `taps`: as
    BILINEAR."""
    lower, upper = np.array(taps), np.array(taps[::-1])
    of_pixel = [np.outer(rows, columns) for rows in (lower, upper) for columns in (lower, upper)]
    return np.repeat(np.stack(of_pixel, -1), channels, -1)[:, :, None].astype(np.float32)


def angles() -> np.ndarray:
    return np.pi * np.arange(DIRECTIONS) / DIRECTIONS


def smooth(maps: tf.Tensor, deviation: float) -> tf.Tensor:
    """Gaussian smoothing of [B, h, w, C]; what lies outside repeats the border."""
    reach = int(np.ceil(2.5 * deviation))
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    taps = tf.constant(np.tile((taps / taps.sum())[:, None, None, None], (1, 1, maps.shape[-1], 1)), tf.float32)
    padded = tf.pad(maps, [[0, 0], [reach, reach], [reach, reach], [0, 0]], "SYMMETRIC")
    rows = tf.nn.depthwise_conv2d(padded, taps, [1, 1, 1, 1], "VALID")
    return tf.nn.depthwise_conv2d(rows, tf.transpose(taps, [1, 0, 2, 3]), [1, 1, 1, 1], "VALID")


def smoothstep(x: tf.Tensor, least: float, full: float) -> tf.Tensor:
    """0 up to `least`, 1 from `full` on, and between them without a kink."""
    t = tf.clip_by_value((x - least) / (full - least), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)
