"""Pencil sketch: graphite on off-white paper, contours, hatching on the diagonal, hair drawn along its run."""

import cv2
import numpy as np

from stylizer.data.painters.exposure import exposed, luminance_of
from stylizer.data.painters.face_geometry import FaceGeometry
from stylizer.data.painters.flow import diagonal_flow, edge_flow
from stylizer.data.painters.lines import contour_lines, ramp
from stylizer.data.painters.textures import fractal, speckle, strokes

GEOMETRY = FaceGeometry(
    eye_width=1.18, eye_height=1.25, brow_raise=0.02, nose_scale=0.92, mouth_scale=0.90, chin_width=0.90, turn=0.05)

PAPER, GRAPHITE = 0.965, 0.10  # of full white
HATCHING_ANGLE = -0.9  # radians: from lower left to upper right, as a right hand draws


def paint(image: np.ndarray, seed: int) -> np.ndarray:
    """Draws `image`, uint8 RGB [H, W, 3], in pencil: uint8 [H, W, 3] of three equal channels."""
    rng = np.random.default_rng(seed)
    shape = image.shape[:2]
    px = min(shape) / 512
    light = luminance_of(exposed(image))
    flow = edge_flow(light, 3.0 * px)

    # shading: the photo's tone, lifted so that the paper speaks in the lights, form brought out a little
    calm = cv2.bilateralFilter(light, 0, 0.12, 3.0 * px)
    form = calm + 0.35 * (calm - cv2.GaussianBlur(calm, (0, 0), 16 * px))
    dark = np.clip(1.0 - form, 0.0, 1.0)
    shade = np.clip(0.92 * dark ** 1.75 + 0.16 * ramp(dark, 0.5, 0.85), 0.0, 1.0)

    # strokes: along the run of hair and folds, on the diagonal elsewhere; at their strongest in the half tones
    along = strokes(edge_flow(light, 5.0 * px), 2.4 * px, 14 * px, rng)
    hatch = strokes(diagonal_flow(shape, HATCHING_ANGLE), 2.8 * px, 18 * px, rng)
    run = ramp(flow.coherence, 0.25, 0.7) * ramp(dark, 0.45, 0.75)
    amount = 0.55 * shade * (1.0 - 0.70 * shade)
    graphite = shade + amount * ((0.8 * run) * along + (0.5 * (1 - run)) * hatch)
    graphite += 0.05 * np.sqrt(shade) * speckle(shape, 0.7 * px, rng)

    fine = contour_lines(light, flow, 0.9 * px, 4 * px, 0.008, 0.05)
    broad = contour_lines(light, flow, 1.8 * px, 7 * px, 0.016, 0.10)
    pressure = 1.0 + 0.15 * fractal(shape, 10 * px, rng)
    line = np.maximum(0.65 * fine, 0.85 * broad) * pressure
    graphite = 1.0 - (1.0 - np.clip(graphite, 0, 1)) * (1.0 - np.clip(line, 0, 1))

    grey = PAPER + 0.008 * speckle(shape, 0.9 * px, rng) - (PAPER - GRAPHITE) * np.clip(graphite, 0, 1)
    grey = np.clip(grey * 255, 0, 255).astype(np.uint8)
    return cv2.merge([grey, grey, grey])
