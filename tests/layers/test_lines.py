"""Lines along the form: known answers, and that the network's convolutions find what styles are fitted with."""

import numpy as np
import pytest
import tensorflow as tf

from stylizer.layers.contour import LUMA
from stylizer.layers.lines import (
    LINE_FROM,
    LINE_FULL,
    after_mixing,
    cell_luma,
    contrast_along,
    line_bank,
    line_kernels,
)
from stylizer.layers.stroke_bank import direction_weights

NOISE = np.random.default_rng(0).normal(0, 0.02, (128, 128)).astype(np.float32)


def _contrast(luma, line_px=1.6):
    return contrast_along(tf.constant(luma[None, :, :, None]), line_px).numpy()[0, ..., 0]


def _lined(angle, width=1.5, depth=0.1):
    """Light with a dark line of Gaussian profile through its middle."""
    y, x = np.mgrid[:128, :128] - 63.5
    across = y * np.cos(angle) - x * np.sin(angle)
    return (0.8 - depth * np.exp(-0.5 * (across / width) ** 2)).astype(np.float32), np.abs(across)


@pytest.mark.parametrize("degrees", [0, 30, 45, 80, 135])
def test_a_line_is_found_in_every_direction_and_nothing_beside_it(degrees):
    luma, across = _lined(np.radians(degrees))
    found = _contrast(luma)
    assert found[across < 0.7].min() > 0.007 and found[across > 12].max() < 1e-3
    assert found[(across > 3) & (across < 6)].max() < 0.004


def test_noise_has_no_direction_and_a_faint_line_has():
    luma, across = _lined(0.4, depth=0.06)
    found = _contrast(luma + NOISE)
    assert np.median(found[across < 0.7]) > 4 * found[across > 12].std()
    assert found[across > 12].std() < 0.2 * NOISE.std()


def test_broad_lines_are_those_of_a_broad_brush():
    luma, across = _lined(0.0, width=3.0)
    assert _contrast(luma, 2.0)[across < 0.7].mean() > 1.5 * _contrast(luma, 1.0)[across < 0.7].mean()


def test_an_even_tone_and_its_border_have_no_line():
    np.testing.assert_allclose(_contrast(np.full((64, 64), 0.7, np.float32)), 0.0, atol=1e-6)
    np.testing.assert_allclose(line_kernels(1.6).sum((0, 1, 2)), 0.0, atol=1e-6)


def test_cells_hold_the_mean_luma_of_their_pixels():
    image = np.random.default_rng(0).random((1, 16, 24, 3)).astype(np.float32)
    cells = tf.nn.depth_to_space(tf.nn.conv2d(image, cell_luma(), 4, "VALID"), 2).numpy()[0, ..., 0]
    np.testing.assert_allclose(cells, (image[0] @ np.array(LUMA, np.float32)).reshape(8, 2, 12, 2).mean((1, 3)),
                               atol=1e-6)


@pytest.mark.parametrize("line_px", [1.0, 1.6])
def test_the_networks_convolutions_find_the_lines_that_styles_are_fitted_with(line_px):
    luma, _ = _lined(0.4, depth=0.15)
    cells = tf.nn.avg_pool2d(luma[None, :, :, None], 2, 2, "VALID")
    each = tf.nn.relu6(tf.nn.conv2d(tf.nn.space_to_depth(cells, 2), line_bank(line_px), 1, "SAME"))
    mixed = tf.reduce_sum(direction_weights(cells) * tf.nn.depth_to_space(each, 2), -1, keepdims=True)
    kernel, bias = after_mixing()
    stretched = tf.nn.relu6(tf.nn.conv2d(mixed, kernel, 1, "SAME") + bias)
    found = tf.nn.depth_to_space(stretched, 2).numpy()[0, 20:-20, 20:-20, 0] / 6.0
    contrast = _contrast(luma, line_px)[20:-20, 20:-20]
    wanted = np.clip((contrast - LINE_FROM) / (LINE_FULL - LINE_FROM), 0.0, 1.0)
    assert wanted.max() > 0.3
    # the bank is cut off before it is mixed, which lines' flanks show
    assert np.std(found - wanted) < 0.15 * wanted.std() and np.abs(found - wanted).max() < 0.15
