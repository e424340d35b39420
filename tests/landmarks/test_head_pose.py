"""Head pose from 68 points: known angles, signs, shape of the picture."""

import numpy as np
import pytest

from stylizer.geometry.face_alignment import FLIP_PERMUTATION, flip_points
from stylizer.landmarks.head_pose import GENERIC_HEAD, estimate_pose, rotation_from_pose

NOSE_TIP = 30


@pytest.mark.parametrize("pose", [(0, 0, 0), (25, 0, 0), (-40, 15, 0), (10, -20, 35), (65, 10, -5), (0, 0, -80)])
@pytest.mark.parametrize("size", [(512, 512), (300, 900)])
def test_known_pose_is_found(pose, size):
    seen_px = (GENERIC_HEAD @ rotation_from_pose(*pose).T)[:, :2] * 57.0 + (120, 200)
    assert estimate_pose(seen_px / size, size) == pytest.approx(pose, abs=0.05)


def test_signs_follow_the_axes_of_the_picture():
    straight = GENERIC_HEAD[NOSE_TIP]
    assert (rotation_from_pose(20, 0, 0) @ straight)[0] > straight[0]  # yaw > 0: to the viewer's right
    assert (rotation_from_pose(0, 20, 0) @ straight)[1] > straight[1]  # pitch > 0: down
    right_ear = GENERIC_HEAD[15]
    assert (rotation_from_pose(0, 0, 20) @ right_ear)[1] > right_ear[1]  # roll > 0: clockwise


def test_mirroring_turns_yaw_and_roll_around(face_points):
    assert estimate_pose(flip_points(face_points(pose=(20, 5, 8))), (100, 100)) == pytest.approx((-20, 5, -8), abs=0.05)


def test_another_face_than_the_generic_one_is_close(face_points):
    rng = np.random.default_rng(0)
    points = face_points(pose=(30, -10, 5)) + rng.normal(0, 0.01, (68, 2))  # 5 % of the distance between the eyes
    assert estimate_pose(points, (100, 100)) == pytest.approx((30, -10, 5), abs=4)


def test_generic_head_is_symmetric_with_the_eyes_one_apart():
    np.testing.assert_allclose(GENERIC_HEAD[FLIP_PERMUTATION] * (-1, 1, 1), GENERIC_HEAD, atol=1e-9)
    assert np.linalg.norm(GENERIC_HEAD[36:42].mean(0) - GENERIC_HEAD[42:48].mean(0)) == pytest.approx(1, abs=0.01)
    assert GENERIC_HEAD[NOSE_TIP, 2] == GENERIC_HEAD[:, 2].min()  # z points away from the viewer


def test_points_in_one_spot_have_no_pose():
    assert estimate_pose(np.full((68, 2), 0.5), (64, 64)) == (0.0, 0.0, 0.0)
