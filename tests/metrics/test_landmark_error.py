import numpy as np
import pytest

from stylizer.landmarks.topology import REGIONS
from stylizer.metrics.landmark_error import drift, landmark_error, landmark_error_by_region


def _face(interocular=50.0):
    points = np.random.default_rng(0).uniform(0, 200, (68, 2))
    points[36], points[45] = [60, 80], [60 + interocular, 80]
    return points


def test_a_shift_counts_in_shares_of_the_interocular_distance():
    face = _face(50)
    np.testing.assert_allclose(landmark_error(face, face + [3, 4]), 0.1)
    np.testing.assert_allclose(landmark_error(2 * face, 2 * (face + [3, 4])), 0.1)
    assert landmark_error(face, face) == 0


def test_the_expected_face_sets_the_scale():
    small, large = _face(50), 2 * _face(50)
    np.testing.assert_allclose(landmark_error(small, large), 2 * landmark_error(large, small))


def test_batches_keep_their_axes():
    faces = np.stack([_face()] * 6).reshape(2, 3, 68, 2)
    moved = faces.copy()
    moved[1, 2] += [3, 4]
    errors = landmark_error(faces, moved)
    np.testing.assert_allclose(errors, [[0, 0, 0], [0, 0, 0.1]])


def test_regions_see_their_own_points_only():
    face, moved = _face(50), _face(50)
    moved[48:68] += [0, 5]
    errors = landmark_error_by_region(face, moved)
    assert set(errors) == set(REGIONS)
    np.testing.assert_allclose(errors.pop("mouth"), 0.1)
    assert all(error == 0 for error in errors.values())
    np.testing.assert_allclose(landmark_error(face, moved), 0.1 * 20 / 68)


def test_wrong_shapes_and_eyes_in_one_place_are_refused():
    with pytest.raises(ValueError, match=r"\(5, 2\) and \(5, 2\)"):
        landmark_error(np.zeros([5, 2]), np.zeros([5, 2]))
    with pytest.raises(ValueError, match="eyes coincide"):
        landmark_error(np.zeros([68, 2]), np.zeros([68, 2]))


def test_drift_is_the_share_of_the_way_to_the_other_geometry():
    face, offset = _face(), np.random.default_rng(1).normal(size=(68, 2))
    across = np.random.default_rng(2).normal(size=(68, 2))
    across -= offset * (across * offset).sum() / np.square(offset).sum()
    faces = np.stack([face, face + offset, face - 0.25 * offset, face + 3 * across])
    np.testing.assert_allclose(drift(face[None].repeat(4, 0), faces, offset), [0, 1, -0.25, 0], atol=1e-12)
    with pytest.raises(ValueError, match=r"got \(68, 2\) and \(68, 2\)"):
        drift(face, face, np.zeros((68, 2)))
