"""Contour lines by the flow-guided, extended difference of Gaussians.

Winnemoeller, Kyprianidis, Olsen, "XDoG: An eXtended difference-of-Gaussians compendium", Computers & Graphics 2012;
Kang, Lee, Chui, "Coherent Line Drawing", 2007.
"""

import cv2
import numpy as np

from stylizer.data.painters.flow import Flow, smooth_along


def contour_lines(luminance: np.ndarray, flow: Flow, sigma_px: float, length_px: float, threshold: float,
                  softness: float) -> np.ndarray:
    """Strength of dark lines, float32 [H, W]: 0 no line, 1 full.

    Args:
      luminance: float32 [H, W] in 0..1.
      flow: direction of the edges; lines are made continuous along it.
      sigma_px: half the width of the lines.
      length_px: reach of the smoothing along the lines.
      threshold: contrast (of 1) at which a line starts.
      softness: contrast from there to a full line: small gives ink, large gives pencil.
    """
    narrow = cv2.GaussianBlur(luminance, (0, 0), sigma_px)
    wide = cv2.GaussianBlur(luminance, (0, 0), 1.6 * sigma_px)
    response = smooth_along(wide - narrow, flow, length_px)
    return ramp(response, threshold, threshold + softness)


def ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Smooth step from 0 at `low` to 1 at `high` (the cubic 3 t^2 - 2 t^3)."""
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)
