"""Finding faces in embedded portraits: plain, small, frame-filling, several; and where there are none."""

import dataclasses

import cv2
import numpy as np
import pytest

from stylizer.landmarks.mediapipe_detector import FaceDetector


@pytest.fixture(scope="module")
def detector():
    with FaceDetector() as one:
        yield one


def test_a_portrait_has_one_face(detector, portraits):
    (face,) = detector.detect(portraits[0])
    assert face.mesh.shape == (468, 2) and face.mesh.dtype == np.float32
    assert face.control_points.shape == (68, 2) and face.control_points.dtype == np.float32
    assert 0.5 <= face.confidence <= 1
    left, top, right, bottom = face.box
    assert 0 < left < 0.5 < right < 1 and 0 < top < 0.5 < bottom < 1
    eyes, mouth = face.control_points[36:48].mean(0), face.control_points[48:68].mean(0)
    assert eyes[1] < mouth[1] and all(abs(angle) < 40 for angle in face.pose)
    with pytest.raises(dataclasses.FrozenInstanceError):
        face.confidence = 0.0


def test_every_portrait_has_a_face(detector, portraits):
    assert [len(detector.detect(portrait)) for portrait in portraits] == [1] * len(portraits)


def test_mirror_image_has_mirrored_points(detector, portraits):
    """To half a pixel of the network's 192x192 input, which is some 2.5 pixels wide here."""
    offsets_px = []
    for portrait in portraits:
        straight, mirrored = (detector.detect(p)[0].mesh[:, 0].mean() for p in (portrait, portrait[:, ::-1]))
        offsets_px.append((straight + mirrored - 1) / 2 * 512)
    assert abs(np.mean(offsets_px)) < 1.25


def test_small_face_in_a_large_picture(detector, portraits):
    alone = detector.detect(portraits[1])[0].control_points
    picture = np.full((2400, 2000, 3), 180, np.uint8)
    picture[1600:1800, 1300:1500] = cv2.resize(portraits[1], (200, 200), interpolation=cv2.INTER_AREA)
    (face,) = detector.detect(picture)
    expected = (alone * 200 + (1300, 1600)) / (2000, 2400)
    np.testing.assert_allclose(face.control_points * (2000, 2400), expected * (2000, 2400), atol=10)


def test_face_that_fills_the_frame(detector, portraits):
    whole = detector.detect(portraits[2])[0]
    left, top, right, bottom = (round(512 * v) for v in whole.box)
    (face,) = detector.detect(portraits[2][top:bottom, left:right])
    np.testing.assert_allclose(face.control_points * (right - left, bottom - top) + (left, top),
                               whole.control_points * 512, atol=12)


def test_several_faces_come_largest_first(portraits):
    picture = np.full((600, 1000, 3), 200, np.uint8)
    picture[100:356, 30:286] = cv2.resize(portraits[3], (256, 256), interpolation=cv2.INTER_AREA)
    picture[40:552, 440:952] = portraits[4]
    with FaceDetector(max_faces=5) as several:
        faces = several.detect(picture)
        assert len(faces) == 2
        assert faces[0].box[0] > 0.4 > faces[1].box[0]
    with FaceDetector(max_faces=1) as one:
        assert one.detect(picture)[0].box[0] > 0.4


@pytest.mark.parametrize("shape", [(200, 300, 3), (1, 1, 3), (500, 20, 3)])
def test_no_face(detector, shape):
    assert detector.detect(np.full(shape, 127, np.uint8)) == []


def test_wrong_input_is_refused(detector):
    with pytest.raises(ValueError, match="uint8.*float32"):
        detector.detect(np.zeros((64, 64, 3), np.float32))
    with pytest.raises(ValueError, match="uint8"):
        detector.detect(np.zeros((64, 64), np.uint8))
    with pytest.raises(ValueError, match="max_faces"):
        FaceDetector(max_faces=0)


def test_nothing_is_printed_and_closing_twice_is_fine(capfd, portraits):
    detector = FaceDetector()
    detector.detect(portraits[0])
    detector.close()
    detector.close()
    out, err = capfd.readouterr()
    assert out == "" and err == ""


def test_a_ribbon(detector):
    assert detector.detect(np.full((2, 4096, 3), 128, np.uint8)) == []
