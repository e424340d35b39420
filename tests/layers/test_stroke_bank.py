"""Strokes follow the form: their direction, their strength, and that the network's bank is the one it learns from."""

import cv2
import numpy as np
import pytest
import tensorflow as tf

from stylizer.layers.stroke_bank import (
    DAB_GAIN,
    DIRECTIONS,
    OVERLAPPING,
    PAIR,
    clearness,
    dab_kernels,
    dabs_along,
    deviations_along,
    direction_weights,
    gathering_kernel,
    spreading_kernel,
    stroke_kernels,
    strokes_along,
)
from stylizer.training.grain import noise_for_strokes

SIDE = 128


def _noise(batch=1):
    return tf.constant(np.stack([noise_for_strokes(seed)[:SIDE, :SIDE, None] for seed in range(batch)]))


def _stripes(angle):
    """Luma [1, SIDE, SIDE, 1] of soft stripes that run at `angle`."""
    y, x = np.mgrid[:SIDE, :SIDE]
    across = y * np.cos(angle) - x * np.sin(angle)
    return tf.constant((0.5 + 0.2 * np.sin(across / 4.0))[None, :, :, None], tf.float32)


def _direction(picture):
    """Angle in [0, pi) along which a picture [H, W] changes least."""
    dy, dx = np.gradient(picture)
    return float((0.5 * np.arctan2(2 * (dx * dy).mean(), (dx * dx - dy * dy).mean()) + np.pi / 2) % np.pi)


@pytest.mark.parametrize("angle", [0.0, 0.4, 1.2, np.pi / 2, 2.5])
def test_strokes_run_as_the_picture_does(angle):
    drawn = strokes_along(_noise(), _stripes(angle)).numpy()[0, 16:-16, 16:-16, 0]
    off = (_direction(drawn) - angle + np.pi / 2) % np.pi - np.pi / 2
    assert abs(off) < 0.2
    assert 0.85 < drawn.std() < 1.15


@pytest.mark.parametrize("angle", [0.0, 1.2, np.pi / 2, 2.5])
def test_noise_with_a_direction_of_its_own_gives_strokes_in_any_other(angle):
    isotropic = np.random.default_rng(0).standard_normal((256, 256))
    hatching = isotropic + 3.0 * (isotropic + np.roll(isotropic, (1, 1), (0, 1)) + np.roll(isotropic, (2, 2), (0, 1)))
    hatching = (hatching / hatching.std()).astype(np.float32)
    deviations = deviations_along(hatching)
    assert deviations[2] > 1.5 * deviations[6]  # along its own diagonal and across it
    drawn = strokes_along(hatching[None, :SIDE, :SIDE, None], _stripes(angle), deviations).numpy()[0, 16:-16, 16:-16, 0]
    off = (_direction(drawn) - angle + np.pi / 2) % np.pi - np.pi / 2
    assert abs(off) < 0.3
    assert 0.75 < drawn.std() < 1.25
    assert deviations_along(noise_for_strokes()) == pytest.approx(np.ones(DIRECTIONS), abs=0.06)


def test_stripes_run_clearly_in_one_direction_and_spots_in_none():
    spots = cv2.GaussianBlur(np.random.default_rng(0).standard_normal((SIDE, SIDE)), (0, 0), 3.0)
    assert tf.reduce_min(clearness(_stripes(0.7))[:, 8:-8, 8:-8]) > 0.9
    assert tf.reduce_mean(clearness(tf.constant(0.5 + spots[None, :, :, None], tf.float32))) < 0.6
    assert not tf.reduce_any(clearness(tf.fill([1, 64, 64, 1], 0.5)) > 0)


def test_each_half_of_a_picture_has_its_own_direction():
    picture = tf.concat([_stripes(0.0)[:, :, :64], _stripes(np.pi / 2)[:, :, 64:]], 2)
    drawn = strokes_along(_noise(), picture).numpy()[0, :, :, 0]
    left, right = _direction(drawn[16:-16, 8:44]), _direction(drawn[16:-16, 84:-8])
    assert min(left, np.pi - left) < 0.2 and abs(right - np.pi / 2) < 0.2


@pytest.mark.parametrize("angle", [0.0, 0.4, 1.2, np.pi / 2, 2.5])
def test_dabs_run_as_the_picture_does_and_have_one_of_two_tones(angle):
    drawn = dabs_along(_noise(), _stripes(angle)).numpy()[0, 16:-16, 16:-16, 0]
    off = (_direction(drawn) - angle + np.pi / 2) % np.pi - np.pi / 2
    assert abs(off) < 0.35
    assert 0.8 < drawn.std() <= np.abs(drawn).max() <= 1
    assert (np.abs(drawn) > 0.8).mean() > 0.7


def test_dabs_are_broader_than_strokes():
    def across(picture):
        """How many pixels lie between two changes of sign, across horizontal stripes."""
        return 1 / (np.diff(np.sign(picture[0, 16:-16, 16:-16, 0]), axis=0) != 0).mean()

    strokes, dabs = (each(_noise(), _stripes(0.0)).numpy() for each in (strokes_along, dabs_along))
    assert across(dabs) > 1.6 * across(strokes)


def test_weights_sum_to_one_and_nothing_to_follow_is_no_error():
    for picture in (_stripes(1.0), tf.fill([1, SIDE, SIDE, 1], 0.5)):
        weights = direction_weights(picture)
        assert weights.shape == (1, SIDE, SIDE, DIRECTIONS)
        np.testing.assert_allclose(tf.reduce_sum(weights, -1), 1.0, atol=1e-5)


def test_kernels_have_unit_energy_and_leave_out_tones():
    kernels = stroke_kernels()
    assert kernels.shape == (9, 9, 1, DIRECTIONS)
    np.testing.assert_allclose(np.square(kernels).sum((0, 1, 2)), 1.0, atol=1e-5)
    assert np.abs(kernels.sum((0, 1, 2))).max() < 0.35 < np.abs(kernels).sum((0, 1, 2)).min()


@pytest.mark.parametrize(("along", "most"), [(strokes_along, 0.25), (dabs_along, 0.06)])
@pytest.mark.parametrize("shift", [(0.5, 0.5), (1.0, 1.0), (2.0, 2.0)])
def test_brushes_move_with_their_noise_by_fractions_of_their_cells(along, most, shift):
    noise = noise_for_strokes()
    picture = tf.fill([1, SIDE, SIDE, 1], 0.5)

    def drawn(right, down):
        moved = cv2.warpAffine(noise, np.array([[1.0, 0.0, right], [0.0, 1.0, down]]), (256, 256))
        return along(tf.constant(moved[None, 64:64 + SIDE, 64:64 + SIDE, None]), picture).numpy()[0, ..., 0]

    back = cv2.warpAffine(drawn(*shift), np.array([[1.0, 0.0, -shift[0]], [0.0, 1.0, -shift[1]]]), (SIDE, SIDE),
                          flags=cv2.INTER_LANCZOS4)
    still = drawn(0.0, 0.0)
    inside = np.s_[16:-16, 16:-16]
    assert np.abs(back - still)[inside].mean() < most * np.abs(still)[inside].mean()


def test_the_networks_two_convolutions_are_the_bank():
    noise = _noise(2)
    cells = tf.nn.avg_pool2d(noise, 2, 2, "VALID")
    expected = tf.nn.conv2d(cells, stroke_kernels(), 1, "SAME")
    gather, spread = gathering_kernel(PAIR), spreading_kernel(stroke_kernels())
    grain = tf.nn.space_to_depth(noise, 2)
    got = tf.nn.depth_to_space(tf.nn.conv2d(tf.nn.conv2d(grain, gather, 2, "SAME"), spread, 1, "SAME"), 2)
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_the_networks_convolutions_of_dabs_act_on_overlapping_means_of_cells():
    noise = _noise(2)
    taps = DAB_GAIN * np.outer(OVERLAPPING, OVERLAPPING)[:, :, None, None]
    expected = tf.nn.conv2d(tf.nn.avg_pool2d(noise, 2, 2, "VALID"), taps.astype(np.float32), 2, "SAME")
    assert 0.9 < np.std(expected) < 1.1
    expected = tf.nn.conv2d(expected, dab_kernels(), 1, "SAME")
    cells = tf.nn.conv2d(tf.nn.space_to_depth(noise, 2), gathering_kernel(PAIR), 2, "SAME")
    cells = tf.nn.conv2d(cells, gathering_kernel(OVERLAPPING, DAB_GAIN), 2, "SAME")
    got = tf.nn.depth_to_space(tf.nn.conv2d(cells, spreading_kernel(dab_kernels()), 1, "SAME"), 2)
    np.testing.assert_allclose(got, expected, atol=1e-5)
