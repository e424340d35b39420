"""Figures of one drawing: is it the same person, the same picture, the painter's hand?

Where the style is one of our painters', its own painting of the same photo is
known and serves as the reference; training never sees such a pair.
"""

from collections import Counter

import cv2
import numpy as np
import tensorflow as tf

from stylizer.landmarks.mediapipe_detector import Face
from stylizer.metrics.landmark_error import landmark_error, landmark_error_by_region
from stylizer.metrics.lpips import perceptual_distance, perceptual_features
from stylizer.metrics.tone import hair_luma, mean_chroma, skin_luma, tone_error

LPIPS_SIDE = 256  # pixels; four times cheaper than full size, and strokes are still seen


def landmarks(photo: np.ndarray, before: Face | None, after: Face | None) -> dict:
    """How far the face's control points have moved, overall and by region.

    Args:
      photo: uint8 [H, W, 3], for its size.
      before, after: the faces found in photo and drawing; None where none was found.

    Returns:
      face_in_photo, face_found_again, and with both faces landmark_error_percent and those of the regions.
    """
    if before is None:
        return {"face_in_photo": False}
    if after is None:
        return {"face_in_photo": True, "face_found_again": False}
    size = np.array(photo.shape[1::-1])
    expected, received = before.control_points * size, after.control_points * size
    by_region = landmark_error_by_region(expected, received)
    return {"face_in_photo": True, "face_found_again": True,
            "landmark_error_percent": 100 * float(landmark_error(expected, received)),
            **{f"landmark_error_{region}_percent": 100 * float(error) for region, error in by_region.items()}}


def tones(photo: np.ndarray, drawn: np.ndarray, painted: np.ndarray | None, points: np.ndarray) -> dict:
    """Colourfulness, lightness of skin and hair, and how they differ from the painting's.

    Args:
      photo, drawn: uint8 [H, W, 3] RGB. painted: the painter's, or None.
      points: float [68, 2], control points in the photo, normalised.

    Returns:
      luma from 0 to 255; keys whose value is unknown (no cheeks in the picture) are left out.
    """
    row = {"saturation_percent": mean_chroma(drawn), "skin_luma": skin_luma(drawn, points),
           "skin_photo_luma": skin_luma(photo, points), "hair_luma": hair_luma(drawn, points)}
    if painted is not None:
        row |= {"tone_error_luma": tone_error(drawn, painted), "skin_painted_luma": skin_luma(painted, points),
                "hair_painted_luma": hair_luma(painted, points)}
    return {name: value for name, value in row.items() if np.isfinite(value)}


def perceptual_distances(couples: list[tuple[np.ndarray, np.ndarray]]) -> list[float]:
    """LPIPS of each couple of pictures uint8 [H, W, 3]. Raises AssetError as `lpips` does."""
    uses = Counter(id(picture) for couple in couples for picture in couple)
    # the network sees each picture once; its features take 33 MB, so they are kept no longer than they are used
    features: dict[int, dict[str, tf.Tensor]] = {}
    distances = []
    for couple in couples:
        for picture in couple:
            if id(picture) not in features:
                features[id(picture)] = perceptual_features(tf.constant(_small(picture)[None], tf.float32) / 255.0)
        distances.append(float(perceptual_distance(*(features[id(picture)] for picture in couple))[0]))
        uses.subtract(map(id, couple))
        features = {key: value for key, value in features.items() if uses[key]}
    return distances


def _small(picture: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(picture, (LPIPS_SIDE, LPIPS_SIDE), interpolation=cv2.INTER_AREA))
