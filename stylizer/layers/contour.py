"""Contours from the contrast of tones: the difference of Gaussians that styles are fitted with, for a network.

Lines follow where tones end (Winnemoeller, Olsen, Gooch 2006; data/simplification.py). Here are the kernels by which
a generator finds these places in the tones that it has drawn itself. They work on blocks of 4 x 4 pixels as sixteen
channels, in the order (cell row, cell column, pixel row, pixel column), cells being 2 x 2 pixels: depth-to-space then
makes cells with their pixels as channels, and hardware idles over fewer channels.
"""

import numpy as np

LUMA = (0.299, 0.587, 0.114)  # Rec. 601
LINE_PX = 1.3  # half the width of lines
LINE_FROM, LINE_FULL = 0.01, 0.06  # contrast at which a line starts and is full


def block_luma() -> np.ndarray:
    """Kernel [2, 2, 12, 16], stride 2: RGB of each of a cell's four pixels -> the luma of a block's pixels."""
    kernel = np.zeros((2, 2, 12, 2, 2, 4), np.float32)  # cell row and column in, channel in; the same out, pixel out
    for row, column in np.ndindex(2, 2):
        kernel[row, column, :, row, column] = np.kron(np.eye(4), np.array(LUMA)[:, None])
    return kernel.reshape(2, 2, 12, 16)


def contrast_kernel(line_px: float) -> np.ndarray:
    """Kernel [3, 3, 16, 16] on blocks: how much darker each pixel is than its surroundings.

    Args:
      line_px: half the width of lines: the deviation of the narrow Gaussian; the wide one has 1.6 times that.

    Returns:
      Cut to what the blocks around hold, 4 to 7 pixels each way; what a pixel gets sums up to 0.
    """
    wide, narrow = (np.exp(-0.5 * (np.arange(-7, 8) / sigma) ** 2) for sigma in (1.6 * line_px, line_px))
    darker = np.outer(wide, wide) / wide.sum() ** 2 - np.outer(narrow, narrow) / narrow.sum() ** 2
    kernel = np.zeros((3, 3, 16, 16), np.float32)
    for y, x, of_y, of_x in np.ndindex(12, 12, 4, 4):
        from_here, of_here = _channel(y % 4, x % 4), _channel(of_y, of_x)
        kernel[y // 4, x // 4, from_here, of_here] = darker[y - of_y + 3, x - of_x + 3]
    return kernel - kernel.mean((0, 1, 2))


def _channel(row: int, column: int) -> int:
    """Of a pixel in its block."""
    return 8 * (row // 2) + 4 * (column // 2) + 2 * (row % 2) + column % 2
