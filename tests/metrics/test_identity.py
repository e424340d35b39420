import cv2
import numpy as np
import pytest

from stylizer import assets
from stylizer.errors import AssetError
from stylizer.geometry.face_alignment import apply_transform, flip_points, to_cv2
from stylizer.landmarks.mediapipe_detector import FaceDetector
from stylizer.metrics.identity import FaceRecognizer, align, cosine, rank1


@pytest.fixture(scope="module")
def recognizer():
    try:
        return FaceRecognizer()
    except AssetError as e:
        pytest.skip(f"no SFace: {e}")


@pytest.fixture(scope="module")
def people(portraits):
    """Ten (portrait, control points)."""
    with FaceDetector() as detector:
        return [(portrait, detector.detect(portrait)[0].control_points) for portrait in portraits]


@pytest.fixture(scope="module")
def embeddings(recognizer, people):
    return np.stack([recognizer.embed(*person) for person in people])


def _darker(picture, points):
    return (picture * 0.7).astype(np.uint8), points


def _mirrored(picture, points):
    return picture[:, ::-1], flip_points(points)


def _turned(picture, points):
    cos, sin = 0.9 * np.cos(0.2), 0.9 * np.sin(0.2)
    matrix = np.array([[cos, -sin, 70], [sin, cos, -20]])
    turned = cv2.warpAffine(picture, to_cv2(matrix), (512, 512), flags=cv2.INTER_AREA)
    return turned, apply_transform(points * 512, matrix) / 512


def test_embeddings_have_length_one(embeddings):
    assert embeddings.shape == (10, 128) and embeddings.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("change", [_darker, _mirrored, _turned])
def test_the_same_person_scores_far_higher_than_others(recognizer, people, embeddings, change):
    changed = np.stack([recognizer.embed(*change(*person)) for person in people])
    scores = cosine(changed[:, None], embeddings[None])
    own, others = np.diag(scores), scores[~np.eye(len(scores), dtype=bool)]
    assert own.min() > 0.8 and others.mean() < 0.3 and own.min() > others.max() + 0.2
    assert rank1(changed, embeddings) == 1


def test_the_aligned_face_does_not_depend_on_size_place_and_roll(people):
    picture, points = people[0]
    straight, turned = align(picture, points), align(*_turned(picture, points))
    assert straight.shape == (112, 112, 3)
    assert np.abs(straight.astype(int) - turned)[20:100, 20:92].mean() < 4
    assert np.abs(straight.astype(int) - align(picture[:, ::-1], flip_points(points)))[20:100, 20:92].mean() > 8


def test_features_lie_where_recognisers_expect_them(face_points):
    """White dots at the eyes, the nose and the mouth of a dark picture."""
    points = face_points(center=(0.5, 0.5), scale=0.2)
    picture = np.zeros([800, 600, 3], np.uint8)
    stretched = points * (1, 0.75)  # the head is as wide in a picture of 600 x 800
    for group in (range(36, 42), range(42, 48), [30], [48], [54]):
        x, y = stretched[list(group)].mean(axis=0) * (600, 800) - 0.5
        cv2.circle(picture, (round(x), round(y)), 8, (255, 255, 255), -1)
    aligned = align(picture, stretched)[..., 0]
    found = cv2.connectedComponentsWithStats((aligned > 100).astype(np.uint8))[3][1:]
    expected = [[38.3, 51.7], [73.5, 51.5], [56.0, 71.7], [41.5, 92.4], [70.7, 92.2]]
    assert len(found) == 5
    for place in expected:
        assert np.linalg.norm(found - place, axis=1).min() < 5


def test_other_arguments_are_refused(recognizer, people):
    picture, points = people[0]
    with pytest.raises(ValueError, match=r"picture must be uint8 \[H, W, 3\], got float64"):
        recognizer.embed(picture / 255, points)
    with pytest.raises(ValueError, match=r"control points must be finite \[68, 2\], got \[5, 2\]"):
        recognizer.embed(picture, points[:5])
    with pytest.raises(ValueError, match="finite"):
        recognizer.embed(picture, np.full([68, 2], np.nan))


def test_a_damaged_network_is_told(tmp_path, monkeypatch):
    (tmp_path / "sface.onnx").write_bytes(b"no network")
    monkeypatch.setattr(assets, "fetch", lambda name: tmp_path)
    with pytest.raises(AssetError, match="does not hold SFace.*delete its folder"):
        FaceRecognizer()


def test_cosine():
    a = np.array([[1.0, 0], [3, 4], [-2, 0]])
    np.testing.assert_allclose(cosine(a, np.array([2.0, 0])), [1, 0.6, -1])


def test_rank1():
    gallery = np.eye(4)
    assert rank1(gallery, gallery) == 1
    assert rank1(5 * gallery + 1, gallery) == 1
    assert rank1(gallery[[0, 1, 3, 2]], gallery) == 0.5
    assert rank1(gallery[[1, 2, 3, 0]], gallery) == 0
    with pytest.raises(ValueError, match=r"got \(4, 4\) and \(3, 4\)"):
        rank1(gallery, gallery[:3])
