"""The painters: repeatable, true to tone and place; the bending of faces: as declared, never folding."""

import dataclasses

import cv2
import numpy as np
import pytest

from stylizer.data.painters import PAINTERS, FaceGeometry
from stylizer.data.painters.face_geometry import _doubled_areas, _triangles

STYLES = sorted(PAINTERS)


def drawn_face(size: int = 256) -> np.ndarray:
    """A face of plain shapes with soft shading, uint8 RGB."""
    x, y = np.meshgrid(np.linspace(0, 1, size), np.linspace(0, 1, size))
    image = np.stack([90 + 90 * y, 110 + 80 * y, 190 - 30 * x], axis=-1)
    u = size / 256

    def ellipse(centre: tuple[float, float], axes: tuple[float, float], colour: tuple[float, float, float]) -> None:
        place, extent = (tuple(round(v * u) for v in pair) for pair in (centre, axes))
        cv2.ellipse(image, place, extent, 0, 0, 360, colour, -1)

    ellipse((128, 105), (82, 88), (45, 30, 25))
    ellipse((128, 140), (62, 84), (215, 165, 140))
    for eye in (100, 156):
        ellipse((eye, 125), (14, 8), (245, 240, 235))
        ellipse((eye, 125), (7, 7), (50, 35, 30))
    ellipse((128, 185), (24, 8), (170, 70, 75))
    image *= (1.1 - 0.3 * x)[..., None]
    return cv2.GaussianBlur(np.clip(image, 0, 255), (0, 0), 0.8).astype(np.uint8)


def grey(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shape", [(256, 256), (160, 213)])
def test_painting_is_repeatable_and_leaves_the_photo_alone(style, shape):
    photo = np.ascontiguousarray(drawn_face()[:shape[0], :shape[1]])
    untouched = photo.copy()
    painting = PAINTERS[style].paint(photo, 3)
    assert painting.shape == photo.shape and painting.dtype == np.uint8
    np.testing.assert_array_equal(PAINTERS[style].paint(photo, 3), painting)
    np.testing.assert_array_equal(photo, untouched)
    assert (PAINTERS[style].paint(photo, 4) != painting).any()
    assert np.abs(painting.astype(int) - photo).mean() > 4  # it does something


@pytest.mark.parametrize("style", STYLES)
def test_tone_follows_the_photo(style):
    photo = drawn_face(512)
    low_pass = [cv2.GaussianBlur(grey(image), (0, 0), 10) for image in (photo, PAINTERS[style].paint(photo, 0))]
    assert np.corrcoef(*(image.ravel() for image in low_pass))[0, 1] > 0.9


@pytest.mark.parametrize("style", STYLES)
def test_dark_skin_stays_darker_and_black_hair_dark(style):
    light, tones = drawn_face(512), []
    skin = np.zeros((512, 512), bool)
    skin[300:340, 230:280] = True
    for factor in (1.0, 0.72, 0.45):
        photo = light.copy()
        face = cv2.ellipse(np.zeros((512, 512), np.uint8), (256, 280), (124, 168), 0, 0, 360, 1, -1) > 0
        photo[face] = (photo[face] * factor).astype(np.uint8)
        painting = grey(PAINTERS[style].paint(photo, 0))
        tones.append(painting[skin].mean())
        assert painting[60:90, 220:290].mean() < 0.45 * painting.max()
    assert tones[0] > tones[1] + 5 > tones[2] + 10


@pytest.mark.parametrize("style", STYLES)
def test_edges_stay_in_place(style):
    """A disc's border, found on rays from its centre, lies where it was to 2 pixels of 512, without a bias."""
    photo = np.full((512, 512, 3), (70, 60, 55), np.uint8)
    cv2.circle(photo, (250, 260), 120, (220, 180, 160), -1, cv2.LINE_AA)
    painting = cv2.GaussianBlur(grey(PAINTERS[style].paint(photo, 1)), (0, 0), 2.0)
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    radii = np.arange(90.0, 150.0, 0.25)
    x = (250 + np.cos(angles)[:, None] * radii).astype(np.float32)
    y = (260 + np.sin(angles)[:, None] * radii).astype(np.float32)
    rays = cv2.remap(painting, x, y, cv2.INTER_LINEAR)
    found = radii[np.argmin(np.diff(rays, axis=1), axis=1)]
    assert np.percentile(np.abs(found - 120), 90) < 4  # a contour line is some pixels wide
    centre = [2 * np.mean((found - 120) * trig(angles)) for trig in (np.cos, np.sin)]
    assert np.hypot(*centre) < 1  # no shift
    assert abs(np.median(found) - 120) < 2.5


@pytest.mark.parametrize("value", [0, 128, 255])
@pytest.mark.parametrize("style", STYLES)
def test_blank_pictures_are_painted(style, value):
    painting = PAINTERS[style].paint(np.full((96, 96, 3), value, np.uint8), 0)
    assert painting.shape == (96, 96, 3)
    assert grey(painting).std() < 30


def test_sketch_is_grey():
    painting = PAINTERS["sketch"].paint(drawn_face(), 0)
    np.testing.assert_array_equal(painting, painting[..., :1].repeat(3, axis=-1))


def test_inkpaint_is_nearly_grey_and_animation_keeps_colour():
    photo = drawn_face()
    saturation = {style: cv2.cvtColor(PAINTERS[style].paint(photo, 0), cv2.COLOR_RGB2HSV)[..., 1].mean() / 255
                  for style in ("inkpaint", "animation")}
    assert saturation["inkpaint"] < 0.12 < 0.25 < saturation["animation"]


def face_points(yaw: float = 0.0, roll: float = 0.0) -> np.ndarray:
    """Control points of an ellipsoid face, [68, 2], in the frame of an aligned crop."""
    def arc(x: float, y: float, rx: float, ry: float, start: float, stop: float, count: int) -> list:
        angles = np.radians(np.linspace(start, stop, count))
        return list(np.stack([x + rx * np.cos(angles), y + ry * np.sin(angles)], axis=1))

    points = arc(0, -0.1, 1.0, 1.75, 180, 0, 17)
    points += arc(-0.5, -0.25, 0.35, 0.15, 200, 340, 5) + arc(0.5, -0.25, 0.35, 0.15, 200, 340, 5)
    points += [(0, y) for y in (0, 0.2, 0.4, 0.6)] + arc(0, 0.65, 0.22, 0.1, 160, 20, 5)
    points += [arc(x, 0, 0.22, 0.09, 180, 480, 6)[i] for x in (-0.5, 0.5) for i in range(6)]
    points += arc(0, 1.1, 0.4, 0.16, 180, 510, 12) + arc(0, 1.1, 0.3, 0.05, 180, 495, 8)
    points = np.array(points)
    depth = np.sqrt(np.clip(1 - (points[:, 0] / 1.05) ** 2, 0, 1))
    points[:, 0] = points[:, 0] * np.cos(yaw) + depth * np.sin(yaw)
    c, s = np.cos(roll), np.sin(roll)
    return points @ np.array([[c, s], [-s, c]]) * 0.13 + (0.5, 0.45)


def test_default_geometry_changes_nothing():
    points = face_points(0.2, 0.1)
    np.testing.assert_allclose(FaceGeometry().bend(points, 5), points, atol=1e-12)


def test_eyes_grow_as_declared_about_their_centres():
    points = face_points(roll=0.2)
    bent = FaceGeometry(eye_width=1.2, eye_height=1.5, variation=0.0).bend(points, 0)
    for eye in (slice(36, 42), slice(42, 48)):
        before, after = points[eye], bent[eye]
        np.testing.assert_allclose(after.mean(axis=0), before.mean(axis=0), atol=1e-9)
        line = np.array([np.cos(0.2), np.sin(0.2)])
        across = np.array([-line[1], line[0]])
        np.testing.assert_allclose(np.ptp(after @ line), 1.2 * np.ptp(before @ line), rtol=1e-3)
        np.testing.assert_allclose(np.ptp(after @ across), 1.5 * np.ptp(before @ across), rtol=1e-3)
    assert (bent[17:27, 1] < points[17:27, 1]).all()  # the brows make room
    np.testing.assert_array_equal(bent[48:], points[48:])


def test_chin_mouth_nose_and_turn():
    points = face_points()
    bent = FaceGeometry(chin_width=0.8, mouth_scale=0.7, nose_scale=0.9, turn=0.1, variation=0.0).bend(points, 0)
    unit = np.linalg.norm(points[36:42].mean(axis=0) - points[42:48].mean(axis=0))
    assert np.isclose(bent[8, 0] - points[8, 0], 0.1 * unit, rtol=0.02)
    np.testing.assert_allclose(bent[[0, 16]], points[[0, 16]], atol=1e-3)
    assert 0.75 < (bent[10, 0] - bent[6, 0]) / (points[10, 0] - points[6, 0]) < 0.9
    assert np.isclose(np.ptp(bent[48:68, 1]) / np.ptp(points[48:68, 1]), 0.7)
    assert np.isclose(np.ptp(bent[27:36, 1]) / np.ptp(points[27:36, 1]), 0.9)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("yaw", [-0.7, -0.3, 0.0, 0.5])
def test_faces_stay_faces(style, yaw):
    geometry = PAINTERS[style].geometry
    points = face_points(yaw, 0.1 * yaw)
    triangles = _triangles(points)
    assert len(triangles) > 50
    for seed in range(20):
        bent = geometry.bend(points, seed)
        assert (_doubled_areas(bent, triangles) > 0).all()
        jaw = bent[:17]
        angles = np.unwrap(np.arctan2(*(jaw - bent[27:36].mean(axis=0)).T[::-1]))
        assert (np.diff(angles) < 0).all()  # the jaw runs round the nose in order
        assert np.abs(bent - points).max() < 0.1


def test_variation_is_seeded():
    points, geometry = face_points(), PAINTERS["animation"].geometry
    np.testing.assert_array_equal(geometry.bend(points, 1), geometry.bend(points, 1))
    assert np.abs(geometry.bend(points, 1) - geometry.bend(points, 2)).max() > 1e-3
    still = dataclasses.replace(geometry, variation=0.0)
    np.testing.assert_array_equal(still.bend(points, 1), still.bend(points, 2))


def test_a_bend_that_would_fold_is_reduced():
    points = face_points()
    geometry = FaceGeometry(eye_width=6.0, variation=0.0)
    bent = geometry.bend(points, 0)
    assert (_doubled_areas(bent, _triangles(points)) > 0).all()
    assert np.ptp(bent[36:42, 0]) < 5 * np.ptp(points[36:42, 0])
