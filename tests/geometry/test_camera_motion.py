"""Known motions are found, cuts are seen, and what rests stays at rest."""

import cv2
import numpy as np
import pytest

from stylizer.geometry.camera_motion import CameraMotion


@pytest.fixture(scope="module")
def scene():
    coarse = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    return cv2.resize(coarse, (800, 600), interpolation=cv2.INTER_CUBIC)


def _film(scene, motion, noise=2.0):
    random = np.random.default_rng(1)
    for matrix in motion:
        frame = cv2.warpAffine(scene, np.asarray(matrix, float), (640, 480), borderMode=cv2.BORDER_REFLECT)
        yield np.clip(frame + random.normal(0, noise, frame.shape), 0, 255).astype(np.uint8)


def _shifts(step, frames):
    return [np.array([[1, 0, step[0] * n], [0, 1, step[1] * n]], float) for n in range(frames)]


@pytest.mark.parametrize("step", [(1.0, 0.5), (-3.3, 0.0), (0.4, -7.0)])
def test_follows_a_pan(scene, step):
    camera = CameraMotion()
    for found, true in zip(map(camera.follow, _film(scene, _shifts(step, 20))), _shifts(step, 20), strict=True):
        assert np.abs(found[:, 2] - true[:, 2]).max() < 1.5
        np.testing.assert_allclose(found[:, :2], np.eye(2), atol=0.01)


def test_a_still_camera_gives_a_still_picture(scene):
    camera = CameraMotion()
    motions = [camera.follow(frame).copy() for frame in _film(scene, _shifts((0, 0), 30))]
    assert max(np.abs(m - motions[0]).max() for m in motions) < 0.5


def test_follows_a_zoom_and_forgets_it(scene):
    zooms = [1.01 ** min(n, 12) for n in range(260)]
    camera = CameraMotion()
    found = [camera.follow(f)[0, 0] for f in _film(scene, [np.array([[z, 0, 0], [0, z, 0]]) for z in zooms], 1.0)]
    assert found[12] == pytest.approx(zooms[12], abs=0.04) and found[12] > 1.06
    assert found[-1] <= found[12]


def test_begins_anew_after_a_cut(scene):
    camera = CameraMotion()
    for frame in _film(scene, _shifts((3, 0), 5)):
        moved = camera.follow(frame)
    assert moved[0, 2] > 8
    other = np.random.default_rng(5).integers(0, 256, (480, 640, 3), np.uint8)
    assert np.abs(camera.follow(other) - np.eye(2, 3)).max() < 1e-9


def test_a_wall_rests():
    camera = CameraMotion()
    for _ in range(3):
        np.testing.assert_array_equal(camera.follow(np.full((480, 640, 3), 90, np.uint8)), np.eye(2, 3))
