"""Following faces: true motion, calm, cuts, identities, order; on portraits, and on scripted meshes where exact."""

import cv2
import numpy as np
import pytest
from mediapipe.python.solutions.face_mesh import FaceMesh

from stylizer.landmarks import face_tracker
from stylizer.landmarks.face_tracker import FaceTracker
from stylizer.landmarks.mediapipe_detector import FaceDetector
from stylizer.landmarks.mesh_network import MeshNetwork, Region
from stylizer.quiet import quiet

HEIGHT, WIDTH = 360, 480
FPS = 30
OUTER_EYE_CORNERS = [36, 45]


def place(portrait: np.ndarray, center=(WIDTH / 2, HEIGHT / 2), side=300.0, angle=0.0) -> np.ndarray:
    """A portrait, `side` pixels wide, in a frame of the video."""
    matrix = cv2.getRotationMatrix2D((255.5, 255.5), angle, side / 512)
    matrix[:, 2] += np.array(center) - 255.5
    blurred = cv2.GaussianBlur(portrait, None, 256 / side)
    return cv2.warpAffine(blurred, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def beside(left: np.ndarray, right: np.ndarray, sides=(230, 230)) -> np.ndarray:
    """Two portraits in one frame."""
    frame = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
    for portrait, side, x in zip((left, right), sides, (5, 245), strict=True):
        frame[60:60 + side, x:x + side] = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
    return frame


def noisy(frame: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 4, frame.shape)
    return np.clip(frame + noise, 0, 255).astype(np.uint8)


def in_pixels(face) -> np.ndarray:
    return face.control_points * np.array([WIDTH, HEIGHT], np.float64)


def eye_distance(points: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(points[OUTER_EYE_CORNERS], axis=0)))


def rms(errors: np.ndarray) -> float:
    return float(np.sqrt(np.square(errors).sum(axis=-1).mean()))


@pytest.fixture
def tracker():
    with FaceTracker() as one:
        yield one


def test_meshes_are_those_of_face_mesh_on_video(portraits):
    """To a twentieth of a pixel, turned and at the edge of the picture too."""
    network = MeshNetwork()
    for portrait, angle, x in zip(portraits, (0, 25, -40, 0), (240, 240, 240, 80), strict=False):
        with quiet():
            reference = FaceMesh(static_image_mode=False, max_num_faces=1)
        before = None
        for n in range(3):
            frame = place(portrait, (x + 4 * n, 180 + n), angle=angle)
            (face,) = reference.process(frame).multi_face_landmarks
            expected = np.array([(point.x * WIDTH, point.y * HEIGHT) for point in face.landmark])
            if before is not None:
                mesh, score = network.fit(frame, Region.around_mesh(before))
                np.testing.assert_allclose(mesh, expected, atol=0.05)
                assert score > 0.9
            before = expected
        reference.close()


def test_network_tells_what_is_no_face(portraits):
    _, score = MeshNetwork().fit(place(portraits[0]), Region(np.array([40.0, 320.0]), 80.0, 0.0))
    assert score < 0.3


def test_first_frame_is_like_a_still_picture(tracker, portraits):
    with FaceDetector() as detector:
        for n, portrait in enumerate(portraits[:4]):
            tracker.reset()
            frame = place(portrait)
            (face,), (still,) = tracker.track(frame, 0.0), detector.detect(frame)
            points, expected = in_pixels(face), in_pixels(still)
            assert rms(points - expected) < 0.03 * eye_distance(expected)
            assert face.mesh.shape == (468, 2) and face.mesh.dtype == np.float32
            assert face.pose == pytest.approx(still.pose, abs=6)
            assert face.confidence == pytest.approx(still.confidence, abs=0.2)
            assert face.identity == n + 1 and still.identity == 0


@pytest.mark.parametrize("angle", [-45, 30])
def test_turned_face_is_the_straight_one_turned(tracker, portraits, angle):
    straight = in_pixels(tracker.track(place(portraits[3]), 0.0)[0])
    tracker.reset()
    turned = in_pixels(tracker.track(place(portraits[3], angle=angle), 0.0)[0])
    center = np.array([WIDTH / 2, HEIGHT / 2])
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    expected = (straight - center) @ np.array([[cosine, -sine], [sine, cosine]]) + center
    assert rms(turned - expected) < 0.03 * eye_distance(straight)


def test_smooth_motion_is_followed_without_jitter_or_lag(portraits):
    """15 frames at 36 pixels a second, with noise; deviations are from the true motion."""
    shifts = np.arange(15)[:, None] * [1.2, 0.4]
    deviations = {}
    for smooth in (False, True):
        with FaceTracker(1, smooth=smooth) as tracker:
            tracks = [in_pixels(tracker.track(noisy(place(portraits[0], (220 + x, 170 + y)), n), n / FPS)[0])
                      for n, (x, y) in enumerate(shifts)]
        deviations[smooth] = np.array(tracks) - shifts[:, None]
    distance = eye_distance(deviations[False].mean(axis=0))
    reference = deviations[False].mean(axis=0)
    jitter = {smooth: rms(np.diff(deviation[3:], axis=0)) for smooth, deviation in deviations.items()}
    assert jitter[True] < 0.8 * jitter[False]
    bias = np.abs((deviations[True] - reference)[3:].mean(axis=(0, 1)))
    assert bias.max() < 0.01 * distance


def test_still_face_with_noise_rests(portraits):
    jitter = {}
    for smooth in (False, True):
        with FaceTracker(1, smooth=smooth) as tracker:
            tracks = [in_pixels(tracker.track(noisy(place(portraits[1]), n), n / FPS)[0]) for n in range(20)]
        jitter[smooth] = rms(np.diff(tracks[5:], axis=0))
    assert jitter[True] < 0.4 * jitter[False]


@pytest.mark.parametrize("center", [(240, 180), (120, 150)])
def test_a_cut_is_answered_at_once(tracker, portraits, center):
    """To a face in the same place, and in another."""
    for n in range(8):
        tracker.track(place(portraits[2], (240, 180)), n / FPS)
    frame = place(portraits[5], center, side=220)
    (face,) = tracker.track(frame, 8 / FPS)
    with FaceDetector() as detector:
        expected = in_pixels(detector.detect(frame)[0])
    assert rms(in_pixels(face) - expected) < 0.03 * eye_distance(expected)


def test_two_faces_keep_identity_and_order(tracker, portraits):
    """Though now the one and now the other is slightly larger."""
    for n in range(12):
        frame = noisy(beside(portraits[0], portraits[1], (230, 222) if n % 4 < 2 else (222, 230)), n)
        faces = tracker.track(frame, n / FPS)
        centers = [in_pixels(face).mean(axis=0)[0] for face in faces]
        if n == 0:
            first = [face.identity for face in faces], np.argsort(centers)
            assert len(set(first[0])) == 2
        assert [face.identity for face in faces] == first[0]
        np.testing.assert_array_equal(np.argsort(centers), first[1])


def test_larger_face_comes_first_and_alone_if_one_is_wanted(portraits):
    frame = beside(portraits[3], portraits[4], (150, 230))
    with FaceTracker(2) as both, FaceTracker(1) as one:
        small_last = both.track(frame, 0.0)
        assert len(small_last) == 2
        assert small_last[0].box[0] > 0.5 > small_last[1].box[0]
        (face,) = one.track(frame, 0.0)
        assert face.box[0] > 0.5


def test_another_face_is_noticed_soon(tracker, portraits):
    alone = beside(portraits[0], np.full((8, 8, 3), 150, np.uint8))
    counts = [len(tracker.track(alone if n < 3 else beside(portraits[0], portraits[1]), n / FPS)) for n in range(14)]
    assert counts[:3] == [1, 1, 1] and counts[-1] == 2


def test_no_face(tracker):
    for n, shape in enumerate([(200, 300, 3), (200, 300, 3), (1, 1, 3), (500, 20, 3)]):
        assert tracker.track(np.full(shape, 127, np.uint8), n / FPS) == []


@pytest.fixture
def searches(monkeypatch) -> dict[str, int]:
    """Counts how often the tracker looks for boxes, and asks the thorough detector."""
    counts = {"boxes": 0, "thorough": 0}
    find_boxes, detect = face_tracker.find_boxes, FaceDetector.detect

    def counted_boxes(detection, image):
        counts["boxes"] += 1
        return find_boxes(detection, image)

    def counted_detect(detector, image):
        counts["thorough"] += 1
        return detect(detector, image)

    monkeypatch.setattr(face_tracker, "find_boxes", counted_boxes)
    monkeypatch.setattr(FaceDetector, "detect", counted_detect)
    return counts


@pytest.mark.parametrize(("max_faces", "expected"), [(1, 1), (4, 4)])
def test_searches_are_rare_while_a_face_is_followed(searches, portraits, max_faces, expected):
    frame = place(portraits[0])
    with FaceTracker(max_faces) as tracker:
        for n in range(28):  # in the first frame, and every quarter of a second
            assert len(tracker.track(frame, n / FPS)) == 1
    assert searches == {"boxes": expected, "thorough": 0}


def test_thorough_search_is_asked_once_a_second_without_a_face(searches, tracker):
    for n in range(25):
        assert tracker.track(np.full((100, 100, 3), 127, np.uint8), n / 10) == []
    assert searches == {"boxes": 25, "thorough": 3}


def test_face_that_fills_the_frame_is_followed_from_frame_to_frame(tracker, portraits):
    with FaceDetector() as detector:
        left, top, right, bottom = (round(512 * v) for v in detector.detect(portraits[2])[0].box)
    frame = portraits[2][top:bottom, left:right]
    assert [len(tracker.track(frame, n / FPS)) for n in range(5)] == [1] * 5


def test_face_is_gone_in_the_frame_without_it_and_known_again_for_half_a_second(tracker, portraits):
    wall = np.full((HEIGHT, WIDTH, 3), 127, np.uint8)
    seen, empty = place(portraits[0]), []
    assert [face.identity for face in tracker.track(seen, 0.0)] == [1]
    assert tracker.track(wall, 0.1) == empty
    assert [face.identity for face in tracker.track(seen, 0.4)] == [1]
    assert tracker.track(wall, 0.5) == empty
    assert [face.identity for face in tracker.track(seen, 1.1)] == [2]


def test_time_that_stands_still_or_goes_back(tracker, portraits):
    frames = [place(portraits[0], (240 + 3 * n, 180)) for n in range(3)]
    first = tracker.track(frames[0], 1.0)[0]
    same = tracker.track(frames[1], 1.0)[0]
    np.testing.assert_array_equal(same.mesh, first.mesh)
    back = tracker.track(frames[2], 0.0)[0]
    assert (first.identity, same.identity, back.identity) == (1, 1, 2)
    assert np.isfinite(back.mesh).all()


def test_wrong_input_is_refused(tracker):
    with pytest.raises(ValueError, match="uint8.*float32"):
        tracker.track(np.zeros((64, 64, 3), np.float32), 0.0)
    with pytest.raises(ValueError, match="max_faces"):
        FaceTracker(max_faces=0)
    with pytest.raises(ValueError, match="min_confidence"):
        FaceTracker(min_confidence=1.5)


def test_nothing_is_printed_and_closing_twice_is_fine(capfd, portraits):
    tracker = FaceTracker()
    tracker.track(place(portraits[0]), 0.0)
    tracker.track(np.zeros((HEIGHT, WIDTH, 3), np.uint8), 2.0)
    tracker.close()
    tracker.close()
    out, err = capfd.readouterr()
    assert out == "" and err == ""


@pytest.fixture
def scripted(monkeypatch):
    """Makes trackers that find one face, at the points they are told, in pictures of a size."""
    meshes: list[np.ndarray] = []

    class Network:
        def fit(self, image: np.ndarray, region: Region) -> tuple[np.ndarray, float]:
            return meshes[-1] * image.shape[1], 1.0

    monkeypatch.setattr(face_tracker, "MeshNetwork", Network)
    monkeypatch.setattr(face_tracker, "find_boxes", lambda detection, image: [((0.2, 0.2, 0.8, 0.8), 0.9)])

    def run(side: int, path: list[np.ndarray], times: np.ndarray) -> np.ndarray:
        image = np.zeros((side, side, 3), np.uint8)
        with FaceTracker(1) as tracker:
            tracked = []
            for mesh, time_s in zip(path, times, strict=True):
                meshes.append(mesh)
                tracked.append(tracker.track(image, time_s)[0].mesh)
        return np.array(tracked)

    return run


@pytest.fixture
def path() -> list[np.ndarray]:
    """Meshes of a face 0.3 wide that wanders and trembles, in [0, 1]."""
    rng = np.random.default_rng(0)
    base = rng.uniform(0.35, 0.65, (468, 2))
    return [base + 0.01 * np.sin(n / 5) + rng.normal(0, 0.0005, base.shape) for n in range(40)]


def test_resolution_makes_no_difference(scripted, path):
    times = np.cumsum(np.random.default_rng(1).uniform(0.01, 0.08, len(path)))
    np.testing.assert_allclose(scripted(64, path, times), scripted(1024, path, times), atol=1e-6)


def test_points_after_a_jump_are_as_measured(scripted, path):
    jumped = path[:10] + [mesh + 0.1 for mesh in path[10:]]
    times = np.arange(len(path)) / FPS
    tracked = scripted(256, jumped, times)
    assert np.abs(tracked[9] - path[9]).max() > 1e-4
    np.testing.assert_allclose(tracked[10], jumped[10], atol=1e-6)
    assert np.abs(tracked[11] - jumped[11]).max() > 1e-4
