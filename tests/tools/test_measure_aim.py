"""What training aims at is the photo itself where a style changes nothing, and other data is refused by name."""

import sys
from pathlib import Path

import numpy as np
import pytest

from stylizer.data.simplification import Simplification
from stylizer.errors import DataError
from stylizer.landmarks.head_pose import GENERIC_HEAD
from stylizer.losses.grain import Grain
from stylizer.losses.tone import LEVELS, fit_tone_curve

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import measure_aim

POINTS = (GENERIC_HEAD[:, :2] * 0.25 + 0.5).astype(np.float32)
NOISE = np.sign(np.random.default_rng(0).standard_normal((256, 256))).astype(np.float32)
GREYS = np.linspace(0.0, 1.0, 256, dtype=np.float32)[:, None].repeat(3, 1)
AS_IT_IS = fit_tone_curve(GREYS, GREYS)
PHOTO = np.tile(np.linspace(60, 200, 512).astype(np.uint8)[None, :, None], (512, 1, 3))


def test_a_style_that_changes_nothing_aims_at_the_photo():
    still = Grain(NOISE, np.zeros(LEVELS, np.float32))
    aim = measure_aim.aim(PHOTO, POINTS, Simplification(), still, AS_IT_IS, AS_IT_IS)
    assert aim.shape == PHOTO.shape and aim.dtype == np.uint8
    assert np.abs(aim.astype(int) - PHOTO).max() <= 4


def test_the_grain_is_repeated_as_the_generator_repeats_it():
    still, grained = (measure_aim.aim(PHOTO, POINTS, Simplification(), Grain(NOISE, np.full(LEVELS, s, np.float32)),
                                      AS_IT_IS, AS_IT_IS).astype(float) for s in (0.0, 0.1))
    strokes = (grained - still).mean(-1)
    whole = np.tile(NOISE, (2, 2))
    assert np.corrcoef(strokes.ravel(), whole.ravel())[0, 1] > 0.99


def test_data_of_another_run_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"none of the datasets there is the run's \(0123456789ab\); name the folder"):
        measure_aim._prepared(tmp_path, "0123456789abcdef")
