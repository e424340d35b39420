"""Strokes of one colour each, laid over one another: what an opaque brush leaves of a picture.

Each place takes the colour of one place near it, the same for a stroke's whole area, so that hair becomes touches of
paint and outlines are crossed, as where a painter lays strokes from a palette (Haeberli, "Paint by Numbers", 1990;
Litwinowicz 1997). Which place that is, a noise decides: the higher it is somewhere, the more that stroke lies on top,
and the farther it is, the less, at most along the form. That is attention over the neighbourhood, with the noise for
keys (Vaswani et al. 2017), so it has gradients, a network can learn how strokes run, and where the noise moves with a
picture, strokes do.

Colours are those of cells of 4 x 4 pixels, which at a quarter of the size are one value; borders of strokes are told
by 2 x 2 pixels. The generator has these operations and learns the directions and where strokes are laid; here is also
what follows the contours of a picture, which is what it learns them from.
"""

import numpy as np
import tensorflow as tf

from stylizer.layers.stroke_bank import angles, direction_weights, smooth, smoothstep, to_pixels

CELL_PX = 4
REACH = 3  # cells
# the cells that a place may take its colour from, (down, right)
OFFSETS = [(y, x) for y in range(-REACH, REACH + 1) for x in range(-REACH, REACH + 1) if np.hypot(y, x) <= REACH]
PHASES = 2  # of a cell along each axis: places that choose for themselves
LENGTH_PX, WIDTH_PX = 6.5, 1.6  # deviations along and across
# about where a stroke ends at the latest, and how suddenly: cells must not come and go at the end of the reach
FAR_PX, FAR_POWER = 9.0, 6
SMOOTH = 1.2  # deviation of the smoothing of the noise, in cells: less, and strokes jump from cell to cell as they move
TOPMOST = 7.0  # what a deviation of the noise counts, in nepers
# as stroke_bank.BILINEAR, but sharp: what is soft at the borders of strokes is no paint
ENLARGING = (0.2, 0.9, -0.1)
LOWEST = -2.5  # of the noise, in deviations: what lies outside the picture counts as this
FARTHEST = 26.0  # nepers: no cell counts as farther, which keeps the range that int8 divides small
UNIT = 4.57  # what the smoothed means of smooth noise are multiplied by to have deviation 1
# a stroke's tone is the difference of the noises so many cells to either side, which the one between them does not tell
TONE_APART = REACH
# deviation of luma within some pixels from which on there is detail, and full detail; in detail strokes are finer, and
# what they would hide is kept
DETAIL_FROM, DETAIL_FULL = 0.008, 0.075
DETAIL_PX, AROUND_DETAIL_PX = 6.0, 5.0
FINER = 1.0
KEPT_FROM, KEPT = 0.6, 0.6


def priority_kernel() -> np.ndarray:
    """Kernel [7, 7, 1, 1] on the noise of cells: which strokes lie on top, of deviation 1."""
    taps = np.exp(-0.5 * (np.arange(-REACH, REACH + 1) / SMOOTH) ** 2)
    return (UNIT * np.outer(taps, taps) / taps.sum() ** 2)[:, :, None, None].astype(np.float32)


def priority(noise: tf.Tensor) -> tf.Tensor:
    """Which strokes lie on top, by noise in pixels: [B, H, W, 1] -> [B, H / 4, W / 4, 1]."""
    return tf.nn.conv2d(tf.nn.avg_pool2d(noise, CELL_PX, CELL_PX, "VALID"), priority_kernel(), 1, "SAME")


def neighbours_kernel() -> np.ndarray:
    """Kernel [7, 7, 1, N]: the value of each of the N cells of OFFSETS."""
    kernel = np.zeros((2 * REACH + 1, 2 * REACH + 1, 1, len(OFFSETS)), np.float32)
    for n, (y, x) in enumerate(OFFSETS):
        kernel[y + REACH, x + REACH, 0, n] = 1.0
    return kernel


def tone_kernel() -> np.ndarray:
    """Kernel [7, 7, 1, 1] on what lies on top: noise of deviation about 1 that does not depend on it."""
    kernel = np.zeros((2 * REACH + 1, 2 * REACH + 1, 1, 1), np.float32)
    kernel[REACH, REACH - TONE_APART], kernel[REACH, REACH + TONE_APART] = -np.sqrt(0.5), np.sqrt(0.5)
    return kernel


def distance_kernel() -> np.ndarray:
    """Kernel [1, 1, 8, 4 N] on weights of directions: how far each phase of a cell is from each cell of OFFSETS, nepers
    less than 0."""
    down, right = _distances_px()
    distances = []
    for angle in angles():
        along, across = right * np.cos(angle) + down * np.sin(angle), down * np.cos(angle) - right * np.sin(angle)
        distances.append((along / LENGTH_PX) ** 2 / 2 + (across / WIDTH_PX) ** 2 / 2)
    return -np.stack(distances)[None, None].astype(np.float32)


def nearness() -> np.ndarray:
    """What is added to that, float32 [4 N]: FARTHEST, less where strokes end whatever their directions are."""
    return (FARTHEST - (np.hypot(*_distances_px()) / FAR_PX) ** FAR_POWER).astype(np.float32)


def _distances_px() -> tuple[np.ndarray, np.ndarray]:
    """How far below and right of each phase of a cell the cells of OFFSETS are: [4 N] each."""
    middles = CELL_PX * ((np.arange(PHASES) + 0.5) / PHASES - 0.5)
    rows, columns = (middle.reshape(-1, 1) for middle in np.meshgrid(middles, middles, indexing="ij"))
    down, right = CELL_PX * np.array(OFFSETS, np.float64).T
    return (down - rows).ravel(), (right - columns).ravel()


def enlarging_kernel() -> np.ndarray:
    """Kernel [3, 3, 3, 12]: RGB of places of 2 x 2 pixels -> RGB of each of those, as depth-to-space takes them."""
    each = to_pixels(1, ENLARGING)[:, :, 0]
    return np.einsum("ijp,cd->ijcpd", each, np.eye(3)).reshape(3, 3, 3, 12).astype(np.float32)


def laid_along(colors: tf.Tensor, noise: tf.Tensor, luma: tf.Tensor, apart: float = 0.0) -> tf.Tensor:
    """A picture laid in strokes along its form.

    Args:
      colors: float32 [B, H, W, 3] in [0, 1]; H and W multiples of 8, 64 or more.
      noise: float32 [B or 1, H, W, 1], as for `strokes_along`.
      luma: float32 [B, H, W, 1] in [0, 1], of the picture that shows the form.
      apart: deviation of the strokes' tones, relative to the colour there.

    Returns:
      float32 [B, H, W, 3]; details are kept.
    """
    on_top = priority(noise)
    cells = tf.nn.avg_pool2d(colors, CELL_PX, CELL_PX, "VALID")
    cells *= 1.0 + apart * tf.nn.conv2d(on_top, tone_kernel(), 1, "SAME")
    detail = _detail(luma)
    weights = tf.nn.avg_pool2d(direction_weights(tf.nn.avg_pool2d(luma, 2, 2, "VALID")), 2, 2, "VALID")
    weights *= 1.0 + FINER * tf.nn.avg_pool2d(detail, 2, 2, "VALID")
    laid = tf.pad(lay(cells, on_top, weights), [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC")
    laid = tf.nn.depth_to_space(tf.nn.conv2d(laid, enlarging_kernel(), 1, "VALID"), PHASES)
    kept = KEPT * tf.clip_by_value((detail - KEPT_FROM) / (1.0 - KEPT_FROM), 0.0, 1.0)
    return laid + tf.image.resize(kept, colors.shape[1:3]) * (colors - laid)


def lay(cells: tf.Tensor, on_top: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Lays the colours of cells, float32 [B, h, w, 3], in strokes.

    Args:
      on_top: [B or 1, h, w, 1], which lie on top of which, of deviation 1.
      weights: [B, h, w, 8], how much strokes run in each direction; more in sum makes them finer.

    Returns:
      [B, 2 h, 2 w, 3]. What lies outside is 0, and below all strokes.
    """
    keys = tf.nn.conv2d(tf.nn.relu(on_top - LOWEST), TOPMOST * neighbours_kernel(), 1, "SAME")
    near = tf.nn.relu(tf.nn.conv2d(weights, distance_kernel(), 1, "SAME") + nearness())
    shares = tf.nn.softmax(tf.nn.depth_to_space(tf.tile(keys, [1, 1, 1, PHASES**2]) + near, PHASES))
    neighbours = [tf.nn.conv2d(color, neighbours_kernel(), 1, "SAME") for color in tf.split(cells, 3, -1)]
    return tf.concat([tf.reduce_sum(shares * _enlarged(each), -1, keepdims=True) for each in neighbours], -1)


def _enlarged(cells: tf.Tensor) -> tf.Tensor:
    """[B, h, w, C] -> [B, 2 h, 2 w, C], each place as its cell."""
    return tf.repeat(tf.repeat(cells, PHASES, 1), PHASES, 2)


def _detail(luma: tf.Tensor) -> tf.Tensor:
    """How much of detail there is in [B, H, W, 1]: [B, H / 2, W / 2, 1] in [0, 1]."""
    cells = tf.nn.avg_pool2d(luma, 2, 2, "VALID")
    deviation = tf.sqrt(smooth(tf.square(cells - smooth(cells, DETAIL_PX / 2)), AROUND_DETAIL_PX / 2) + 1e-12)
    return smoothstep(deviation, DETAIL_FROM, DETAIL_FULL)
