"""What is left out and what is drawn: known answers, and that pictures are simplified once."""

import numpy as np
import pytest

from stylizer.data.simplification import Simplification, SimplifiedPhotos, even_light, simplify


@pytest.fixture
def photo():
    """Two areas, 60 and 180, with faint noise in both."""
    picture = np.full((512, 512, 3), 60.0)
    picture[:, 256:] = 180.0
    return np.clip(picture + np.random.default_rng(0).normal(0, 6, picture.shape), 0, 255).astype(np.uint8)


def test_nothing_asked_nothing_changed(photo):
    simplified = simplify(photo, Simplification())
    np.testing.assert_array_equal(simplified[..., :3], photo)
    assert simplified.shape == (512, 512, 4) and simplified.dtype == np.uint8 and not simplified[..., 3].any()


def test_faint_noise_is_levelled_and_the_clear_edge_stays(photo):
    levelled = simplify(photo, Simplification(tone_range=0.1))[..., :3].astype(float)
    assert levelled[:, :240].std() < 1.5 < 5 < photo[:, :240].std()
    assert levelled[:, 248].mean() < 70 and levelled[:, 263].mean() > 170


def test_contours_run_on_the_dark_side_of_edges_as_dark_and_wide_as_asked(photo):
    widths = []
    for line_px in (0.8, 2.0):
        contours = simplify(photo, Simplification(0.1, 0.5, line_px))[..., 3].astype(float)
        assert 0.8 * 127 < contours[:, 250:256].max() <= 128
        assert contours[:, :230].max() == contours[:, 280:].max() == 0
        assert contours[:, 250:256].mean() > 5 * contours[:, 257:263].mean()
        widths.append((contours.mean(0) > 64).sum())
    assert widths[1] > widths[0]


def test_lines_along_the_form_are_found_before_the_photo_is_levelled(photo):
    photo[200:202] -= 20  # a wrinkle
    line = np.s_[199:203, 40:210]
    found = simplify(photo, Simplification(0.2, 1.0, 1.0, along_form=True))
    assert found[line][..., 3].mean() > 50 and found[60:160, 40:210, 3].mean() < 5
    assert abs(float(found[line][..., :3].mean()) - 60) < 3
    assert simplify(photo, Simplification(0.2, 0.5, 1.0, along_form=True))[line][..., 3].max() <= 128
    assert simplify(photo, Simplification(0.2, 1.0, 1.0))[line][..., 3].mean() < 1  # contours of what is left


def test_a_brush_levels_strands_and_keeps_the_end_of_an_area(photo):
    strands = photo + 40 * np.sin(1.5 * np.mgrid[:512, :512][0])[..., None]  # too fine for the brush
    strands = np.clip(strands, 0, 255).astype(np.uint8)
    laid = simplify(strands, Simplification(brush_px=4.0))[..., :3].astype(float)
    assert laid[:, 20:230].std() < 0.25 * strands[:, 20:230].astype(float).std()
    assert laid[:, 20:230].mean() == pytest.approx(strands[:, 20:230].mean(), abs=3)
    assert laid[:, 252].mean() < 70 and laid[:, 259].mean() > 170


def _shaded(depth):
    """Grey of 150, darker by `depth` along a soft band 20 pixels wide."""
    tone = 150 - depth * np.exp(-0.5 * ((np.arange(512) - 256) / 8) ** 2)
    return np.rint(np.broadcast_to(tone[None, :, None], (512, 512, 3))).astype(np.uint8)


def test_flattening_leaves_out_shading_within_areas_and_the_clear_edge_stays(photo):
    flat = simplify(photo, Simplification(flattening=1.0))[..., :3].astype(float)
    assert flat[20:-20, 20:240].std() < 1.5 < 5 < photo[:, :240].std()
    assert flat[:, 248].mean() < 70 and flat[:, 263].mean() > 170
    faint, clear = (150 - simplify(_shaded(depth), Simplification(flattening=1.0))[256, :, 0].min()
                    for depth in (8, 70))
    assert faint <= 0.5 * 8 and clear > 0.6 * 70


def test_evened_light_takes_slow_changes_away_and_leaves_features():
    across = np.arange(512)[None, :, None]
    slow = 60 + 120 * across / 511
    feature = np.where(np.abs(across - 256) < 8, 0.5, 1.0)  # half as light as around it
    photo = np.rint(np.broadcast_to(slow * feature, (512, 512, 3))).astype(np.uint8)
    evened = simplify(photo, Simplification(light=1.0))[256, :, 0].astype(float)
    assert np.ptp(evened[60:240]) < np.ptp(photo[256, 60:240, 0].astype(float)) / 3
    assert evened[256] == pytest.approx(0.5 * (evened[230] + evened[282]) / 2, rel=0.08)
    half = simplify(photo, Simplification(light=0.5))[256, :, 0].astype(float)
    assert np.ptp(evened[60:240]) < np.ptp(half[60:240]) < np.ptp(photo[256, 60:240, 0].astype(float))


def test_evened_light_exposes_dim_and_bright_photos_alike():
    face = np.random.default_rng(0).integers(80, 200, (16, 16, 1)).repeat(32, 0).repeat(32, 1).repeat(3, 2)
    dim, bright = (even_light((share * face).astype(np.uint8), 1.0).mean() for share in (0.3, 1.2))
    assert dim == pytest.approx(bright, rel=0.15) and 80 < dim < 130
    black = even_light(np.full((64, 64, 3), 2, np.uint8), 1.0)
    assert black.max() < 30, "noise of black is not made light"
    tinted = np.full((64, 64, 3), (90, 60, 30), np.uint8)
    assert np.ptp(even_light(tinted, 1.0)[0, 0] / tinted[0, 0]) < 0.05, "colours keep their proportions"


def test_half_the_flattening_lies_between(photo):
    none, half, whole = (simplify(_shaded(70), Simplification(flattening=share))[..., :3].astype(float)
                         for share in (0, 0.5, 1))
    assert np.abs(whole - none).max() > 10
    np.testing.assert_allclose(half, (none + whole) / 2, atol=1.5)


class _Photos:
    image_size = 512

    def __init__(self, picture):
        self.picture, self.asked = picture, 0

    def images(self, indices):
        self.asked += len(indices)
        return np.stack([self.picture] * len(indices))


@pytest.mark.parametrize(("budget", "asked"), [(2**30, 1), (0, 3)], ids=["kept", "no room"])
def test_a_picture_is_simplified_once_if_there_is_room(photo, budget, asked):
    photos = _Photos(photo)
    simplified = SimplifiedPhotos(photos, Simplification(0.1, 0.5), budget)
    for _ in range(3):
        np.testing.assert_array_equal(simplified.images(np.array([4]))[0], simplify(photo, Simplification(0.1, 0.5)))
    assert photos.asked == asked
