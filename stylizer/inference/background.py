"""Who is in front of what: MediaPipe's selfie segmentation (model in its wheel), helped by where the faces are."""

from typing import Any

import cv2
import numpy as np

from stylizer.landmarks.mediapipe_detector import Face
from stylizer.quiet import quiet

BACKGROUNDS = ("stylize", "keep", "blur", "plain")
_SEARCHED_SIDE_PX = 512  # the network looks at 256 pixels anyway
_BLUR = 0.03  # of the longer side


class PersonMask:
    """Finds people; for one thread. It costs nothing until it is first asked."""

    def __init__(self) -> None:
        self._segmentation: Any = None

    def __call__(self, image: np.ndarray, faces: list[Face]) -> np.ndarray:
        """float32 [H, W, 1] in 0..1, soft at the outlines.

        Args:
          image: uint8 [H, W, 3] RGB.
          faces: these are people in any case.
        """
        if self._segmentation is None:
            with quiet():
                from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation

                self._segmentation = SelfieSegmentation(model_selection=0)
        height, width = image.shape[:2]
        scale = min(1.0, _SEARCHED_SIDE_PX / max(height, width))
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        found = self._segmentation.process(small).segmentation_mask.astype(np.float32)
        for face in faces:
            outline = cv2.convexHull((face.mesh * small.shape[1::-1]).astype(np.int32))
            cv2.fillConvexPoly(found, outline, (1.0,))
        found = cv2.GaussianBlur(found, (0, 0), 2.0)
        t = np.clip((cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR) - 0.3) / 0.4, 0, 1)
        return (t * t * (3 - 2 * t))[..., None]


def behind(kind: str, image: np.ndarray, mask: np.ndarray, paper: np.ndarray) -> np.ndarray:
    """What is to be seen behind the people, [H, W, 3] in 0..255.

    Args:
      kind: "keep" the photo, "blur" it, or "plain" paper.
      image: the photo.
      mask: of the people, as PersonMask gives it: their colours must not bleed into what is blurred.
      paper: colour of the style's empty paper, [3].
    """
    if kind == "keep":
        return image
    if kind == "plain":
        return np.broadcast_to(np.asarray(paper, np.uint8), image.shape)
    height, width = image.shape[:2]
    reduced = (max(1, width // 4), max(1, height // 4))  # what is blurred so much can be reduced first
    free = 1.001 - cv2.resize(mask, reduced, interpolation=cv2.INTER_AREA)[..., None]
    sigma = _BLUR * max(reduced)
    colors = cv2.GaussianBlur(free * cv2.resize(image, reduced, interpolation=cv2.INTER_AREA), (0, 0), sigma)
    return cv2.resize(colors / cv2.GaussianBlur(free, (0, 0), sigma)[..., None], (width, height))
