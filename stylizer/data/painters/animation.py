"""Animation cel: flat colour areas with hard shadow edges, clean dark lines, bright eyes and teeth."""

import cv2
import numpy as np

from stylizer.data.painters.exposure import exposed, luminance_of
from stylizer.data.painters.face_geometry import FaceGeometry
from stylizer.data.painters.flow import edge_flow, smooth_along
from stylizer.data.painters.lines import contour_lines, ramp

GEOMETRY = FaceGeometry(
    eye_width=1.35, eye_height=1.75, brow_raise=0.03, nose_scale=0.74, mouth_scale=0.76, chin_width=0.76, turn=0.06)

SHADOW, SHINE = 12.0, 9.0  # change of lightness (of 100) where an area is in shadow, or shines


def paint(image: np.ndarray, seed: int) -> np.ndarray:
    """Draws `image`, uint8 RGB [H, W, 3], as a cel: uint8 [H, W, 3]. `seed` moves the shadow's edge a little."""
    rng = np.random.default_rng(seed)
    px = min(image.shape[:2]) / 512
    light_image = exposed(image)
    light = luminance_of(light_image)
    flow = edge_flow(light, 4.0 * px)
    calm, local = _flattened(light_image, px)
    calm = smooth_along(calm, flow, 5 * px)

    # every area has one local colour, one shadow and one shine, with hard edges between them
    lab, local_lab = (cv2.cvtColor(np.clip(v, 0, 1), cv2.COLOR_RGB2LAB) for v in (calm, local))
    difference = lab[..., 0] - local_lab[..., 0]
    shade = float(rng.uniform(5.0, 6.5))
    shadow = ramp(-difference, shade, shade + 2.0) + ramp(-difference, 3.2 * shade, 3.2 * shade + 2.5)
    skin = ramp(cv2.GaussianBlur(local_lab[..., 1], (0, 0), 10 * px), 4, 10)
    shine = ramp(difference, 7.0, 9.0) * (1 - 0.7 * skin)
    base = 100 * (local_lab[..., 0] / 100) ** 0.87
    cel = np.dstack([base - SHADOW * shadow + SHINE * shine, 1.25 * local_lab[..., 1], 1.25 * local_lab[..., 2]])

    # the whites of eyes and teeth become white
    chroma = cv2.magnitude(lab[..., 1], lab[..., 2])
    kernel = np.ones((max(3, round(24 * px)),) * 2, np.uint8)
    above = cv2.morphologyEx(luminance_of(calm), cv2.MORPH_TOPHAT, kernel)
    fair = ramp(cv2.GaussianBlur(light, (0, 0), 10 * px), 0.40, 0.52)  # hair shines, too, but is darker around
    white = 0.9 * skin * fair * ramp(above, 0.09, 0.18) * ramp(-chroma, -26, -14) * ramp(light, 0.35, 0.55)
    cel[..., 0] += white * (96 - cel[..., 0])
    cel[..., 1:] *= (1 - 0.85 * white)[..., None]
    cel = np.clip(cv2.cvtColor(np.clip(cel, (0, -100, -100), (100, 100, 100)).astype(np.float32),
                               cv2.COLOR_LAB2RGB), 0, 1)

    fine = contour_lines(cv2.bilateralFilter(light, 0, 0.08, 2.0 * px), flow, 1.1 * px, 6 * px, 0.018, 0.025)
    outline = contour_lines(luminance_of(calm), flow, 1.7 * px, 12 * px, 0.011, 0.022)
    line = np.maximum(fine, outline)
    ink = 0.25 * cv2.GaussianBlur(cel, (0, 0), 3 * px) ** 1.5 + np.array([0.05, 0.03, 0.05], np.float32)
    cel += (ink - cel) * (0.95 * line[..., None])
    return np.rint(np.clip(cel, 0, 1) * 255).astype(np.uint8)


def _flattened(image: np.ndarray, px: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns the picture without texture, and the local colour of its areas: both float32 RGB [H, W, 3]."""
    height, width = image.shape[:2]
    calm = cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    for _ in range(2):
        calm = cv2.bilateralFilter(calm, 0, 0.09, 2.5 * px)
    guide = np.rint(np.clip(calm, 0, 1) * 255).astype(np.uint8)
    # Min et al., "Fast Global Image Smoothing Based on Weighted Least Squares", 2014
    local = cv2.ximgproc.fastGlobalSmootherFilter(guide, calm, 120.0 * px, 8.0)
    return (cv2.resize(calm, (width, height), interpolation=cv2.INTER_CUBIC),
            cv2.resize(local, (width, height), interpolation=cv2.INTER_CUBIC))
