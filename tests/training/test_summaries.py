"""What a run shows: rows of a cut-off attempt are not shown twice."""

import csv

import numpy as np

from stylizer.data.pictures import read_picture
from stylizer.training.summaries import Summaries


def _steps(folder):
    with open(folder / "metrics.csv", newline="") as f:
        return [row["step"] for row in csv.DictReader(f)]


def test_rows_after_the_checkpoint_are_dropped_when_going_on(tmp_path):
    first = Summaries(tmp_path, 0)
    for step in (10, 20, 30):
        first.scalars(step, {"loss": 1.0 / step})
    again = Summaries(tmp_path, 20)
    assert _steps(tmp_path) == ["10", "20"]
    again.scalars(30, {"loss": 0.5})
    assert _steps(tmp_path) == ["10", "20", "30"]


def test_later_rows_may_know_more(tmp_path):
    summaries = Summaries(tmp_path, 0)
    summaries.scalars(10, {"loss": 1.0})
    summaries.scalars(20, {"loss": 0.5, "tone": 0.25})
    with open(tmp_path / "metrics.csv", newline="") as f:
        assert list(csv.DictReader(f)) == [{"step": "10", "loss": "1", "tone": ""},
                                           {"step": "20", "loss": "0.5", "tone": "0.25"}]


def test_sheet_shows_photos_above_drawings(tmp_path):
    photos, drawn = np.full((2, 64, 64, 3), 200, np.uint8), np.full((2, 64, 64, 3), 20, np.uint8)
    path = Summaries(tmp_path, 0).samples(5, photos, drawn)
    sheet = read_picture(path).astype(int)
    upper, lower = np.array_split(sheet[:, sheet.shape[1] // 2:], 2)
    assert path.name == "000005.jpg" and np.median(upper) > 150 and np.median(lower) < 60
