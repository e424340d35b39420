"""The grain lies under the picture as the generator lays it, and moves with it."""

import numpy as np
import pytest
import tensorflow as tf

from stylizer.models.strokes import Strokes

PERIOD, SIDE = 64, 128


@pytest.fixture(scope="module")
def tile():
    """Smooth and seamless, so that it can be moved by parts of a pixel."""
    x, y = np.meshgrid(np.arange(PERIOD), np.arange(PERIOD))
    wave = np.sin(2 * np.pi * (3 * x + y) / PERIOD) + np.cos(2 * np.pi * (2 * y - x) / PERIOD)
    return np.rint(60 * wave).astype(np.int8)


def _pixels(cells):
    return tf.nn.depth_to_space(cells[None].astype(np.float32), 2).numpy()[0, ..., 0]


def test_repeats_in_cells_as_the_generator_does(tile):
    at_rest = Strokes(tile, 0.5, SIDE).under(None)
    assert at_rest.shape == (SIDE // 2, SIDE // 2, 4) and at_rest.dtype == np.float32
    np.testing.assert_array_equal(_pixels(at_rest), 0.5 * np.tile(tile, (2, 2)))


def test_quantised_as_the_network_wants_it(tile):
    scale, zero = 0.6, -7
    levels = Strokes(tile, 0.5, SIDE, (scale, zero)).under(None)
    assert levels.dtype == np.int8
    np.testing.assert_allclose(scale * (levels.astype(float) - zero), Strokes(tile, 0.5, SIDE).under(None),
                               atol=0.51 * scale)


@pytest.mark.parametrize("shift", [(0, 0), (10, 4), (-6, 1000), (-12345, 7), (3.5, -0.25)])
@pytest.mark.parametrize("quantization", [(0.0, 0), (1.0, 0)])
def test_moves_any_way(tile, shift, quantization):
    moved = Strokes(tile, 1.0, SIDE, quantization).under(np.array([[1, 0, shift[0]], [0, 1, shift[1]]]))
    x, y = np.meshgrid(np.arange(SIDE) - shift[0], np.arange(SIDE) - shift[1])
    wave = np.sin(2 * np.pi * (3 * x + y) / PERIOD) + np.cos(2 * np.pi * (2 * y - x) / PERIOD)
    np.testing.assert_allclose(_pixels(moved), np.clip(60 * wave, -128, 127), atol=3)


def test_zooms_and_turns(tile):
    strokes = Strokes(tile, 1.0, SIDE)
    for zoom, angle in ((1.3, 0.0), (0.7, 0.0), (1.0, 2.0)):
        turn = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        pixels = _pixels(strokes.under(np.column_stack([turn, [5.0, -9.0]])))
        here = np.array([40.0, 90.0])
        x, y = np.linalg.solve(turn, here - (5.0, -9.0))
        wave = np.sin(2 * np.pi * (3 * x + y) / PERIOD) + np.cos(2 * np.pi * (2 * y - x) / PERIOD)
        assert pixels[90, 40] == pytest.approx(60 * wave, abs=3)
