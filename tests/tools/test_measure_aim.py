"""Data of another run is refused by name."""

import sys
from pathlib import Path

import pytest

from stylizer.errors import DataError

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import measure_aim


def test_data_of_another_run_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"none of the datasets there is the run's \(0123456789ab\); name the folder"):
        measure_aim._prepared(tmp_path, "0123456789abcdef")
