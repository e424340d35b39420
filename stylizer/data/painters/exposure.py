"""How a painter sees the photo: light measured, exposure evened out a little."""

import cv2
import numpy as np


def luminance_of(image: np.ndarray) -> np.ndarray:
    """Rec. 601 luma of float32 RGB [H, W, 3] in 0..1: float32 [H, W]."""
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def exposed(image: np.ndarray, strength: float = 0.6) -> np.ndarray:
    """uint8 RGB [H, W, 3] as float32 in 0..1, its range and middle
    brought `strength` (0..1) of the way to the full range and to a moderate middle grey."""
    values = image.astype(np.float32) / 255
    low, high = np.percentile(luminance_of(values)[::4, ::4], (1, 99))
    if high - low < 0.1:  # a blank picture stays what it is
        return values
    low, high = strength * low, 1 - strength * (1 - high)
    values = np.clip((values - low) / (high - low), 0.0, 1.0)
    middle = float(np.clip(luminance_of(values)[::4, ::4].mean(), 0.05, 0.95))
    gamma = np.clip(np.log(0.5) / np.log(middle), 0.5, 1.5) ** (0.5 * strength)
    return (values ** np.float32(gamma)).astype(np.float32)
