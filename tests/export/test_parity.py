"""Known answers of the comparison."""

import numpy as np
import pytest

from stylizer.export.parity import compare, parity_sheet, psnr_db


def test_psnr_of_known_differences():
    grey = np.full((32, 32, 3), 100, np.uint8)
    assert psnr_db(grey, grey) == float("inf")
    assert psnr_db(grey, grey + 1) == pytest.approx(48.13, abs=0.01)  # 20 log10(255)
    assert psnr_db(grey, grey + 10) == pytest.approx(28.13, abs=0.01)


def test_banding_is_what_stays_after_smoothing():
    random = np.random.default_rng(0)
    flat = np.full((128, 128, 3), 100, np.uint8)
    noisy = (flat + random.integers(-3, 4, flat.shape)).astype(np.uint8)
    banded = flat.copy()
    banded[:, 64:] += 3
    assert compare([flat], [noisy]).banding_levels < 0.7  # as loud, but nothing that lasts
    assert compare([flat], [banded]).banding_levels == pytest.approx(3, abs=0.1)


def test_least_and_median():
    flat = np.full((16, 16, 3), 100, np.uint8)
    parity = compare([flat] * 3, [flat + 1, flat + 2, flat + 10])
    assert parity.psnr_least_db == pytest.approx(28.13, abs=0.01)
    assert parity.psnr_median_db == pytest.approx(42.11, abs=0.01)


def test_sheet_shows_everything():
    pictures = [np.full((64, 64, 3), value, np.uint8) for value in (10, 200)]
    sheet = parity_sheet(pictures, pictures, {"int8": pictures, "float16": pictures})
    assert sheet.shape[1] > 5 * 320 and sheet.shape[0] > 2 * 320
