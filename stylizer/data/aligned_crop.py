"""Cutting an aligned square out of a picture, without aliasing when it shrinks and without a seam at the border."""

import cv2
import numpy as np

from stylizer.geometry.face_alignment import bounding_pixels, frame_corners, of_cutout, scale_of, to_cv2


def cut_aligned(image: np.ndarray, transform: np.ndarray, size_px: int) -> np.ndarray:
    """Resamples `image` by a similarity into a square.

    Where the square reaches beyond the picture, the picture is mirrored at its border and, away from the border,
    blurred, so that neither a black wedge nor a sharp second face gets into the training data (as FFHQ's preparation
    does, Karras et al. 2019).

    Args:
      image: uint8 [H, W, 3].
      transform: float [2, 3], carries (x, y) in pixels of `image` to pixels of the square; a pixel's centre is at
        half-integers in both.
      size_px: side of the square.

    Returns:
      uint8 [size_px, size_px, 3].
    """
    transform = np.asarray(transform, np.float64)
    scale = scale_of(transform)
    image, transform = _needed_part(image, transform, size_px)
    if scale < 1:  # average over areas first; the rest is a turn without a change of size
        height, width = image.shape[:2]
        reduced = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = cv2.resize(image, reduced, interpolation=cv2.INTER_AREA)
        transform = transform @ np.diag([width / reduced[0], height / reduced[1], 1.0])
    matrix = to_cv2(transform)
    size = (size_px, size_px)
    crop = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    inside = cv2.warpAffine(np.full(image.shape[:2], 255, np.uint8), matrix, size, flags=cv2.INTER_NEAREST)
    if inside.all():
        return crop
    outside_px = cv2.distanceTransform((inside == 0).astype(np.uint8), cv2.DIST_L2, 5)
    blend = np.clip(outside_px / (size_px / 16), 0, 1)[..., None]
    blurred = cv2.GaussianBlur(crop, (0, 0), size_px / 40)
    return np.rint(crop + (blurred.astype(np.float32) - crop) * blend).astype(np.uint8)


def _needed_part(image: np.ndarray, transform: np.ndarray, size_px: int) -> tuple[np.ndarray, np.ndarray]:
    """Drops what the square does not show, lest a large photo is resized for a small face in it."""
    corners = frame_corners(transform, size_px)
    margin_px = 2 + np.ptp(corners, axis=0).max() / 16
    left, top, right, bottom = bounding_pixels(corners, (image.shape[0], image.shape[1]), margin_px)
    return np.ascontiguousarray(image[top:bottom, left:right]), of_cutout(transform, left, top)
