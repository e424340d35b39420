"""What a painter leaves out of a photo, and the contours that he draws: the colours and lines a style begins with.

Repeated bilateral smoothing levels what is faint and keeps what is clear, and dark contours follow where tones then
end, as in Winnemoeller, Olsen, Gooch, "Real-time video abstraction", 2006; or a pen draws lines along the form, of what
the photo shows before it is levelled (layers/lines.py).
Cels have no gradual shading: as far as asked, each place takes the colour that its area has, by smoothing that stops at
clear edges (Min et al., "Fast Global Image Smoothing Based on Weighted Least Squares", 2014).
Who draws lines on blank paper draws what differs from around it, whatever light falls there: as far as asked, slow
changes of light are evened out first, as by dodging and burning.
A brush lays areas of one tone instead: each place takes the mean of the side on which its surroundings are most even
(Kuwahara's filter with eight soft sides, Papari, Petkov, Campisi 2007). How much of either a style has is fitted in
training/simplification.py; here it is applied, to whole 512-pixel photos.
"""

from typing import NamedTuple

import cv2
import numpy as np

from stylizer.data.datasets import PreparedDataset
from stylizer.layers import contour, lines

SMOOTHINGS = 3
REACH_PX = 3.5  # deviation of the smoothing in space, at half size
SIDES = 8
SIDE_ANGLE, SIDE_REACH = 0.45, 0.77  # deviations of a side: in radians, and of its reach in radii of the brush
EVEN = 6.0  # deviation of tones (of 255) that counts as even
LIGHT_PX = 60.0  # deviation of what counts as slow, of 512: a face keeps its features, and no wall its shadow
MIDDLE, DARKEST = 0.4, 0.03  # luma that slow light is evened to, which leaves room for shines; noise is not brightened
AREA_LAMBDA, AREA_SIGMA = 30.0, 8.0  # of the smoothing that leaves an area's colour, at half size; tones of 255


class Simplification(NamedTuple):
    """How a style simplifies.

    tone_range: deviation of tones (of 1) that are levelled; 0 leaves the photo as it is.
    lines: how dark lines are, from 0 (none) to 1 (black).
    line_px: half their width in pixels of the 512-pixel frame.
    along_form: they are the photo's along its form; else contours of the levelled areas.
    brush_px: radius of the areas of one tone that a brush lays, likewise; 0 for none.
    flattening: how much of gradual shading within areas is left out, from 0 (none) to 1.
    light: how much of slow changes of light is evened out, from 0 (none) to 1.
    """

    tone_range: float = 0.0
    lines: float = 0.0
    line_px: float = contour.LINE_PX
    along_form: bool = False
    brush_px: float = 0.0
    flattening: float = 0.0
    light: float = 0.0


def simplify(photo: np.ndarray, simplification: Simplification) -> np.ndarray:
    """Photo, uint8 RGB [S, S, 3] -> uint8 [S, S, 4]: the simplified colours, and how much of them lines take away.
    """
    photo = even_light(photo, simplification.light)
    colors = _levelled(photo, simplification)
    return np.dstack([colors, _lines(photo, colors, simplification)])


def even_light(photo: np.ndarray, share: float) -> np.ndarray:
    """Photo, uint8 RGB [S, S, 3], with a share, 0 to 1, of its slow changes of light evened out: uint8 [S, S, 3]."""
    if share == 0:
        return photo
    side = photo.shape[0]
    small = max(1, side // 4)
    luma = cv2.cvtColor(cv2.resize(photo, (small, small), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    slow = cv2.GaussianBlur(luma.astype(np.float32) / 255.0, (0, 0), LIGHT_PX / 512 * small)
    slow = cv2.resize(slow, (side, side), interpolation=cv2.INTER_LINEAR)
    gain = ((MIDDLE + DARKEST) / (slow + DARKEST)) ** share
    return np.clip(np.rint(photo * gain[..., None]), 0, 255).astype(np.uint8)


class SimplifiedPhotos:
    """Simplified pictures of a dataset; made at first use and kept, as far as they fit into the memory given."""

    def __init__(self, photos: PreparedDataset, simplification: Simplification,
                 memory_budget_bytes: int = 2 * 1024**3):
        self._photos, self._simplification = photos, simplification
        self._most = memory_budget_bytes // (4 * photos.image_size**2)
        self._kept: dict[int, np.ndarray] = {}

    def images(self, indices: np.ndarray) -> np.ndarray:
        """uint8 [n, S, S, 4] of the given rows, see `simplify`."""
        return np.stack([self._image(int(index)) for index in indices])

    def _image(self, index: int) -> np.ndarray:
        found = self._kept.get(index)
        if found is None:
            found = simplify(self._photos.images([index])[0], self._simplification)
            if len(self._kept) < self._most:
                self._kept[index] = found
        return found


def _levelled(photo: np.ndarray, way: Simplification) -> np.ndarray:
    if way.tone_range == way.brush_px == way.flattening == 0:
        return photo
    side = photo.shape[0]
    # at half size: a quarter of the work, and what is finer is left out anyway
    small = cv2.resize(photo.astype(np.float32), (side // 2, side // 2), interpolation=cv2.INTER_AREA)
    if way.tone_range:
        for _ in range(SMOOTHINGS):
            small = cv2.bilateralFilter(small, 0, 255 * way.tone_range, REACH_PX * side / 512)
    if way.flattening:
        guide = np.clip(np.rint(small), 0, 255).astype(np.uint8)
        areas = cv2.ximgproc.fastGlobalSmootherFilter(guide, small, AREA_LAMBDA * (side / 512) ** 2, AREA_SIGMA)
        small = cv2.addWeighted(areas, way.flattening, small, 1.0 - way.flattening, 0.0)
    if way.brush_px:
        small = _brushed(small, way.brush_px / 2 * side / 512)
    return np.clip(np.rint(cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)), 0, 255).astype(np.uint8)


def _brushed(image: np.ndarray, radius: float) -> np.ndarray:
    """Float32 [H, W, 3] in 0..255 -> the same in areas of about that radius in pixels."""
    reach = int(np.ceil(1.5 * radius))
    y, x = np.mgrid[-reach:reach + 1, -reach:reach + 1].astype(np.float32)
    near = np.exp(-0.5 * (x * x + y * y) / (SIDE_REACH * radius) ** 2)
    total, shares = np.zeros_like(image), np.zeros((*image.shape[:2], 1), np.float32)
    for angle in 2 * np.pi / SIDES * np.arange(SIDES):
        off = np.abs(np.angle(np.exp(1j * (np.arctan2(y, x) - angle))))
        side = near * (np.exp(-0.5 * (off / SIDE_ANGLE) ** 2) + ((x == 0) & (y == 0)))
        side = (side / side.sum()).astype(np.float32)
        mean = cv2.filter2D(image, -1, side, borderType=cv2.BORDER_REFLECT)
        variance = cv2.filter2D(image * image, -1, side, borderType=cv2.BORDER_REFLECT) - mean * mean
        uneven = np.maximum(variance.sum(-1, keepdims=True), 0.0) / EVEN**2
        share = 1.0 / (1.0 + uneven**4) + 1e-6
        total += share * mean
        shares += share
    return total / shares


def _lines(photo: np.ndarray, colors: np.ndarray, way: Simplification) -> np.ndarray:
    """How much of a tone lines take away, of the photo or of its levelled colours: uint8 [S, S]."""
    if way.lines == 0:
        return np.zeros(photo.shape[:2], np.uint8)
    sigma = way.line_px * photo.shape[0] / 512
    if way.along_form:
        gray = cv2.cvtColor(photo.astype(np.float32), cv2.COLOR_RGB2GRAY) / 255.0
        darker = lines.contrast_along(gray[None, :, :, None], sigma).numpy()[0, ..., 0]
        least, full = lines.LINE_FROM, lines.LINE_FULL
    else:
        gray = cv2.cvtColor(colors, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255.0
        darker = cv2.GaussianBlur(gray, (0, 0), 1.6 * sigma) - cv2.GaussianBlur(gray, (0, 0), sigma)
        least, full = contour.LINE_FROM, contour.LINE_FULL
    t = np.clip((darker - least) / (full - least), 0.0, 1.0)
    return np.rint(255 * way.lines * t * t * (3 - 2 * t)).astype(np.uint8)
