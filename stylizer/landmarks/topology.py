"""Which points of a face are its 68 control points, and which of them make up an eye, the nose, the mouth, the jaw.

The order is that of iBUG's 300-W annotation (Sagonas et al. 2013): 0-16 jaw, 17-21 and 22-26 brows, 27-35 nose,
36-41 and 42-47 eyes, 48-67 mouth. Left and right are the viewer's.
"""

import cv2
import numpy as np

CONTROL_POINT_COUNT = 68
MESH_POINT_COUNT = 468

# Vertex of MediaPipe's 468-point mesh for each control point. The mesh follows the face oval, so jaw points 0 and 16
# sit at the temples, a little above iBUG's.
MEDIAPIPE_TO_68 = np.array([
    162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389,  # jaw
    71, 63, 105, 66, 107,  # left brow
    336, 296, 334, 293, 301,  # right brow
    168, 197, 5, 4, 75, 97, 2, 326, 305,  # bridge and wings of the nose
    33, 160, 158, 133, 153, 144,  # left eye
    362, 385, 387, 263, 373, 380,  # right eye
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,  # outer lips
    78, 82, 13, 312, 308, 317, 14, 87,  # inner lips
])  # fmt: skip

# Indices into the 68; an eye comes with its brow.
REGIONS: dict[str, np.ndarray] = {
    "left_eye": np.r_[17:22, 36:42],
    "right_eye": np.r_[22:27, 42:48],
    "nose": np.r_[27:36],
    "mouth": np.r_[48:68],
    "jaw": np.r_[0:17],
}

_REGION_COLORS = {
    "left_eye": (230, 25, 75),
    "right_eye": (60, 180, 75),
    "nose": (255, 200, 25),
    "mouth": (0, 130, 200),
    "jaw": (245, 130, 48),
}


def draw_control_points(image: np.ndarray, control_points: np.ndarray, numbered: bool = False) -> np.ndarray:
    """Draws the control points over a face, one colour a region, for figures and for the eye.

    Args:
      image: uint8 [H, W, 3], RGB; left as it is.
      control_points: [68, 2], (x, y) in [0, 1].
      numbered: writes each point's index beside it.

    Returns:
      uint8 [H, W, 3].
    """
    height, width = image.shape[:2]
    drawn = image.copy()
    radius = max(1, round(min(height, width) / 200))
    points_px = np.asarray(control_points, np.float64) * (width, height) - 0.5  # pixel centres are at i + 0.5
    for region, indices in REGIONS.items():
        for index in indices:
            x, y = (int(v) for v in np.rint(points_px[index]))
            sixteenths = [round(16 * v) for v in points_px[index]]
            cv2.circle(drawn, sixteenths, 16 * radius, _REGION_COLORS[region], -1, cv2.LINE_AA, shift=4)
            if numbered:
                cv2.putText(drawn, str(index), (x + radius, y - radius), cv2.FONT_HERSHEY_SIMPLEX,
                            radius * 0.2, _REGION_COLORS[region], 1, cv2.LINE_AA)
    return drawn
