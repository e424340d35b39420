"""Figures with a known answer: the painter itself is perfect, the photo scores what doing nothing scores."""

import json

import numpy as np
import pytest

from stylizer.data.datasets import PreparedDataset
from stylizer.data.painters import PAINTERS
from stylizer.data.preparation import prepare_pictures
from stylizer.evaluation.fidelity import evaluate
from stylizer.landmarks.mediapipe_detector import FaceDetector


@pytest.fixture(scope="module")
def photos(portraits_dir, tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    prepare_pictures("photos", portraits_dir, folder, limit=3)
    return PreparedDataset.load(folder)


def _evaluate(draw, photos, out):
    with FaceDetector() as detector:
        return evaluate(draw, photos, range(2), detector.detect, "sketch", out)["summary"]


def test_the_painter_scores_zero_and_doing_nothing_scores_one(photos, tmp_path):
    perfect = _evaluate(lambda p: PAINTERS["sketch"].paint(p, 0), photos, tmp_path / "a")
    nothing = _evaluate(lambda p: p, photos, tmp_path / "b")
    assert perfect["lpips_ratio"] < 1e-3 and nothing["lpips_ratio"] == pytest.approx(1)
    assert perfect["hair_difference_luma"] == perfect["tone_error_luma"] == 0
    assert nothing["landmark_error_percent"] == pytest.approx(0, abs=1e-6)
    assert perfect["saturation_percent"] < 1 < nothing["saturation_percent"]
    assert json.loads((tmp_path / "a" / "metrics.json").read_text())["summary"] == perfect
    assert (tmp_path / "a" / "sheet.jpg").is_file()


def test_a_lost_face_is_counted(photos, tmp_path):
    lost = _evaluate(np.zeros_like, photos, tmp_path)
    assert lost["faces_lost_percent"] == 100 and np.isnan(lost["landmark_error_percent"])
