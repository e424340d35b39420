"""Does a stylization keep light light and dark dark, and how colourful is it?

Luma is that of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, from 0 to 255.
"""

import cv2
import numpy as np

_LUMA = np.array([0.299, 0.587, 0.114])
_GRID = 16


def luma(image: np.ndarray) -> np.ndarray:
    """BT.601 luma of RGB uint8 [H, W, 3]: float64 [H, W] in 0..255."""
    return np.asarray(image) @ _LUMA


def mean_chroma(image: np.ndarray) -> float:
    """Mean over the pixels of the greatest minus the least channel, in percent of 255; 0 for a grey picture.

    Args:
      image: RGB uint8 [H, W, 3].
    """
    return float((image.max(axis=2).astype(int) - image.min(axis=2)).mean() / 2.55)


def tone_error(a: np.ndarray, b: np.ndarray) -> float:
    """Mean absolute difference of the two pictures' luma averaged over a grid of 16 x 16 areas, 0..255.

    Args:
      a: RGB uint8 [H, W, 3].
      b: RGB uint8 [H', W', 3], showing the same frame at any size.

    Returns:
      0 where every area is as light in one picture as in the other, whatever the strokes in it.
    """
    coarse_a, coarse_b = (cv2.resize(luma(image), (_GRID, _GRID), interpolation=cv2.INTER_AREA) for image in (a, b))
    return float(np.abs(coarse_a - coarse_b).mean())


def skin_luma(image: np.ndarray, control_points: np.ndarray) -> float:
    """Mean luma of the cheeks: on each side the polygon between jaw, wing of the nose and lower lid.

    Args:
      image: RGB uint8 [H, W, 3].
      control_points: float [68, 2], normalised (x, y).

    Returns:
      0..255; NaN if no pixel of the cheeks lies in the picture.
    """
    return _mean_within(image, cheek_mask(_size(image), control_points))


def hair_luma(image: np.ndarray, control_points: np.ndarray) -> float:
    """Mean luma of the band above the forehead, see `hair_mask`; NaN if none of it lies in the picture."""
    return _mean_within(image, hair_mask(_size(image), control_points))


def cheek_mask(size: tuple[int, int], control_points: np.ndarray) -> np.ndarray:
    """Bool [H, W]: the cheeks, shrunk by a quarter to keep clear of outlines and beards.

    Args:
      size: (height, width).
      control_points: float [68, 2], normalised (x, y).
    """
    mask = np.zeros(size, np.uint8)
    for corners in ((1, 3, 48, 31, 39, 40, 41, 36), (15, 13, 54, 35, 42, 47, 46, 45)):
        polygon = np.asarray(control_points, np.float64)[list(corners)]
        centre = polygon.mean(axis=0)
        _fill(mask, centre + 0.75 * (polygon - centre))
    return mask.astype(bool)


def hair_mask(size: tuple[int, int], control_points: np.ndarray) -> np.ndarray:
    """Bool [H, W]: a band across the head where most hair starts.

    No control point lies on the hair. With "up" the direction from the chin to
    the middle of the brows, and f the distance between these two, hair starts
    about 0.4 f above the brows and short hair ends at 0.6 f; the band reaches
    from 0.42 f to 0.58 f, and 0.8 of the way to the ends of the brows on either
    side. A bald head counts with its skin, a hat with its cloth.

    Args:
      size: (height, width).
      control_points: float [68, 2], normalised (x, y).
    """
    points_px = np.asarray(control_points, np.float64) * size[::-1]
    brows = points_px[17:27].mean(axis=0)
    up = brows - points_px[8]
    side = 0.4 * (points_px[26] - points_px[17])
    low, high = brows + 0.42 * up, brows + 0.58 * up
    band = np.array([low - side, high - side, high + side, low + side])
    mask = np.zeros(size, np.uint8)
    _fill(mask, band / size[::-1])
    return mask.astype(bool)


def _fill(mask: np.ndarray, polygon: np.ndarray) -> None:
    """Sets the pixels of `mask` inside the normalised `polygon` [N, 2]."""
    fraction_bits = 4
    polygon_px = polygon * mask.shape[::-1] - 0.5
    cv2.fillPoly(mask, [np.rint(polygon_px * 2**fraction_bits).astype(np.int32)], (1,), shift=fraction_bits)


def _mean_within(image: np.ndarray, mask: np.ndarray) -> float:
    return float(luma(image[mask]).mean()) if mask.any() else float("nan")


def _size(image: np.ndarray) -> tuple[int, int]:
    return image.shape[0], image.shape[1]
