"""What an affine map can copy of a transport of tones."""

from collections.abc import Callable

import numpy as np

from stylizer.data.datasets import PreparedDataset
from stylizer.data.simplification import even_light
from stylizer.losses.tone import fit_tone_curve
from stylizer.training.tones import fit_copies, fit_copy, fit_evening, fit_light, fit_tones


def _logistic(values):
    return 1 / (1 + np.exp(-values))


def test_copy_finds_an_affine_map_again():
    random = np.random.default_rng(0)
    colors = random.uniform(size=(4000, 3))
    matrix, bias = 1.5 * np.eye(3) + 0.2 * random.normal(size=(3, 3)), np.array([-0.9, -0.6, -0.7])
    copy = fit_copy(colors, _logistic(colors @ matrix.T + bias))
    np.testing.assert_allclose(copy.matrix, matrix, atol=0.05)
    np.testing.assert_allclose(copy.bias, bias, atol=0.05)


def test_black_white_and_grey_give_calm_numbers():
    blacks_and_whites = np.repeat(np.random.default_rng(1).integers(0, 2, (500, 1)), 3, axis=1).astype(np.float64)
    copy = fit_copy(blacks_and_whites, blacks_and_whites)
    assert np.abs(copy.matrix).max() < 10 and np.abs(copy.bias).max() < 10


def test_sketches_start_grey_and_photos_come_back_in_skins_colour(datasets):
    photos, styles = datasets
    there, back = fit_copies(photos, *fit_tones(photos, styles))
    skin = np.array([0.8, 0.6, 0.5])
    drawn = _logistic(there.matrix @ skin + there.bias)
    assert np.ptp(drawn) < 0.02
    red, green, blue = _logistic(back.matrix @ drawn + back.bias)
    assert red > green and red > blue
    dark = _logistic(there.matrix @ np.full(3, 0.2) + there.bias)
    assert (dark < drawn).all()


def test_people_are_not_set_further_apart_than_in_their_photos():
    random = np.random.default_rng(2)
    faces = [tone + random.uniform(-0.1, 0.1, (200, 1)).repeat(3, 1) for tone in (0.4, 0.5, 0.6)]
    everyone = np.concatenate(faces)
    harsh, soft = (fit_tone_curve(everyone, 0.5 + gain * (everyone - 0.5)) for gain in (1.6, 0.7))
    middle, evening = fit_evening(faces, harsh)
    assert abs(middle - 0.5) < 0.02 and abs(evening - (1 - 1 / 1.6)) < 0.03
    assert fit_evening(faces, soft)[1] == 0.0
    assert fit_evening(faces[:1], harsh)[1] == 0.0, "one photo tells nothing"


class _Changed:
    """A dataset of photos whose pictures, uint8 [512, 512, 3], are changed, each by its row."""

    def __init__(self, photos: PreparedDataset, change: Callable[[np.ndarray, int], np.ndarray]):
        self._photos, self._change, self.points = photos, change, photos.points

    def __len__(self):
        return len(self._photos)

    def indices(self, split):
        return np.arange(len(self)) if split == "train" else np.arange(0)

    def images(self, rows):
        pictures = zip(self._photos.images(rows), rows, strict=True)
        return np.stack([np.clip(self._change(p.astype(np.float32), row), 0, 255).astype(np.uint8)
                         for p, row in pictures])


def _grey(picture: np.ndarray) -> np.ndarray:
    return picture.mean(-1, keepdims=True).repeat(3, -1)


def test_light_is_evened_where_faces_would_come_out_blank(datasets):
    photos = _Changed(datasets[0], lambda picture, row: (0.64 + 0.04 * row) * picture)  # dim to bright
    on_blank_paper = _Changed(datasets[0], lambda picture, _: 2.3 * even_light(_grey(picture).astype(np.uint8), 1.0))
    assert fit_light(photos, on_blank_paper) == 1.0
    all_tones = _Changed(photos, lambda picture, _: 40 + 0.8 * _grey(picture))
    assert fit_light(photos, all_tones) == 0.0
    colored = _Changed(on_blank_paper, lambda picture, row: picture * (1.0, 0.9, (0.5, 0.8)[row % 2]))
    assert fit_light(photos, colored) == 0.0, "that would even out skin"


def test_tones_are_fitted_to_what_evening_leaves(datasets):
    photos, styles = datasets
    evened = _Changed(photos, lambda picture, _: even_light(picture.astype(np.uint8), 1.0))
    evened.indices = photos.indices
    for given, wanted in zip(fit_tones(photos, styles, 1.0), fit_tones(evened, styles), strict=True):
        np.testing.assert_array_equal(given.luma, wanted.luma)
    assert np.abs(fit_tones(photos, styles, 1.0)[0].luma - fit_tones(photos, styles)[0].luma).max() > 0.02
