"""Oil painting: opaque brush strokes that follow the form, large in the flats and small in the features, relief."""

import cv2
import numpy as np

from stylizer.data.painters.exposure import exposed, luminance_of
from stylizer.data.painters.face_geometry import FaceGeometry
from stylizer.data.painters.flow import Flow, edge_flow, gradient, smooth_along
from stylizer.data.painters.lines import ramp
from stylizer.data.painters.textures import speckle, strokes

GEOMETRY = FaceGeometry(
    eye_width=1.05, eye_height=1.10, nose_scale=1.08, mouth_scale=0.86, chin_width=1.08, turn=-0.12)

# (half width, length, spacing) of the strokes of each layer in pixels at 512, and the detail at which it is laid
LAYERS = ((7.0, 30.0, 9.0, 0.0), (3.5, 18.0, 5.0, 0.25), (1.8, 10.0, 3.4, 0.55))


def paint(image: np.ndarray, seed: int) -> np.ndarray:
    """Paints `image`, uint8 RGB [H, W, 3], in oil: uint8 [H, W, 3]."""
    rng = np.random.default_rng(seed)
    shape = image.shape[:2]
    px = min(shape) / 512
    light_image = _rich(exposed(image, 0.4))
    light = luminance_of(light_image)
    flow = edge_flow(light, 5.0 * px)
    fine = light - cv2.GaussianBlur(light, (0, 0), 6 * px)
    detail = ramp(np.sqrt(cv2.GaussianBlur(fine * fine, (0, 0), 5 * px)), 0.008, 0.075)

    canvas = cv2.GaussianBlur(light_image, (0, 0), 5 * px)
    canvas8 = np.rint(canvas * 255).astype(np.uint8)
    for half_width, length, spacing, threshold in LAYERS:
        reference = cv2.GaussianBlur(light_image, (0, 0), 0.5 * half_width * px)
        _lay_strokes(canvas8, reference, flow, detail, half_width * px, length * px, spacing * px, threshold, rng)
    canvas = canvas8.astype(np.float32) / 255
    # what the finest brush still states: eyes, lips
    features = 0.6 * ramp(detail, 0.6, 1.0)[..., None]
    canvas = canvas + features * (smooth_along(light_image, flow, 2.5 * px) - canvas)

    # relief: bristles leave ridges, lit from the upper left
    ridges = 0.6 * strokes(flow, 2.2 * px, 12 * px, rng) + 0.15 * speckle(shape, 0.8 * px, rng)
    slope_x, slope_y = gradient(cv2.GaussianBlur(ridges + 2.5 * luminance_of(canvas), (0, 0), 0.7 * px))
    lit = slope_x + slope_y
    canvas = canvas * (1 + 0.10 * np.clip(lit, -1.5, 1.5))[..., None]
    return np.rint(np.clip(canvas, 0, 1) * 255).astype(np.uint8)


def _rich(image: np.ndarray) -> np.ndarray:
    """Deeper shadows, fuller and a little warmer colour, as varnish gives."""
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    lightness = lab[..., 0] / 100
    lab[..., 0] = 100 * (lightness + 0.22 * lightness * (1 - lightness) * (2 * lightness - 1.2)) * 0.97
    lab[..., 1] = 1.15 * lab[..., 1] + 1.0
    lab[..., 2] = 1.20 * lab[..., 2] + 4.0 * (1 - np.abs(2 * lightness - 1))
    return np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1)


def _lay_strokes(canvas: np.ndarray, reference: np.ndarray, flow: Flow, detail: np.ndarray, half_width: float,
                 length: float, spacing: float, threshold: float, rng: np.random.Generator) -> None:
    """Lays one layer of strokes on uint8 `canvas`, at the points where `detail` exceeds `threshold`."""
    height, width = detail.shape
    x, y = np.meshgrid(np.arange(spacing / 2, width, spacing), np.arange(spacing / 2, height, spacing))
    x, y = (np.clip(v + rng.uniform(-0.5, 0.5, v.shape) * spacing, 0, limit - 1).ravel()
            for v, limit in ((x, width), (y, height)))
    order = rng.permutation(len(x))
    x, y = x[order], y[order]
    column, row = x.astype(int), y.astype(int)
    wanted = detail[row, column] >= threshold
    x, y, column, row = x[wanted], y[wanted], column[wanted], row[wanted]
    tx, ty = flow.tx[row, column], flow.ty[row, column]
    colour = reference[row, column] * (1 + 0.045 * rng.standard_normal((len(x), 1)))
    colour = np.clip(255 * (colour + 0.012 * rng.standard_normal((len(x), 3))), 0, 255)
    reach = 0.5 * length * rng.uniform(0.7, 1.1, len(x))
    # a curved stroke: a step to either side, each turning with the flow
    ax, ay = x - tx * reach, y - ty * reach
    bx, by = x + tx * reach, y + ty * reach
    points = np.rint(np.stack([ax, ay, x, y, bx, by], axis=1) * 16).astype(np.int32).reshape(-1, 3, 2)
    thickness = max(1, round(2 * half_width))
    for path, c in zip(points, colour.tolist(), strict=True):
        cv2.polylines(canvas, [path], False, c, thickness, cv2.LINE_AA, 4)
