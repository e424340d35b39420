"""Faces bend as far as asked, and only they."""

import numpy as np
import pytest

from stylizer.inference.exaggeration import exaggerate


@pytest.fixture
def face(face_points):
    """A picture with a dot at each eye's centre, the points, and an offset that lowers the eyes by 3 % of the frame."""
    points = face_points(scale=0.15, center=(0.45, 0.55))
    image = np.full((400, 500, 3), 30, np.uint8)
    offset = np.zeros((68, 2), np.float32)
    offset[36:48, 1] = 0.03
    return image, points, offset


def _eye(image, points):
    """Paints the left eye's area and returns a function that finds its centre."""
    x, y = (points[36:42].mean(0) * (500, 400)).astype(int)
    painted = image.copy()
    painted[y - 3:y + 4, x - 3:x + 4] = 255
    return painted


def _centre(image):
    y, x = np.nonzero(image[..., 0] > 140)
    return np.array([x.mean(), y.mean()])


@pytest.mark.parametrize("amount", [1.0, -1.0, 0.5])
def test_points_and_pixels_move_together(face, amount):
    image, points, offset = face
    painted = _eye(image, points)
    bent, moved = exaggerate(painted, points, offset, amount)
    frame_px = 4 * 0.15 * np.hypot(500, 0)  # the frame is about 4 eye distances wide
    shift = (moved - points)[36:42].mean(0) * (500, 400)
    assert shift[1] == pytest.approx(amount * 0.03 * frame_px, rel=0.25) and abs(shift[0]) < 1.0
    np.testing.assert_allclose(_centre(bent) - _centre(painted), shift, atol=1.2)
    np.testing.assert_array_equal(moved[:17], points[:17].astype(np.float32))  # the jaw was not asked to move


def test_nothing_is_nothing(face):
    image, points, offset = face
    painted = _eye(image, points)
    bent, moved = exaggerate(painted, points, offset, 0.0)
    np.testing.assert_array_equal(bent, painted)
    np.testing.assert_allclose(moved, points, atol=1e-6)


def test_the_surroundings_stay_and_join_without_a_step(face):
    image, points, offset = face
    y, x = np.mgrid[:400, :500]
    stripes = np.repeat(np.uint8(127 + 100 * np.sin(x / 9 + y / 13))[..., None], 3, -1)
    bent, _ = exaggerate(stripes, points, offset, 1.0)
    changed = (bent != stripes).any(-1)
    assert 0.02 < changed.mean() < 0.7
    assert not changed[:3].any() and not changed[:, -3:].any()
    steps = [np.abs(np.diff(p[..., 0].astype(int), axis=0)).max() for p in (stripes, bent)]
    assert steps[1] < 1.6 * steps[0]


def test_turned_faces_bend_in_their_own_direction(face_points):
    points = face_points(pose=(0, 0, 90), scale=0.15)
    offset = np.zeros((68, 2), np.float32)
    offset[36:48, 1] = 0.03  # down in the face's frame
    _, moved = exaggerate(np.zeros((400, 400, 3), np.uint8), points, offset, 1.0)
    shift = (moved - points)[36:48].mean(0)
    assert abs(shift[0]) > 10 * abs(shift[1])


def test_faces_cut_by_the_frame(face_points):
    for center in ((0.0, 0.5), (1.0, 1.0)):
        points = face_points(scale=0.3, center=center)
        bent, _ = exaggerate(np.full((90, 70, 3), 9, np.uint8), points, np.full((68, 2), 0.02, np.float32), 1.0)
        assert (bent == 9).all()
