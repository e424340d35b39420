"""Contact sheets: every picture in its cell, undistorted; labels leave ink; bad input is refused."""

import numpy as np
import pytest

from stylizer.data.contact_sheet import contact_sheet, in_rows


def _plain(color, shape=(40, 40)):
    return np.full((*shape, 3), color, np.uint8)


def test_pictures_are_in_their_cells():
    red, green, blue = _plain((200, 0, 0)), _plain((0, 200, 0)), _plain((0, 0, 200))
    sheet = contact_sheet([[red, green], [blue]], cell_px=40, gap_px=4)
    assert sheet.dtype == np.uint8 and sheet.shape == (92, 92, 3)
    np.testing.assert_array_equal(sheet[4:44, 4:44], red)
    np.testing.assert_array_equal(sheet[4:44, 48:88], green)
    np.testing.assert_array_equal(sheet[48:88, 4:44], blue)
    assert (sheet[48:88, 48:88] == 255).all()  # the missing one


def test_shape_of_a_picture_is_kept():
    sheet = contact_sheet([[_plain((9, 9, 9), (200, 100))]], cell_px=50, gap_px=0)
    rows, columns = np.nonzero((sheet == 9).all(axis=-1))
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (50, 25)


def test_labels_and_captions_are_written_beside_the_pictures():
    picture = _plain((120, 120, 120), (64, 64))
    plain = contact_sheet([[picture, picture]], cell_px=64)
    labelled = contact_sheet([[picture, picture]], ["row"], ["a", "b"], [["one", "two " * 20]], cell_px=64)
    assert labelled.shape[0] > plain.shape[0] and labelled.shape[1] > plain.shape[1]
    assert (labelled == 120).all(axis=-1).sum() >= 2 * 64 * 64  # no ink on the pictures
    assert (labelled.max(axis=-1) < 100).sum() > 20


def test_rows_are_broken_off():
    pictures = [_plain(i) for i in range(5)]
    assert [len(row) for row in in_rows(pictures, 2)] == [2, 2, 1]
    assert in_rows(pictures, 2)[2][0] is pictures[4]


@pytest.mark.parametrize("rows", [[], [[]], [[np.zeros((8, 8, 3), np.float32)]], [[np.zeros((8, 8), np.uint8)]],
                                  [[np.zeros((0, 8, 3), np.uint8)]]])
def test_what_is_no_picture_is_refused(rows):
    with pytest.raises(ValueError, match="picture"):
        contact_sheet(rows)
