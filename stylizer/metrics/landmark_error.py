"""How far the landmarks of a face have moved, relative to the size of the face.

The normalised mean error of face alignment (C. Sagonas et al., "300 faces
in-the-wild challenge", ICCV workshops 2013): distances over the distance
between the outer corners of the eyes.
"""

import numpy as np

from stylizer.landmarks.topology import REGIONS

# Outer corners of the eyes in the iBUG-68 order
_LEFT_CORNER, _RIGHT_CORNER = 36, 45


def landmark_error(expected_px: np.ndarray, received_px: np.ndarray) -> np.ndarray:
    """Mean distance of corresponding control points, as a share of the expected face's inter-ocular distance.

    Args:
      expected_px: float [..., 68, 2] pixel positions, of the photo say. Normalised ones would do for square
        pictures only.
      received_px: float [..., 68, 2], of the stylization.

    Returns:
      float64 [...]; 0.02 is 2 %. NaN where `received_px` is NaN.

    Raises:
      ValueError: the shapes are not [..., 68, 2], or the expected eyes coincide.
    """
    return _relative_distances(expected_px, received_px).mean(axis=-1)


def landmark_error_by_region(expected_px: np.ndarray, received_px: np.ndarray) -> dict[str, np.ndarray]:
    """As `landmark_error`, over the points of each region of `stylizer.landmarks.topology.REGIONS` alone."""
    distances = _relative_distances(expected_px, received_px)
    return {region: distances[..., list(indices)].mean(axis=-1) for region, indices in REGIONS.items()}


def drift(expected: np.ndarray, received: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """How far faces have gone toward another geometry: 0 not at all, 1 all the way, negative away from it.

    The part of the movement along the offset between the two geometries, over all points; what is across it does not
    count.

    Args:
      expected: float [..., 68, 2] control points, of the photo say, in any unit.
      received: float [..., 68, 2], of the stylization.
      offset: float [68, 2], where the other geometry has the points less where photos have them, in the same unit.

    Returns:
      float64 [...].

    Raises:
      ValueError: the shapes are not these, or the offset is none.
    """
    moved, way = np.subtract(received, expected, dtype=np.float64), np.asarray(offset, np.float64)
    if moved.shape[-2:] != (68, 2) or way.shape != (68, 2) or not way.any():
        raise ValueError(f"drift takes points [..., 68, 2] and an offset [68, 2], got {moved.shape} and {way.shape}")
    return (moved * way).sum((-2, -1)) / np.square(way).sum()


def _relative_distances(expected_px: np.ndarray, received_px: np.ndarray) -> np.ndarray:
    expected, received = np.asarray(expected_px, np.float64), np.asarray(received_px, np.float64)
    if expected.shape[-2:] != (68, 2) or received.shape != expected.shape:
        raise ValueError(f"landmark error takes two arrays [..., 68, 2], got {expected.shape} and {received.shape}")
    interocular = np.linalg.norm(expected[..., _RIGHT_CORNER, :] - expected[..., _LEFT_CORNER, :], axis=-1)
    if (interocular == 0).any():
        raise ValueError("the outer corners of the expected eyes coincide")
    return np.linalg.norm(received - expected, axis=-1) / interocular[..., np.newaxis]
