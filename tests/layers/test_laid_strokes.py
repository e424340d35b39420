"""Strokes of one colour each: what they keep, where they end, how they run and move."""

import numpy as np
import pytest
import tensorflow as tf

from stylizer.layers import laid_strokes
from stylizer.layers.laid_strokes import (
    FARTHEST,
    OFFSETS,
    REACH,
    distance_kernel,
    enlarging_kernel,
    laid_along,
    lay,
    nearness,
    neighbours_kernel,
    priority,
    tone_kernel,
)
from stylizer.layers.stroke_bank import DIRECTIONS
from stylizer.training.grain import noise_for_strokes

SIDE = 128


def _noise(shift=0):
    return tf.constant(np.roll(noise_for_strokes(), (shift, shift), (0, 1))[None, :SIDE, :SIDE, None])


def _gray(tones):
    return tf.repeat(tones, 3, -1)


def _off(picture, angle):
    """By how much the direction in which a picture [H, W] changes least is off an angle: in [-pi / 2, pi / 2)."""
    dy, dx = np.gradient(picture)
    found = 0.5 * np.arctan2(2 * (dx * dy).mean(), (dx * dx - dy * dy).mean()) + np.pi / 2
    return (found - angle + np.pi / 2) % np.pi - np.pi / 2


def test_one_colour_stays_that_colour_up_to_the_border():
    color = tf.constant([0.8, 0.5, 0.2]) * tf.ones([1, SIDE, SIDE, 3])
    np.testing.assert_allclose(laid_along(color, _noise(), color[..., :1]), color, atol=0.02)


def test_strokes_cross_an_outline_and_have_the_colour_of_one_side_of_it():
    halves = tf.concat([tf.fill([1, SIDE, SIDE // 2, 1], 0.2), tf.fill([1, SIDE, SIDE // 2, 1], 0.8)], 2)
    # they run across, as where the form is another's
    across = tf.reshape(tf.one_hot(0, DIRECTIONS), [1, 1, 1, DIRECTIONS]) * tf.ones([1, SIDE // 4, SIDE // 4, 1])
    laid = lay(tf.nn.avg_pool2d(_gray(halves), 4, 4, "VALID"), priority(_noise()), across).numpy()[0, :, :, 0]
    middle = laid.shape[1] // 2
    ends = np.argmax(laid > 0.5, axis=1) - middle  # in halves of a cell
    assert ends.std() > 1.0 and np.abs(ends).max() <= 2 * (REACH + 1)
    near = laid[:, middle - 4:middle + 4]
    assert (np.minimum(np.abs(near - 0.2), np.abs(near - 0.8)) < 0.1).mean() > 0.75


@pytest.mark.parametrize("direction", range(DIRECTIONS))
def test_strokes_run_as_they_are_told(direction):
    cells = tf.random.stateless_uniform([1, 64, 64, 3], [1, 2])
    on_top = priority(tf.constant(noise_for_strokes()[None, :, :, None]))
    weights = tf.one_hot(direction, DIRECTIONS) * tf.ones([1, 64, 64, 1])
    laid = lay(cells, on_top, weights).numpy()[0, 8:-8, 8:-8, 0]
    assert abs(_off(laid, np.pi * direction / DIRECTIONS)) < 0.25


def test_strokes_follow_what_the_picture_shows():
    y, x = np.mgrid[:SIDE, :SIDE]
    angle = 0.9
    luma = tf.constant((0.5 + 0.01 * np.sin((y * np.cos(angle) - x * np.sin(angle)) / 4))[None, :, :, None], tf.float32)
    colors = tf.random.stateless_uniform([1, SIDE, SIDE, 3], [1, 2])
    assert abs(_off(laid_along(colors, _noise(), luma).numpy()[0, 8:-8, 8:-8, 0], angle)) < 0.3


def test_more_weight_makes_strokes_finer():
    cells, on_top = tf.random.stateless_uniform([1, 32, 32, 3], [1, 2]), priority(_noise())
    even = tf.fill([1, 32, 32, DIRECTIONS], 1 / DIRECTIONS)
    broad, fine = (lay(cells, on_top, times * even)[..., 0] for times in (0.5, 8.0))
    own = tf.repeat(tf.repeat(cells[..., 0], 2, 1), 2, 2)
    assert tf.reduce_mean(tf.abs(fine - own)) < 0.5 * tf.reduce_mean(tf.abs(broad - own))


def test_tones_are_as_far_apart_as_they_are_told():
    gray = tf.fill([1, SIDE, SIDE, 3], 0.5)
    even, apart = (laid_along(gray, _noise(), gray[..., :1], by).numpy()[0] / 0.5 for by in (0.0, 0.1))
    assert even.std() < 0.01 and 0.05 < apart.std() < 0.13
    np.testing.assert_allclose(apart[..., 0], apart[..., 2], atol=1e-5)


def test_details_are_kept_that_strokes_would_hide():
    lashes = np.full((SIDE, SIDE), 0.8, np.float32)
    lashes[56:72, 48:80:4] = lashes[56:72, 49:80:4] = 0.05  # finer than the cells that strokes take their colours from
    picture = tf.constant(lashes[None, :, :, None])
    kept = laid_along(_gray(picture), _noise(), picture).numpy()[0, 60:68, 52:76, 0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(laid_strokes, "KEPT", 0.0)
        hidden = laid_along(_gray(picture), _noise(), picture).numpy()[0, 60:68, 52:76, 0]
    assert np.diff(hidden, axis=1).std() < 0.05 < 0.15 < np.diff(kept, axis=1).std()


@pytest.mark.parametrize(("shift_px", "most"), [(2, 0.66), (4, 0.05)], ids=["half a cell", "a cell"])
def test_strokes_move_with_their_noise(shift_px, most):
    """By half a cell, noise that is smoothed less (0.7 instead of SMOOTH) changes what is laid by 0.76 of all of it."""
    y, x = np.mgrid[:SIDE, :SIDE]
    picture = _gray(tf.constant((0.5 + 0.3 * np.sin(x / 9) * np.cos(y / 11))[None, :, :, None], tf.float32))
    there, back = ([sign * shift_px] * 2 for sign in (1, -1))
    still = laid_along(picture, _noise(), picture[..., :1])
    moved = tf.roll(picture, there, [1, 2])
    moved = tf.roll(laid_along(moved, _noise(shift_px), moved[..., :1]), back, [1, 2])
    inside = np.s_[:, 24:-24, 24:-24]
    change, laid = (tf.reduce_mean(tf.abs(each - still)[inside]) for each in (moved, picture))
    assert change < most * laid


def test_the_noises_have_unit_deviation_and_are_independent():
    noise = tf.constant(np.tile(noise_for_strokes(), (2, 2))[None, :, :, None])
    on_top = priority(noise)
    tone = tf.nn.conv2d(on_top, tone_kernel(), 1, "SAME")
    assert np.std(on_top) == pytest.approx(1.0, abs=0.02) and np.std(tone) == pytest.approx(1.0, abs=0.05)
    assert abs(np.corrcoef(np.ravel(on_top), np.ravel(tone))[0, 1]) < 0.05


def test_kernels_know_the_same_cells():
    numbers = tf.reshape(tf.range(49.0), [1, 7, 7, 1])
    found = tf.nn.conv2d(numbers, neighbours_kernel(), 1, "VALID").numpy().ravel()
    np.testing.assert_array_equal(found, [7 * (y + 3) + x + 3 for y, x in OFFSETS])
    distances = -distance_kernel().reshape(DIRECTIONS, 2, 2, len(OFFSETS))
    right, below = OFFSETS.index((0, 1)), OFFSETS.index((1, 0))
    assert (distances[0, :, :, right] < distances[0, :, :, below]).all()  # along the x axis
    assert (distances[4, :, :, below] < distances[4, :, :, right]).all()
    assert (distances[:, :, 1, right] < distances[:, :, 0, right]).all()  # the right phase is nearer
    assert (distances[:, 1, :, below] < distances[:, 0, :, below]).all()


def test_strokes_end_within_reach_whatever_their_directions_are():
    """Else cells would come and go at its end, which shows as squares."""
    phases = nearness().reshape(2, 2, len(OFFSETS))
    assert (phases.max((0, 1))[[abs(y) + abs(x) <= 1 for y, x in OFFSETS]] > FARTHEST - 1).all()
    outmost = [n for n, (y, x) in enumerate(OFFSETS) if np.hypot(y, x) >= REACH]
    assert (phases[..., outmost].max((0, 1)) < FARTHEST - 3).all()
    assert (phases[..., outmost] < FARTHEST - 9).mean() >= 0.5


def test_enlarging_keeps_tones_where_they_are_and_borders_sharp():
    kernel = enlarging_kernel()
    np.testing.assert_allclose(kernel.sum((0, 1)).reshape(3, 4, 3), np.eye(3)[:, None] * np.ones((1, 4, 1)), atol=1e-6)
    ramp = tf.repeat(tf.reshape(tf.range(8.0), [1, 1, 8, 1]) * tf.ones([1, 8, 8, 1]), 3, -1)
    drawn = tf.nn.depth_to_space(tf.nn.conv2d(ramp, kernel, 1, "SAME"), 2)[0, 8, 4:12, 1].numpy()
    assert (np.diff(drawn) > 0).all() and drawn.mean() == pytest.approx(3.5)
    edge = tf.nn.depth_to_space(tf.nn.conv2d(tf.cast(ramp > 3.5, tf.float32), kernel, 1, "SAME"), 2)[0, 8, :, 0].numpy()
    assert edge[7] < 0.21 and edge[8] > 0.79  # bilinear has 0.25 and 0.75


def test_directions_can_be_learned():
    cells, on_top = tf.random.stateless_uniform([1, 16, 16, 3], [1, 2]), priority(_noise())[:, :16, :16]
    weights = tf.fill([1, 16, 16, DIRECTIONS], 1 / DIRECTIONS)
    with tf.GradientTape() as tape:
        tape.watch(weights)
        wanted = lay(cells, on_top, tf.one_hot(2, DIRECTIONS) * tf.ones_like(weights))
        loss = tf.reduce_mean(tf.square(lay(cells, on_top, weights) - wanted))
    gradient = tf.reduce_sum(tape.gradient(loss, weights), [0, 1, 2]).numpy()
    assert np.argmin(gradient) in (1, 2, 3) and np.isfinite(gradient).all()
