"""Evening out how a photo is exposed before it is drawn: a network leaves a dim photo dim, where painters do not.

The darkest and the lightest tones of what is around the faces are brought to black and white, its middle to a middle
grey, all of it by a part of the way, as our painters do (data/painters/exposure.py). It follows the tones of the
picture and not those of skin, and it lightens and darkens skin with all else.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np

from stylizer.data.painters.exposure import evened
from stylizer.geometry.face_alignment import bounding_pixels, frame_corners

_DARKEST, _LIGHTEST = 0.01, 0.99  # of the pixels: single ones do not count
_LEAST_RANGE = 0.15  # of tones; below it less and less is done, and a blank picture stays what it is
_STEP = 4  # every fourth pixel and row tell as much
_TIME_CONSTANT_S = 0.5  # of a video


class Exposure(NamedTuple):
    """Luma (Rec. 601) of a picture, in 0..1: of its darkest hundredth, its lightest one, and the mean."""

    darkest: float
    lightest: float
    mean: float


def exposure_of(image: np.ndarray, frames: list[np.ndarray], side: int) -> Exposure:
    """Measures how a picture is exposed.

    Args:
      image: uint8 [H, W, 3], RGB.
      frames: transforms [2, 3] from its pixels to the squares around its faces, `side` pixels wide; what they show
        counts, or the whole picture if there are none.
    """
    size = (image.shape[0], image.shape[1])
    bounds = [bounding_pixels(frame_corners(frame, side), size) for frame in frames] or [(0, 0, size[1], size[0])]
    parts = (image[top:bottom:_STEP, left:right:_STEP] for left, top, right, bottom in bounds)
    lumas = [cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY).ravel() for part in parts]
    counts = np.bincount(np.concatenate(lumas), minlength=256)
    shares = counts / counts.sum()
    darkest, lightest = np.searchsorted(np.cumsum(shares), (_DARKEST, _LIGHTEST)) / 255.0
    return Exposure(darkest, lightest, float(shares @ np.arange(256)) / 255.0)


def curve(exposure: Exposure, strength: float) -> np.ndarray:
    """What each level becomes, in all three channels.

    Args:
      exposure: of the picture.
      strength: of the way, 0 (nothing changes) to 1.

    Returns:
      uint8 [256], non-decreasing.
    """
    darkest, lightest, mean = exposure
    strength *= min((lightest - darkest) / _LEAST_RANGE, 1.0) ** 2
    levels = np.arange(256, dtype=np.float32) / 255
    curved = evened(levels, darkest, lightest, strength, lambda stretched: float(np.interp(mean, levels, stretched)))
    return np.rint(255 * curved).astype(np.uint8)


class SteadyExposure:
    """Exposure of a video's frames: it follows light that changes, and no single frame."""

    def __init__(self) -> None:
        self._last: tuple[Exposure, float] | None = None

    def __call__(self, exposure: Exposure, time_s: float) -> Exposure:
        """The mean over the last half a second or so; times in seconds do not run back."""
        if self._last is not None:
            before, then_s = self._last
            share = 1.0 - math.exp((then_s - time_s) / _TIME_CONSTANT_S)
            exposure = Exposure(*(a + share * (b - a) for a, b in zip(before, exposure, strict=True)))
        self._last = exposure, time_s
        return exposure
