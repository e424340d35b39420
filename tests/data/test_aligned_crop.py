"""Cutting aligned squares: exact where nothing is resampled, free of aliasing, seamless at the border."""

import numpy as np
import pytest

from stylizer.data.aligned_crop import cut_aligned


def _noise(height=80, width=120):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def test_whole_pixels_are_copied():
    image = _noise()
    crop = cut_aligned(image, np.array([[1, 0, -30], [0, 1, -10]]), 48)
    np.testing.assert_array_equal(crop, image[10:58, 30:78])


def test_quarter_turn_is_exact():
    image = _noise(64, 64)
    turned = cut_aligned(image, np.array([[0, -1, 64], [1, 0, 0]]), 64)  # (x, y) -> (64 - y, x), clockwise
    np.testing.assert_array_equal(turned, np.rot90(image, -1))


def test_shrinking_averages():
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = cut_aligned(stripes, np.array([[0.25, 0, 0], [0, 0.25, 0]]), 100)
    assert np.abs(crop.astype(int) - 127.5).max() <= 1


@pytest.mark.parametrize("scale", [0.3, 0.77, 1.0, 1.9])
def test_content_lands_where_the_transform_says(scale):
    image = np.zeros((300, 300, 3), np.uint8)
    rows, columns = np.indices((300, 300)) + 0.5
    image[np.hypot(columns - 110, rows - 170) < 8] = 255
    turn = scale * np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
    transform = np.column_stack([turn, (64, 64) - turn @ (105, 160)])
    x, y = turn @ (110, 170) + transform[:, 2]
    crop = cut_aligned(image, transform, 128).mean(axis=-1)
    rows, columns = np.indices(crop.shape) + 0.5
    crop[np.hypot(columns - x, rows - y) > 20 * scale] = 0  # its reflections
    assert (columns * crop).sum() / crop.sum() == pytest.approx(x, abs=0.15)
    assert (rows * crop).sum() / crop.sum() == pytest.approx(y, abs=0.15)


def test_outside_is_filled_and_soft():
    image = np.repeat(_noise(8, 8), 16, axis=0).repeat(16, axis=1)
    crop = cut_aligned(image, np.array([[1, 0, 64], [0, 1, 64]]), 256)
    np.testing.assert_array_equal(crop[64:192, 64:192], image)
    assert (crop[:30].reshape(-1, 3).sum(axis=-1) > 0).all()  # no black wedge

    def sharpest(part):
        return np.abs(np.diff(part.astype(float), axis=1)).max()

    assert sharpest(crop[64:192, :40]) < 0.2 * sharpest(image)
    seam = np.abs(crop[64:192, 63].astype(int) - crop[64:192, 64]).mean()
    assert seam < 10


def test_square_beside_the_picture():
    crop = cut_aligned(np.full((50, 50, 3), 99, np.uint8), np.array([[1, 0, 500], [0, 1, 500]]), 64)
    assert (crop == 99).all()
