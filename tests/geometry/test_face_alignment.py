import cv2
import numpy as np
import pytest

from stylizer.geometry.face_alignment import (
    FLIP_PERMUTATION,
    aligned_crop_transform,
    apply_transform,
    bounding_pixels,
    flip_points,
    similarity_transform,
    to_cv2,
)


def _face(eye_distance=40.0, eyes_to_mouth=40.0):
    """Pixel positions that matter to the crop, the rest at 0: eyes around (100, 80), mouth below."""
    points = np.zeros([68, 2])
    points[36:42] = [100 - eye_distance / 2, 80]
    points[42:48] = [100 + eye_distance / 2, 80]
    points[48], points[54] = [85, 80 + eyes_to_mouth], [115, 80 + eyes_to_mouth]
    return points


def _rotation(degrees, scale=1.0, shift=(0.0, 0.0)):
    c, s = scale * np.cos(np.radians(degrees)), scale * np.sin(np.radians(degrees))
    return np.array([[c, -s, shift[0]], [s, c, shift[1]]])


def test_similarity_recovers_rotation_scale_and_shift():
    source = np.random.default_rng(0).normal(size=(68, 2))
    expected = _rotation(37, scale=2.5, shift=(-3, 8))
    np.testing.assert_allclose(similarity_transform(source, apply_transform(source, expected)), expected, atol=1e-12)


def test_similarity_is_the_least_squares_one():
    rng = np.random.default_rng(1)
    source, target = rng.normal(size=(2, 20, 2))

    def error(parameters):
        p, q, x, y = parameters
        return ((apply_transform(source, np.array([[p, -q, x], [q, p, y]])) - target) ** 2).sum()

    fitted = similarity_transform(source, target)
    best = np.array([fitted[0, 0], fitted[1, 0], fitted[0, 2], fitted[1, 2]])
    assert np.allclose(fitted[:, :2], [[best[0], -best[1]], [best[1], best[0]]])
    for step in 1e-3 * np.concatenate([np.eye(4), -np.eye(4)]):
        assert error(best + step) > error(best)


def test_similarity_does_not_mirror():
    source = np.array([[0.0, 0], [1, 0], [0, 1], [2, 3]])
    assert np.linalg.det(similarity_transform(source, source * [-1, 1])[:, :2]) > 0


def test_similarity_of_coinciding_points_is_finite_and_meets_the_mean():
    transform = similarity_transform(np.ones([5, 2]), np.full([5, 2], 3.0))
    np.testing.assert_allclose(apply_transform([1.0, 1.0], transform), [3, 3])


@pytest.mark.parametrize("eye_distance, eyes_to_mouth, side", [(40, 40, 160), (40, 60, 216)])
def test_crop_side_is_the_greater_of_four_eye_distances_and_3_6_eye_mouth_distances(eye_distance, eyes_to_mouth, side):
    transform = aligned_crop_transform(_face(eye_distance, eyes_to_mouth), 512)
    np.testing.assert_allclose(transform[:, :2], np.eye(2) * 512 / side, atol=1e-12)
    # A tenth of the way from the eyes to the mouth lies the centre of the crop.
    np.testing.assert_allclose(apply_transform([100, 80 + eyes_to_mouth / 10], transform), [256, 256])


def test_crop_is_upright_whatever_the_photo_turn_and_scale():
    upright = aligned_crop_transform(_face(), 256)
    turn = _rotation(-160, scale=3, shift=(50, -20))
    turned = aligned_crop_transform(apply_transform(_face(), turn), 256)
    np.testing.assert_allclose(apply_transform(_face(), upright),
                               apply_transform(apply_transform(_face(), turn), turned), atol=1e-9)


def test_crop_of_no_face_is_finite():
    assert np.isfinite(aligned_crop_transform(np.ones([68, 2]), 256)).all()


def test_crop_agrees_with_warp_affine():
    """A spot in the photo lies in the crop where the transform says, to a fraction of a pixel."""
    rows, columns = np.mgrid[:160, :200].astype(np.float32) + 0.5
    photo = np.exp(-((columns - 112) ** 2 + (rows - 91) ** 2) / 18)
    transform = aligned_crop_transform(apply_transform(_face(), _rotation(12, shift=(10, -15))), 256)
    crop = cv2.warpAffine(photo, to_cv2(transform), (256, 256))
    rows, columns = np.mgrid[:256, :256] + 0.5
    found = np.array([(crop * columns).sum(), (crop * rows).sum()]) / crop.sum()
    np.testing.assert_allclose(found, apply_transform([112, 91], transform), atol=0.05)


def test_flip_exchanges_the_sides():
    assert sorted(FLIP_PERMUTATION) == list(range(68))
    points = np.random.default_rng(3).uniform(size=(2, 68, 2))
    flipped = flip_points(points)
    # viewer's left <-> right: ends of the jaw, outer ends of the brows, outer and inner eye corners, upper lids,
    # nostrils, mouth corners; and points on the axis stay
    for a, b in [(0, 16), (17, 26), (36, 45), (39, 42), (37, 44), (41, 46), (31, 35), (48, 54), (60, 64), (67, 65)]:
        np.testing.assert_allclose(flipped[:, a], points[:, b] * [-1, 1] + [1, 0])
        np.testing.assert_allclose(flipped[:, b], points[:, a] * [-1, 1] + [1, 0])
    for a in (8, 27, 30, 33, 51, 57, 62, 66):
        np.testing.assert_allclose(flipped[:, a, 1], points[:, a, 1])
    np.testing.assert_allclose(flip_points(flipped), points)


@pytest.mark.parametrize(("points", "margin_px", "wanted"), [
    ([[3.2, 4.0], [7.5, 9.9]], 0.0, (3, 4, 8, 10)),
    ([[3.2, 4.0], [7.5, 9.9]], 2.0, (1, 2, 10, 12)),
    ([[-50.0, -5.0], [900.0, 90.0]], 0.0, (0, 0, 30, 20)),
    ([[-50.0, -5.0], [-40.0, -4.0]], 0.0, (0, 0, 1, 1)),
    ([[90.0, 95.0], [99.0, 99.0]], 0.0, (29, 19, 30, 20)),
])
def test_bounding_pixels_lie_in_the_picture(points, margin_px, wanted):
    assert bounding_pixels(np.array(points), (20, 30), margin_px) == wanted
