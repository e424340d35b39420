"""Behind people: the photo, blurred or paper; nothing of them bleeds into it."""

import numpy as np
import pytest

from stylizer.inference.background import PersonMask, behind
from stylizer.landmarks.mediapipe_detector import FaceDetector


def test_finds_the_person(portraits):
    with FaceDetector() as detector:
        faces = detector.detect(portraits[0])
    mask = PersonMask()(portraits[0], faces)
    assert mask.shape == (512, 512, 1) and mask.dtype == np.float32 and mask.min() >= 0 and mask.max() <= 1
    x, y = (faces[0].control_points[30] * 512).astype(int)
    assert mask[y, x, 0] == 1 and mask[5:40, 5:40].mean() < 0.3


def test_a_face_is_a_person_in_any_case(face_points):
    from stylizer.landmarks.mediapipe_detector import Face

    points = face_points(scale=0.2)
    face = Face(points, points, (300, 200), 1.0, (0, 0, 1, 1))
    nothing_to_see = np.zeros((200, 300, 3), np.uint8)
    mask = PersonMask()(nothing_to_see, [face])
    assert mask[100, 150, 0] == 1 and mask[3, 3, 0] == 0


def test_kept_and_plain():
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    mask, paper = np.zeros((40, 50, 1), np.float32), np.array([250, 240, 230])
    np.testing.assert_array_equal(behind("keep", image, mask, paper), image)
    assert (behind("plain", image, mask, paper) == paper).all()


def test_people_do_not_bleed_into_the_blur():
    image = np.full((200, 200, 3), 60, np.uint8)
    image[50:150, 50:150] = 250
    mask = np.zeros((200, 200, 1), np.float32)
    mask[46:154, 46:154] = 1
    blurred = behind("blur", image, mask, np.zeros(3))
    assert blurred.shape == image.shape
    assert np.abs(blurred[mask[..., 0] == 0] - 60).max() < 4
    assert blurred[100, 40, 0] == pytest.approx(60, abs=4)
