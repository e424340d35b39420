"""Exposure is evened out as our painters do it, by what is around the faces; a video's steadily."""

import cv2
import numpy as np
import pytest

from stylizer.data.painters.exposure import exposed
from stylizer.inference.canvas import frame_of
from stylizer.inference.exposure import Exposure, SteadyExposure, curve, exposure_of


def _evened(photo, strength):
    return cv2.LUT(photo, curve(exposure_of(photo, [], 512), strength))


def test_nothing_changes_at_0(portraits):
    np.testing.assert_array_equal(curve(exposure_of(portraits[0], [], 512), 0.0), np.arange(256))


@pytest.mark.parametrize("strength", [0.3, 0.6, 1.0])
@pytest.mark.parametrize("light", [1.0, 0.35])
def test_as_our_painters_see_photos(portraits, strength, light):
    photo = (light * portraits[0]).astype(np.uint8)
    wanted = 255 * exposed(photo, strength)
    difference = np.abs(_evened(photo, strength) - wanted)
    assert difference.mean() < 1.0 and difference.max() < 4.0


def test_a_dim_photo_comes_out_as_a_bright_one(portraits):
    bright = portraits[0]
    dim = (0.3 * bright).astype(np.uint8)
    before, after = (np.abs(a.astype(float) - b).mean() for a, b in (
        (dim, bright), (_evened(dim, 1.0), _evened(bright, 1.0))))
    assert after < 0.05 * before


def test_curves_rise(portraits):
    levels = curve(exposure_of((0.3 * portraits[0]).astype(np.uint8), [], 512), 0.7)
    assert levels.dtype == np.uint8 and (np.diff(levels.astype(int)) >= 0).all()


def test_a_blank_picture_stays_what_it_is():
    blank = np.full((40, 50, 3), 90, np.uint8)
    np.testing.assert_array_equal(_evened(blank, 1.0), blank)


def test_what_is_around_a_face_counts():
    photo = np.full((400, 600, 3), 250, np.uint8)
    photo[:200, :200] = 20
    points = np.zeros([68, 2])  # eyes 40 pixels apart, the frame 160
    points[36:42], points[42:48], points[48], points[54] = (80, 90), (120, 90), (90, 130), (110, 130)
    frame = frame_of(points / (600, 400), (400, 600), 512)
    assert exposure_of(photo, [frame], 512) == pytest.approx((20 / 255,) * 3)
    assert exposure_of(photo, [], 512) == pytest.approx((20 / 255, 250 / 255, (20 + 5 * 250) / 6 / 255), abs=0.01)
    frame[:, 2] -= 512.0 * 8  # a tracker may lose itself
    assert 0 < exposure_of(photo, [frame], 512).mean < 1


def test_a_video_s_follows_slowly():
    steady, dark, light = SteadyExposure(), Exposure(0.0, 0.4, 0.2), Exposure(0.1, 0.8, 0.6)
    assert steady(dark, 0.0) == dark
    assert steady(light, 1 / 30).lightest < 0.43  # one frame of a flash
    for n in range(2, 17):
        found = steady(light, n / 30)
    there = 1 - np.exp(-16 / 30 / 0.5)
    assert found == pytest.approx((0.1 * there, 0.4 + 0.4 * there, 0.2 + 0.4 * there))


def test_a_video_that_fades_to_black_does_not_jump():
    levels = [curve(Exposure(0.0, lightest, 0.4 * lightest), 1.0)[:30] for lightest in np.linspace(0.05, 0.3, 60)]
    assert np.abs(np.diff(np.array(levels, int), axis=0)).max() < 30
