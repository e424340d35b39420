"""The direction in which a picture runs (hair, contours, folds), and smoothing along it.

Structure tensor after Kyprianidis and Kang, "Image and Video Abstraction by Coherence-Enhancing Filtering", 2011.
"""

from typing import NamedTuple

import cv2
import numpy as np


class Flow(NamedTuple):
    """Direction field of a picture; (tx, ty) and (-tx, -ty) mean the same.

    Attributes:
      tx: float32 [H, W], x component of the unit vector along the edges.
      ty: float32 [H, W], y component.
      coherence: float32 [H, W] in 0..1: 0 where no direction prevails, 1 on a straight edge.
    """

    tx: np.ndarray
    ty: np.ndarray
    coherence: np.ndarray

    def turned(self) -> "Flow":
        """The same field turned by 90 degrees: across the edges."""
        return Flow(-self.ty, self.tx, self.coherence)


def edge_flow(luminance: np.ndarray, sigma_px: float) -> Flow:
    """Smoothed direction of the edges of `luminance`, float32 [H, W] in 0..1; `sigma_px` is the smoothing's reach."""
    gx, gy = gradient(luminance)
    jxx, jxy, jyy = (cv2.GaussianBlur(g, (0, 0), sigma_px) for g in (gx * gx, gx * gy, gy * gy))
    angle = 0.5 * np.arctan2(2 * jxy, jxx - jyy) + np.float32(np.pi / 2)
    spread = np.sqrt((jxx - jyy) ** 2 + 4 * jxy * jxy)
    return Flow(np.cos(angle), np.sin(angle), spread / (jxx + jyy + 1e-5))


def gradient(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of float32 `values` [H, W] along x and y, per pixel."""
    return (cv2.Scharr(values, cv2.CV_32F, 1, 0, scale=1 / 32), cv2.Scharr(values, cv2.CV_32F, 0, 1, scale=1 / 32))


def diagonal_flow(shape: tuple[int, ...], angle: float) -> Flow:
    """The constant field at `angle` radians from the x axis."""
    ones = np.ones(shape, np.float32)
    return Flow(ones * np.float32(np.cos(angle)), ones * np.float32(np.sin(angle)), ones)


def smooth_along(image: np.ndarray, flow: Flow, length_px: float) -> np.ndarray:
    """Averages float32 `image` [H, W] or [H, W, C] along `flow` over about `length_px` pixels to either side."""
    # passes of three taps with doubled steps reach far at few look-ups, and bend with the flow
    steps = max(1, int(np.ceil(np.log2(max(length_px, 1.0) + 1))))
    unit = length_px / (2 ** steps - 1)
    for i in range(steps):
        image = (image + sample_along(image, flow, unit * 2 ** i) + sample_along(image, flow, -unit * 2 ** i)) / 3
    return image


def sample_along(image: np.ndarray, flow: Flow, step_px: float) -> np.ndarray:
    """Value of `image` at `step_px` from each pixel along `flow`."""
    height, width = flow.tx.shape
    x = np.arange(width, dtype=np.float32) + np.float32(step_px) * flow.tx
    y = np.arange(height, dtype=np.float32)[:, None] + np.float32(step_px) * flow.ty
    return cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
