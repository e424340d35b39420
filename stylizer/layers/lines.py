"""Lines along the form: where a photo is darker than on both sides, and goes on being so in one direction.

The flow-guided difference of Gaussians (Kang, Lee, Chui 2007; Winnemoeller, Kyprianidis, Olsen 2012), its smoothing
along the flow done as stroke_bank.py does it: a bank of eight directions, mixed at each place. Grain and pores have no
direction and cancel; a wrinkle, a strand or the rim of an ear is faint and long, and becomes one line. Here are the
bank, the lines of a picture, which styles are fitted with, and what a generator needs to find them itself.

The bank works at half the picture's size, where a cell of 2 x 2 pixels is one value.
"""

import numpy as np
import tensorflow as tf

from stylizer.layers.contour import LUMA
from stylizer.layers.stroke_bank import REACH, across_and_along, direction_weights, spreading_kernel, to_pixels

LINE_FROM, LINE_FULL = 0.005, 0.02  # contrast at which a line starts and is full
# what contrast is multiplied by to use ReLU6's range, a full line then being 4: the darkest gaps are cut off before
# they take the levels of int8 from faint lines
SLOPE = 4.0 / LINE_FULL
LENGTH = 2.2  # deviation of the smoothing along a line, in cells


def line_kernels(line_px: float) -> np.ndarray:
    """How much darker a place is than its surroundings, along each of eight directions: float32 [9, 9, 1, 8].

    Args:
      line_px: half the width of lines: the deviation of the narrow Gaussian; the wide one has 1.6 times that.
    """
    kernels = []
    for across, along in across_and_along():
        wide, narrow = (_gaussian(across, sigma) * _gaussian(along, np.hypot(LENGTH, sigma))
                        for sigma in (0.8 * line_px, 0.5 * line_px))
        kernels.append(wide / wide.sum() - narrow / narrow.sum())
    return np.stack(kernels, -1)[:, :, None].astype(np.float32)


def contrast_along(luma: tf.Tensor, line_px: float) -> tf.Tensor:
    """How much darker a picture is than on both sides of the direction that it runs in.

    Args:
      luma: float32 [B, H, W, 1] in [0, 1]; H and W multiples of 8, 64 or more.
      line_px: as for `line_kernels`.

    Returns:
      float32 [B, H, W, 1]; what lies outside repeats the border.
    """
    cells = tf.nn.avg_pool2d(luma, 2, 2, "VALID")
    padded = tf.pad(cells, [[0, 0], [REACH, REACH], [REACH, REACH], [0, 0]], "SYMMETRIC")
    contrast = tf.nn.conv2d(padded, tf.constant(line_kernels(line_px)), 1, "VALID")
    mixed = tf.reduce_sum(direction_weights(cells) * contrast, -1, keepdims=True)
    return tf.image.resize(mixed, luma.shape[1:3])


def cell_luma() -> np.ndarray:
    """Kernel [4, 4, 3, 4], stride 4: RGB -> the mean luma of each of 2 x 2 cells as channels."""
    kernel = np.zeros((2, 2, 2, 2, 3, 2, 2), np.float32)  # cell row, pixel row, the same of columns, channel; cell out
    for row, column in np.ndindex(2, 2):
        kernel[row, :, column, :, :, row, column] = np.array(LUMA) / 4
    return kernel.reshape(4, 4, 3, 4)


def line_bank(line_px: float) -> np.ndarray:
    """Kernel [5, 5, 4, 32] on the luma of 2 x 2 cells: SLOPE times their contrast along eight directions."""
    return SLOPE * spreading_kernel(line_kernels(line_px))


def after_mixing() -> tuple[np.ndarray, np.ndarray]:
    """Kernel [3, 3, 1, 4] and bias that enlarge what is mixed of that bank and stretch it: 0 where no line is, 6 where
    one is full."""
    stretch = 6.0 / (SLOPE * (LINE_FULL - LINE_FROM))
    return stretch * to_pixels(1), np.full(4, -stretch * SLOPE * LINE_FROM, np.float32)


def _gaussian(distance: np.ndarray, sigma: float) -> np.ndarray:
    return np.exp(-0.5 * (distance / sigma) ** 2)
