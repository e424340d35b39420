"""Finished drawings, found by the names of their photos."""

import numpy as np
import pytest

from stylizer.data.pictures import write_picture
from stylizer.errors import DataError
from stylizer.evaluation.results import ResultFolder

PHOTO = np.zeros([64, 64, 3], np.uint8)


def picture(level, width=32):
    return np.full([32, width, 3], level, np.uint8)


def test_names_suffixes_and_sizes(tmp_path):
    (tmp_path / "b").mkdir()
    write_picture(tmp_path / "one.png", picture(10))
    write_picture(tmp_path / "b" / "two.jpeg", picture(20))
    write_picture(tmp_path / "three-0123456789.png", picture(30))  # named like the prepared photo
    folder = ResultFolder(tmp_path)
    assert len(folder) == 3
    folder.require(["one.jpg", "b/two.jpg", "three.jpg"])
    for name, level in (("one.jpg", 10), ("b/two.jpg", 20), ("three.jpg", 30)):
        drawn = folder.draw(PHOTO, name)
        assert drawn.shape == PHOTO.shape and abs(int(drawn.mean()) - level) <= 1


def test_a_missing_drawing_is_told_in_one_line(tmp_path):
    write_picture(tmp_path / "one.png", picture(10))
    with pytest.raises(DataError, match=r"holds no drawing of two.jpg, nor of 1 other of the 3 photos") as e:
        ResultFolder(tmp_path).require(["one.jpg", "two.jpg", "three.jpg"])
    assert "\n" not in str(e.value)
    with pytest.raises(DataError, match="does not exist"):
        ResultFolder(tmp_path / "gone")


def test_a_drawing_of_another_frame(tmp_path):
    write_picture(tmp_path / "one.png", picture(10, width=40))
    with pytest.raises(DataError, match="is 40x32 pixels; draw the prepared photos"):
        ResultFolder(tmp_path).draw(PHOTO, "one.jpg")


def test_a_drawing_of_two_people_of_one_name(tmp_path):
    for name in ("1-0123456789.png", "1-abcdef0123.png"):  # crops of ann/1.jpg and bob/1.jpg
        write_picture(tmp_path / name, picture(10))
    with pytest.raises(DataError, match="1-0123456789.png and 1-abcdef0123.png may both be of bob/1.jpg; name each"):
        ResultFolder(tmp_path).require(["bob/1.jpg"])
    (tmp_path / "bob").mkdir()
    write_picture(tmp_path / "bob" / "1.png", picture(90))
    assert abs(int(ResultFolder(tmp_path).draw(PHOTO, "bob/1.jpg").mean()) - 90) <= 1
