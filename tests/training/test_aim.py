"""What training aims at is the photo where a style changes nothing, and is trusted where it is like the style."""

import numpy as np
import pytest

from stylizer.data.simplification import Simplification
from stylizer.landmarks.head_pose import GENERIC_HEAD
from stylizer.losses.grain import Grain
from stylizer.losses.tone import LEVELS, fit_tone_curve
from stylizer.training.aim import LEAST_TRUST, aim, fit_trust

POINTS = (GENERIC_HEAD[:, :2] * 0.25 + 0.5).astype(np.float32)
NOISE = np.sign(np.random.default_rng(0).standard_normal((256, 256))).astype(np.float32)
COLORS = np.random.default_rng(1).random((5000, 3)).astype(np.float32)
AS_IT_IS = fit_tone_curve(COLORS, COLORS)
STILL = Grain(NOISE, np.zeros(LEVELS, np.float32))
PHOTO = np.tile(np.linspace(60, 200, 512).astype(np.uint8)[None, :, None], (512, 1, 3))


def test_a_style_that_changes_nothing_aims_at_the_photo():
    aimed = aim(PHOTO, POINTS, Simplification(), STILL, AS_IT_IS, AS_IT_IS)
    assert aimed.shape == PHOTO.shape and aimed.dtype == np.uint8
    assert np.abs(aimed.astype(int) - PHOTO).max() <= 4


def test_the_grain_is_repeated_as_the_generator_repeats_it():
    still, grained = (aim(PHOTO, POINTS, Simplification(), Grain(NOISE, np.full(LEVELS, s, np.float32)),
                          AS_IT_IS, AS_IT_IS).astype(float) for s in (0.0, 0.1))
    strokes = (grained - still).mean(-1)
    whole = np.tile(NOISE, (2, 2))
    assert np.corrcoef(strokes.ravel(), whole.ravel())[0, 1] > 0.99


class _Style:
    """Pictures as a style's samples."""

    def __init__(self, pictures):
        self._pictures = pictures

    def __len__(self):
        return len(self._pictures)

    def images(self, rows):
        return np.stack([self._pictures[row] for row in rows])


@pytest.mark.slow
def test_what_is_like_the_style_is_trusted_and_what_is_not_hardly(datasets):
    photos = datasets[0]
    pictures = photos.images(photos.indices("train"))
    for style, trust in ((pictures, 1.0), (255 - pictures, LEAST_TRUST)):  # photos themselves, and their negatives
        assert fit_trust(photos, _Style(style), Simplification(), STILL, AS_IT_IS, AS_IT_IS) == trust
