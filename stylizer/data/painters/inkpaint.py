"""Ink painting: black ink lines of a pointed brush and a few grey washes on rice paper."""

import cv2
import numpy as np

from stylizer.data.painters.exposure import exposed, luminance_of
from stylizer.data.painters.face_geometry import FaceGeometry
from stylizer.data.painters.flow import edge_flow
from stylizer.data.painters.lines import contour_lines, ramp
from stylizer.data.painters.textures import fractal, speckle, strokes

GEOMETRY = FaceGeometry(
    eye_width=1.05, eye_height=0.92, brow_raise=0.07, nose_scale=1.08, mouth_scale=0.88, chin_width=0.93, turn=0.09)

PAPER = np.array([0.965, 0.950, 0.915], np.float32)
INK = np.array([0.075, 0.075, 0.085], np.float32)
# darkness at which each wash starts -> how much ink it lays
WASHES = ((0.30, 0.11), (0.54, 0.17), (0.69, 0.28), (0.82, 0.30))


def paint(image: np.ndarray, seed: int) -> np.ndarray:
    """Paints `image`, uint8 RGB [H, W, 3], in ink: uint8 [H, W, 3], near grey on warm paper."""
    rng = np.random.default_rng(seed)
    shape = image.shape[:2]
    px = min(shape) / 512
    light = luminance_of(exposed(image, 0.85))
    flow = edge_flow(light, 4.0 * px)

    height, width = shape
    small = cv2.resize(light, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    for _ in range(2):
        small = cv2.bilateralFilter(small, 0, 0.14, 4.0 * px)
    calm = cv2.resize(cv2.GaussianBlur(small, (0, 0), 1.0 * px), (width, height), interpolation=cv2.INTER_CUBIC)

    # washes: steps of ink with wet, wavering borders that dry darker at the rim
    bristle = strokes(flow, 3.0 * px, 18 * px, rng)
    wet = fractal(shape, 18 * px, rng)
    dark = 1 - calm + 0.011 * wet
    ink = np.zeros(shape, np.float32)
    for start, amount in WASHES:
        inside = ramp(dark, start - 0.035, start + 0.035)
        rim = 4 * inside * (1 - inside)
        ink += amount * (inside + 0.18 * rim)
    # dry brush: paper shines through the blackest strokes as streaks along the hair
    black = ramp(ink, 0.45, 0.9)
    ink += 0.09 * wet * np.minimum(ink, 0.4) - 0.20 * black * np.clip(bristle, 0, 2) * flow.coherence

    # lines: two brush weights; pressure swells and fades slowly
    pressure = 1 + 0.25 * fractal(shape, 14 * px, rng)
    thin = contour_lines(light, flow, 1.4 * px, 7 * px, 0.007, 0.026)
    thick = contour_lines(light, flow, 2.8 * px, 14 * px, 0.022, 0.045)
    line = np.clip(np.maximum(0.85 * thin, thick) * pressure, 0, 1)
    ink = 1 - (1 - np.clip(ink, 0, 1)) * (1 - line)

    fibre = 0.010 * speckle(shape, 1.0 * px, rng) + 0.008 * fractal(shape, 6 * px, rng)
    ink = np.clip(ink, 0, 1)[..., None]
    painted = (PAPER + fibre[..., None]) * (1 - ink) + INK * ink
    return np.rint(np.clip(painted, 0, 1) * 255).astype(np.uint8)
