"""The One Euro filter: known answers, calm at rest, on time in motion, at home in any unit and with any time stamps."""

import math

import numpy as np
import pytest

from stylizer.landmarks.one_euro import OneEuroFilter


def test_constant_values_come_back_exactly():
    smooth = OneEuroFilter(0.2, 100.0)
    values = np.random.default_rng(0).normal(size=(468, 2))
    for frame in range(20):
        np.testing.assert_array_equal(smooth(values, frame / 30), values)


def test_step_response_without_beta_is_that_of_a_first_order_low_pass():
    smooth = OneEuroFilter(min_cutoff_hz=1.0, beta=0.0)
    assert smooth(np.zeros(3), 0.0).tolist() == [0, 0, 0]
    # 2 pi 0.1 / (2 pi 0.1 + 1) = 0.385870 of what is left, each time
    for n in range(1, 6):
        np.testing.assert_allclose(smooth(np.ones(3), 0.1 * n), 1 - (1 - 0.385870) ** n, atol=1e-6)


def test_step_response_with_beta():
    smooth = OneEuroFilter(min_cutoff_hz=1.0, beta=0.5, derivative_cutoff_hz=1.0)
    smooth(np.zeros(()), 0.0)
    # speed 0.385870 * 10 = 3.858695, cutoff 1 + 0.5 * 3.858695 = 2.929348, 2 pi 0.2929348 / (2 pi 0.2929348 + 1)
    assert smooth(np.ones(()), 0.1) == pytest.approx(0.647957, abs=1e-6)
    # speed 3.858695 + 0.385870 * (3.520430 - 3.858695) = 3.728169, cutoff 2.864084, weight 0.642798
    assert smooth(np.ones(()), 0.2) == pytest.approx(0.647957 + 0.642798 * (1 - 0.647957), abs=1e-5)


def test_noise_at_rest_is_reduced_by_the_formula():
    noise = np.random.default_rng(1).normal(size=(3000, 50))
    smooth = OneEuroFilter(min_cutoff_hz=0.5, beta=0.0)
    filtered = np.array([smooth(values, n / 30) for n, values in enumerate(noise)])[300:]
    weight = math.pi / 30 / (math.pi / 30 + 1)
    assert filtered.std() == pytest.approx(math.sqrt(weight / (2 - weight)), rel=0.05)  # a fifth


def test_noise_of_landmarks_is_reduced_more_than_by_the_papers_filter():
    """With the tracker's parameters and noise of 0.15 % of the face's size, such as a camera's."""
    noise = np.random.default_rng(2).normal(0, 0.0015, size=(300, 468, 2))

    def jitter(filters: list[OneEuroFilter], parts: np.ndarray) -> float:
        smoothed = [[one(part, n / 30) for one, part in zip(filters, frame, strict=True)]
                    for n, frame in enumerate(parts)]
        return float(np.diff(np.array(smoothed)[30:], axis=0).std() / np.diff(noise, axis=0).std())

    whole = jitter([OneEuroFilter(0.2, 100.0, 3.0)], noise[:, None])
    each = jitter([OneEuroFilter(0.2, 100.0, 3.0) for _ in range(40)], noise.reshape(300, -1)[:, :40])
    assert whole < 0.35
    assert whole < 0.95 * each


@pytest.mark.parametrize("speed", [0.01, 0.1, 1.0, 10.0])
@pytest.mark.parametrize("irregular", [False, True])
def test_lag_behind_steady_motion_is_below_its_bound(speed, irregular):
    steps = np.random.default_rng(3).uniform(0.005, 0.1, 400) if irregular else np.full(400, 1 / 30)
    smooth = OneEuroFilter(0.2, beta=40.0, derivative_cutoff_hz=3.0)
    times = np.cumsum(steps)
    lags = [time - smooth(np.array(speed * time), time) / speed for time in times]
    assert 0 < max(lags[200:]) * speed < 1 / (2 * math.pi * 40)


def test_one_speed_opens_the_filter_for_all_values():
    smooth = OneEuroFilter(0.2, 50.0, 3.0)
    before = smooth(np.zeros((4, 2)), 0.0)
    target = np.array([[1.0, 2], [0.001, 0.002], [0, 0], [-3, 0.5]])
    after = smooth(target, 1 / 30)
    moved = (after - before)[target != 0] / target[target != 0]
    assert np.ptp(moved) < 1e-12 and moved[0] > 0.8


def test_unit_makes_it_independent_of_the_scale():
    path = np.cumsum(np.random.default_rng(4).normal(size=(50, 5)), axis=0)
    one, large = OneEuroFilter(0.2, 10.0), OneEuroFilter(0.2, 10.0)
    for n, values in enumerate(path):
        np.testing.assert_allclose(large(values * 640, n / 25, unit=640.0), one(values, n / 25) * 640, rtol=1e-9)


def test_long_gap_hardly_smooths():
    smooth = OneEuroFilter(0.2, 100.0, 3.0)
    smooth(np.zeros(2), 0.0)
    np.testing.assert_allclose(smooth(np.ones(2), 60.0), 1, atol=0.02)


def test_same_time_keeps_the_estimate_and_an_earlier_one_starts_anew():
    smooth = OneEuroFilter(1.0, 1.0)
    smooth(np.zeros(2), 5.0)
    estimate = smooth(np.ones(2), 5.1)
    np.testing.assert_array_equal(smooth(np.full(2, 9.0), 5.1), estimate)
    np.testing.assert_array_equal(smooth(np.full(2, 9.0), 2.0), 9)
    np.testing.assert_array_equal(smooth(np.full(2, 9.0), 2.1), 9)


def test_reset_forgets():
    smooth = OneEuroFilter(1.0, 1.0)
    smooth(np.zeros(2), 0.0)
    smooth.reset()
    np.testing.assert_array_equal(smooth(np.ones(3), 0.1), 1)


def test_arrays_are_not_shared():
    smooth = OneEuroFilter(1.0, 0.0)
    values = np.zeros(2)
    smooth(values, 0.0)[:] = 7
    values[:] = 7
    np.testing.assert_array_equal(smooth(np.zeros(2), 0.1), 0)
    smooth(np.zeros(2), 0.2)[:] = 7
    np.testing.assert_array_equal(smooth(np.zeros(2), 0.3), 0)


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="cutoffs"):
        OneEuroFilter(0.0, 1.0)
    with pytest.raises(ValueError, match="beta"):
        OneEuroFilter(1.0, -1.0)
    smooth = OneEuroFilter(1.0, 1.0)
    smooth(np.zeros((2, 3)), 0.0)
    with pytest.raises(ValueError, match=r"\[2, 3\].*\[3, 2\]"):
        smooth(np.zeros((3, 2)), 0.1)
