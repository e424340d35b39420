"""Figures of one drawing with a known answer."""

import weakref
from dataclasses import replace

import numpy as np
import pytest

from stylizer.evaluation import fidelity
from stylizer.evaluation.fidelity import landmarks, perceptual_distances, tones
from stylizer.landmarks.mediapipe_detector import Face


@pytest.fixture
def face(face_points):
    return Face(np.zeros([468, 2], np.float32), face_points(), (200, 100), 1.0, (0.0, 0.0, 1.0, 1.0))


def test_a_region_that_moved(face):
    photo = np.zeros([100, 200, 3], np.uint8)
    points = face.control_points * (200, 100)
    moved = points.copy()
    moved[48:68, 1] += 0.1 * np.linalg.norm(points[45] - points[36])  # the mouth, by a tenth between the eyes
    row = landmarks(photo, face, replace(face, control_points=moved / (200, 100)))
    assert row["landmark_error_mouth_percent"] == pytest.approx(10, rel=1e-4)
    assert row["landmark_error_nose_percent"] == pytest.approx(0, abs=1e-4)
    assert row["landmark_error_percent"] == pytest.approx(10 * 20 / 68, rel=1e-4)


def test_faces_that_are_not_there(face):
    photo = np.zeros([100, 200, 3], np.uint8)
    assert landmarks(photo, face, None) == {"face_in_photo": True, "face_found_again": False}
    assert landmarks(photo, None, face) == {"face_in_photo": False}


def test_tones(face_points):
    photo, drawn, painted = (np.full([64, 64, 3], level, np.uint8) for level in (100, 150, 160))
    row = tones(photo, drawn, painted, face_points())
    assert (row["skin_photo_luma"], row["skin_luma"], row["skin_painted_luma"]) == pytest.approx((100, 150, 160))
    assert row["tone_error_luma"] == pytest.approx(10) and row["saturation_percent"] == 0
    outside = tones(photo, drawn, None, face_points() + 5)
    assert outside == {"saturation_percent": 0}  # neither cheeks nor hair in the picture, no painting


def test_distances_are_those_of_their_couples(noise_pictures):
    a, b = noise_pictures[:2]
    same, different, turned = perceptual_distances([(a, a), (a, b), (b, a)])
    assert same == pytest.approx(0, abs=1e-6) and different > 0.1 and turned == pytest.approx(different, rel=1e-4)


def test_features_are_made_once_a_picture_and_kept_while_they_are_used(noise_pictures, monkeypatch):
    class Features(dict):  # which weak references can follow, unlike dict
        pass

    made, most = [], 0

    def followed(picture):
        nonlocal most
        features = Features(whole(picture))
        made.append(weakref.ref(features))
        most = max(most, sum(reference() is not None for reference in made))
        return features

    whole = fidelity.perceptual_features
    monkeypatch.setattr(fidelity, "perceptual_features", followed)
    pictures = [noise_pictures[i % 2] + np.uint8(i) for i in range(5)]
    perceptual_distances([(pictures[0], other) for other in pictures[1:]])
    assert len(made) == 5 and most == 2
