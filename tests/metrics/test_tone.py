import numpy as np
import pytest

from stylizer.metrics.tone import cheek_mask, hair_luma, hair_mask, luma, mean_chroma, skin_luma, tone_error


def _flat(color, size=(64, 64)):
    return np.broadcast_to(np.array(color, np.uint8), (*size, 3)).copy()


def test_luma_weighs_green_most():
    np.testing.assert_allclose([luma(_flat(c))[0, 0] for c in ((255, 0, 0), (0, 255, 0), (0, 0, 255), (80, 80, 80))],
                               [76.245, 149.685, 29.07, 80])


def test_mean_chroma_is_the_spread_of_the_channels():
    assert mean_chroma(_flat((90, 90, 90))) == 0
    np.testing.assert_allclose(mean_chroma(_flat((255, 0, 128))), 100)
    np.testing.assert_allclose(mean_chroma(np.concatenate([_flat((51, 0, 0)), _flat((9, 9, 9))])), 10)


def test_tone_error_sees_lightness_and_overlooks_fine_strokes():
    grey = _flat((100, 100, 100), (128, 128))
    strokes = grey.copy()
    strokes[::2], strokes[1::2] = 60, 140
    assert tone_error(grey, strokes) == pytest.approx(0)
    assert tone_error(grey, grey + np.uint8(7)) == pytest.approx(7)
    halves = grey.copy()
    halves[:, 64:] += 20
    assert tone_error(grey, halves) == pytest.approx(10)
    assert tone_error(halves, grey) == pytest.approx(10)


def test_tone_error_of_a_picture_and_its_reduction_is_small():
    picture = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    halved = picture.reshape(64, 2, 64, 2, 3).mean((1, 3)).round().astype(np.uint8)
    assert tone_error(picture, halved) < 0.5


@pytest.mark.parametrize("pose", [(0, 0, 0), (15, 0, 0), (0, 10, 20)])
def test_masks_lie_where_cheeks_and_hair_are(face_points, pose):
    points = face_points(pose=pose, center=(0.5, 0.55), scale=0.2)
    size = (400, 400)
    cheeks, hair = cheek_mask(size, points), hair_mask(size, points)
    assert cheeks.sum() > 0.01 * cheeks.size and hair.sum() > 0.005 * hair.size
    brow, mouth, chin = points[17:27].mean(0), points[48:68].mean(0), points[8]
    up = (brow - chin) / np.linalg.norm(brow - chin)

    def heights(mask):
        rows, columns = np.nonzero(mask)
        return (np.stack([columns + 0.5, rows + 0.5], -1) / 400 - brow) @ up

    forehead = np.linalg.norm(brow - chin)
    assert heights(hair).min() > 0.35 * forehead and heights(hair).max() < 0.65 * forehead
    assert heights(cheeks).max() < 0 and heights(cheeks).min() > (mouth - brow) @ up - 0.1 * forehead


def test_skin_and_hair_are_measured_apart(face_points):
    points = face_points(center=(0.5, 0.55), scale=0.2)
    picture = _flat((0, 0, 0), (200, 200))
    picture[cheek_mask((200, 200), points)] = 200
    picture[hair_mask((200, 200), points)] = 40
    assert skin_luma(picture, points) == pytest.approx(200)
    assert hair_luma(picture, points) == pytest.approx(40)


def test_hair_outside_the_picture_is_not_a_number(face_points):
    assert np.isnan(hair_luma(_flat((9, 9, 9)), face_points(center=(0.5, 0.1), scale=0.3)))
