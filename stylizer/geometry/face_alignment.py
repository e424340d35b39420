"""Upright, equally sized faces: similarity transforms, FFHQ-style crops, mirrored control points. NumPy, pure.

Points in pixels put the centre of the first pixel at 0.5 (so normalised times
the size), which is what everything here takes and gives. cv2.warpAffine puts
it at 0: use `to_cv2` on a matrix before handing it over.
"""

import numpy as np

# iBUG-68 order after a horizontal mirror: left becomes right
FLIP_PERMUTATION = np.array(
    [*range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1), 45, 44, 43, 42, 47, 46, 39, 38, 37, 36,
     41, 40, *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), *range(67, 64, -1)], np.int32)


def similarity_transform(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Least-squares similarity that carries `source` onto `target` (Umeyama 1991), without reflection.

    Args:
      source, target: [K, 2], K >= 2.

    Returns:
      float64 [2, 3]: target = matrix[:, :2] @ source + matrix[:, 2].
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    a, b = source - source.mean(0), target - target.mean(0)
    norm = max(float((a * a).sum()), 1e-12)
    p = float((a * b).sum()) / norm
    q = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / norm
    linear = np.array([[p, -q], [q, p]])
    return np.concatenate([linear, (target.mean(0) - linear @ source.mean(0))[:, None]], 1)


def aligned_crop_transform(control_points_px: np.ndarray, size: int) -> np.ndarray:
    """Transform from photo pixels to a square crop with the face upright, framed as FFHQ is (Karras et al. 2019).

    Args:
      control_points_px: [68, 2] in pixels of the photo.
      size: side of the crop in pixels.

    Returns:
      float64 [2, 3]; the crop's side is 4 eye distances or 3.6 times eye to mouth, whichever is more.
    """
    points = np.asarray(control_points_px, np.float64)
    left, right = points[36:42].mean(0), points[42:48].mean(0)
    eyes, mouth = (left + right) / 2, (points[48] + points[54]) / 2
    eye_to_eye, eye_to_mouth = right - left, mouth - eyes
    across = eye_to_eye - np.array([-eye_to_mouth[1], eye_to_mouth[0]])
    across /= max(float(np.hypot(*across)), 1e-12)
    half = max(float(np.hypot(*eye_to_eye)) * 2.0, float(np.hypot(*eye_to_mouth)) * 1.8, 1e-6)
    centre = eyes + eye_to_mouth * 0.1
    linear = np.array([[across[0], across[1]], [-across[1], across[0]]]) * (size / (2 * half))
    return np.concatenate([linear, (size / 2 - linear @ centre)[:, None]], 1)


def scale_of(matrix: np.ndarray) -> float:
    """How much a similarity [2, 3] enlarges."""
    return float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))


def frame_corners(matrix: np.ndarray, size: float) -> np.ndarray:
    """Where the corners of a square frame of `size` lie in the picture that `matrix` [2, 3] carries into it: [4, 2]."""
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]], np.float64)
    return (corners - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T


def bounding_pixels(points: np.ndarray, size: tuple[int, int], margin_px: float = 0.0) -> tuple[int, int, int, int]:
    """The smallest rectangle of whole pixels around points [N, 2] with a margin, as far as it lies in a picture.

    Args:
      points: in pixels.
      size: (height, width) of the picture.

    Returns:
      left, top, right, bottom; at least one pixel, whatever lies outside.
    """
    height, width = size
    left, top = np.floor(np.clip(points.min(0) - margin_px, 0, (width - 1, height - 1))).astype(int)
    right, bottom = np.ceil(np.clip(points.max(0) + margin_px, (left + 1, top + 1), (width, height))).astype(int)
    return int(left), int(top), int(right), int(bottom)


def of_cutout(matrix: np.ndarray, left: int, top: int) -> np.ndarray:
    """The transform [2, 3] for a part of the picture that begins at (left, top)."""
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ (left, top)
    return moved


def apply_transform(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Points [..., 2] through an affine [2, 3]."""
    return np.asarray(points) @ matrix[:, :2].T + matrix[:, 2]


def to_cv2(matrix: np.ndarray) -> np.ndarray:
    """The same transform for pixel centres at whole numbers, as cv2.warpAffine has them."""
    matrix = np.asarray(matrix, np.float64).copy()
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    return matrix


def flip_points(points: np.ndarray) -> np.ndarray:
    """Control points [..., 68, 2], normalised, of the mirrored picture: x becomes 1 - x, left and right swap places."""
    mirrored = np.asarray(points)[..., FLIP_PERMUTATION, :] * (-1.0, 1.0) + (1.0, 0.0)
    return mirrored.astype(np.asarray(points).dtype)
