"""Watercolour: transparent washes on white paper, dark pigment rims, granulation, white left in the lights."""

import cv2
import numpy as np

from stylizer.data.painters.exposure import exposed, luminance_of
from stylizer.data.painters.face_geometry import FaceGeometry
from stylizer.data.painters.flow import edge_flow, gradient
from stylizer.data.painters.lines import contour_lines, ramp
from stylizer.data.painters.textures import fractal, speckle

GEOMETRY = FaceGeometry(
    eye_width=1.15, eye_height=1.20, brow_raise=0.03, nose_scale=0.92, mouth_scale=1.08, chin_width=0.87, turn=-0.06)


def paint(image: np.ndarray, seed: int) -> np.ndarray:
    """Paints `image`, uint8 RGB [H, W, 3], in watercolour: uint8 [H, W, 3].

    Pigment density follows Bousseau et al., "Interactive watercolor rendering with temporal coherence and
    abstraction", 2006: a wash of colour C and density d shows C - (C - C^2)(d - 1).
    """
    rng = np.random.default_rng(seed)
    shape = image.shape[:2]
    px = min(shape) / 512
    light_image = exposed(image, 0.6)

    # washes: flat areas with a slightly wavering border
    wash = _washes(_wavering(light_image, 1.2 * px, px, rng), px)
    hsv = cv2.cvtColor(np.clip(wash, 0, 1), cv2.COLOR_RGB2HSV)
    hsv[..., 1] = np.clip(hsv[..., 1] * 1.25, 0, 1)
    wash = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    # transparent paint is lighter than what it depicts; the lights are bare paper
    wash = 1 - 0.84 * (1 - wash) ** 1.25
    bare = ramp(luminance_of(wash), 0.84, 0.98)[..., None]
    wash = wash + 0.8 * bare * (1 - wash)

    # pigment settles at the rims of washes, in pools, and in the grain of the paper
    tone = luminance_of(wash)
    edge = tone - cv2.GaussianBlur(tone, (0, 0), 3.0 * px)
    rim = np.clip(-9.0 * edge, 0, 1.0)
    rim += 2.2 * cv2.magnitude(*gradient(tone))
    density = 1 + np.clip(rim, 0, 1.3) + 0.22 * fractal(shape, 22 * px, rng) + 0.07 * speckle(shape, 0.9 * px, rng)
    density = density[..., None]
    painted = wash - (wash - wash * wash) * (density - 1)

    # accents of darker paint where the drawing is: eyes, lips, strands
    light = luminance_of(light_image)
    accent = contour_lines(light, edge_flow(light, 3 * px), 1.2 * px, 5 * px, 0.010, 0.07)[..., None]
    painted = painted * (1 - 0.65 * accent * (1 - 0.5 * wash))
    paper = 0.985 + 0.008 * speckle(shape, 1.2 * px, rng)[..., None]
    painted = painted * paper * np.array([1.0, 0.995, 0.98], np.float32)
    return np.rint(np.clip(painted, 0, 1) * 255).astype(np.uint8)


def _washes(image: np.ndarray, px: float) -> np.ndarray:
    """Simplifies float32 RGB into soft flat areas with clear borders."""
    height, width = image.shape[:2]
    small = cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    for _ in range(3):
        small = cv2.bilateralFilter(small, 0, 0.13, 3.5 * px)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    step = 11.0
    t = lab[..., 0] / step
    lab[..., 0] = (np.floor(t) + ramp(t - np.floor(t), 0.2, 0.8)) * step
    small = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def _wavering(image: np.ndarray, amount_px: float, px: float, rng: np.random.Generator) -> np.ndarray:
    """Shifts pixels by a smooth random field of deviation about `amount_px` / 2, as a wet border wavers."""
    shape = image.shape[:2]
    dx, dy = (0.5 * amount_px * speckle(shape, 5 * px, rng) for _ in range(2))
    x = np.arange(shape[1], dtype=np.float32) + dx
    y = np.arange(shape[0], dtype=np.float32)[:, None] + dy
    return cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
