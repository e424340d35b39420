"""How a painter sees the photo: light measured, exposure evened out a little."""

from collections.abc import Callable

import cv2
import numpy as np


def luminance_of(image: np.ndarray) -> np.ndarray:
    """Rec. 601 luma of float32 RGB [H, W, 3] in 0..1: float32 [H, W]."""
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def exposed(image: np.ndarray, strength: float = 0.6) -> np.ndarray:
    """uint8 RGB [H, W, 3] as float32 in 0..1, its range and middle
    brought `strength` (0..1) of the way to the full range and to a moderate middle grey."""
    values = image.astype(np.float32) / 255
    darkest, lightest = np.percentile(luminance_of(values)[::4, ::4], (1, 99))
    if lightest - darkest < 0.1:  # a blank picture stays what it is
        return values
    return evened(values, darkest, lightest, strength, lambda stretched: luminance_of(stretched)[::4, ::4].mean())


def evened(values: np.ndarray, darkest: float, lightest: float, strength: float,
           middle_of: Callable[[np.ndarray], float]) -> np.ndarray:
    """Float32 values in 0..1, those between `darkest` and `lightest` brought to the full range, and what is the middle
    of them then, as `middle_of` tells, to a moderate grey, by `strength` (0..1) of the way: float32 of that shape."""
    low, high = strength * darkest, 1 - strength * (1 - lightest)
    values = np.clip((values - low) / (high - low), 0.0, 1.0)
    middle = float(np.clip(middle_of(values), 0.05, 0.95))
    gamma = np.clip(np.log(0.5) / np.log(middle), 0.5, 1.5) ** (0.5 * strength)
    return (values ** np.float32(gamma)).astype(np.float32)
