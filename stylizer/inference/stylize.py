"""Draws whole photos with a trained generator.

The network saw faces of one size in training: 512-pixel frames around the
head. A photo is therefore resized so that its largest face has that size,
drawn as a whole (the network is fully convolutional, so there is no seam), and
brought back to its own size. Detecting, pasting and video come on top of this.
"""

from collections.abc import Callable

import cv2
import numpy as np
import tensorflow as tf

from stylizer.geometry.face_alignment import aligned_crop_transform
from stylizer.models.generator import STRIDE, Generator

FRAME = 512
# pictures without a face are drawn at this length of their longer side
FACELESS_SIDE = 768
# memory: about 0.5 kB a pixel
MOST_PIXELS = 4_000_000


def face_scale(control_points: np.ndarray | None, size: tuple[int, int]) -> float:
    """Factor by which a photo is resized so that its face has the size the network knows.

    Args:
      control_points: [68, 2] normalised, or None where no face was found.
      size: (height, width) of the photo in pixels.
    """
    height, width = size
    if control_points is None:
        scale = FACELESS_SIDE / max(size)
    else:
        matrix = aligned_crop_transform(control_points * (width, height), FRAME)
        scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    return min(scale, float(np.sqrt(MOST_PIXELS / (height * width))))


def stylize(generator: Generator | Callable[[tf.Tensor], tf.Tensor], image: np.ndarray,
            control_points: np.ndarray | None) -> np.ndarray:
    """Draws a photo.

    Args:
      generator: trained.
      image: uint8 [H, W, 3] RGB.
      control_points: [68, 2] normalised, of its largest face, or None.

    Returns:
      uint8 [H, W, 3] RGB, the same size and framing.
    """
    height, width = image.shape[:2]
    scale = face_scale(control_points, (height, width))
    # rounded up to whole strides by stretching, at most 15 pixels: no border has to be made up
    inner = tuple(max(STRIDE, -(-round(side * scale) // STRIDE) * STRIDE) for side in (width, height))
    resized = cv2.resize(image, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    drawn = draw_frame(generator, resized)
    shrinks = inner[0] > width
    return cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)


def draw_frame(generator: Generator | Callable[[tf.Tensor], tf.Tensor], image: np.ndarray) -> np.ndarray:
    """Draws a picture as it is: uint8 [H, W, 3] RGB -> the same; sides must be multiples of 16."""
    drawn = np.asarray(generator(tf.constant(image[None], tf.float32) / 255.0))[0]
    return np.clip(drawn * 255.0 + 0.5, 0, 255).astype(np.uint8)
