"""Grain: a style's strokes are found again in noise, whatever else its pictures show."""

import cv2
import numpy as np
import pytest

from stylizer.losses.grain import Grain
from stylizer.losses.tone import LEVELS
from stylizer.models.generator import GRAIN_SIDE
from stylizer.training.grain import clouded, evenness, fit_grain, mean_gain, most_alike, random_phase, strength_by_tone

PATCH = 128


def _stripes(angle: float, period: float, random: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[:PATCH, :PATCH]
    across = x * np.cos(angle) + y * np.sin(angle)
    return 0.1 * np.sin(2 * np.pi * across / period + random.uniform(0, 7)) + 0.01 * random.standard_normal(x.shape)


def _main_wave(noise: np.ndarray) -> tuple[float, float]:
    """Angle in [0, pi) and period of the strongest wave, from the spectrum smoothed over neighbours."""
    power = np.abs(np.fft.fft2(noise - noise.mean())) ** 2
    power = sum(np.roll(power, (i, j), (0, 1)) for i in range(-4, 5) for j in range(-4, 5))
    fy, fx = np.meshgrid(np.fft.fftfreq(len(noise)), np.fft.fftfreq(len(noise)), indexing="ij")
    k = np.unravel_index(np.argmax(power), power.shape)
    return float(np.arctan2(fy[k], fx[k]) % np.pi), float(1 / np.hypot(fy[k], fx[k]))


def test_has_the_patches_waves_in_new_places():
    random = np.random.default_rng(0)
    patches = np.stack([_stripes(0.9, 5.0, random) for _ in range(20)])
    noise = random_phase(patches, random)
    angle, period = _main_wave(noise)
    assert abs(angle - 0.9) < 0.15 and abs(period - 5.0) < 0.7
    other = random_phase(patches, random)
    assert abs(np.corrcoef(noise.ravel(), other.ravel())[0, 1]) < 0.3


def test_what_few_patches_show_leaves_no_trace():
    random = np.random.default_rng(1)
    patches = [_stripes(0.9, 5.0, random) for _ in range(20)] + [4 * _stripes(2.4, 8.0, random) for _ in range(2)]
    assert abs(_main_wave(random_phase(np.stack(patches), random))[0] - 0.9) < 0.15


def test_the_patches_that_agree_are_kept():
    random = np.random.default_rng(5)
    alike = np.stack([_stripes(0.9 + random.uniform(-0.05, 0.05), 5.0, random) for _ in range(12)])
    others = np.stack([_stripes(angle, 9.0, random) for angle in np.linspace(1.5, 3.5, 8)])
    kept = most_alike(np.concatenate([others, alike]), 12)
    assert {patch.tobytes() for patch in kept} == {patch.tobytes() for patch in alike}
    assert len(most_alike(alike, 50)) == 12, "few are all kept"


def test_one_line_is_not_even_and_hatching_is():
    random = np.random.default_rng(6)
    hatched = _stripes(0.9, 5.0, random)
    y = np.mgrid[:PATCH, :PATCH][0]
    line = 0.5 * np.exp(-0.5 * ((y - 70 - 10 * np.sin(np.linspace(0, 3, PATCH))) / 2) ** 2)  # as a chin's
    assert evenness(np.stack([hatched]))[0] > 0.9
    assert evenness(np.stack([line + 0.02 * random.standard_normal(line.shape)]))[0] < 0.3
    assert evenness(np.zeros([1, PATCH, PATCH])) == 0


def test_is_periodic_and_standardised():
    noise = random_phase(np.random.default_rng(2).standard_normal((10, PATCH, PATCH)), np.random.default_rng(3))
    assert noise.shape == (2 * GRAIN_SIDE, 2 * GRAIN_SIDE) and noise.dtype == np.float32
    assert abs(noise.mean()) < 0.05 and abs(noise.std() - 1) < 0.05 and np.abs(noise).max() <= 3
    smooth = random_phase(np.stack([_stripes(0.3, 9.0, np.random.default_rng(i)) for i in range(9)]),
                          np.random.default_rng(4))
    inside = np.abs(np.diff(smooth, axis=0)).mean()
    assert np.abs(smooth[0] - smooth[-1]).mean() < 1.5 * inside, "no seam where it repeats"


def test_pictures_without_any_stroke_give_calm_numbers():
    assert np.isfinite(random_phase(np.zeros((3, PATCH, PATCH)), np.random.default_rng(0))).all()


def test_strength_follows_the_tone_and_goes_on_beyond_it():
    tones = np.repeat(np.linspace(0.3, 0.8, 6), 4)
    strength = strength_by_tone(tones, 0.2 - 0.2 * tones)
    assert strength.shape == (LEVELS,) and strength.dtype == np.float32
    at = np.linspace(0, 1, LEVELS)
    middle = (at > 0.45) & (at < 0.65)
    np.testing.assert_allclose(strength[middle], 0.2 - 0.2 * at[middle], atol=0.01)
    assert abs(strength[0] - 0.14) < 0.01 and abs(strength[-1] - 0.04) < 0.01


def test_sketches_are_hatched_on_the_diagonal(datasets):
    grain = fit_grain(datasets[1])
    angle, period = _main_wave(grain.noise)
    assert abs(angle - 0.67) < 0.5, "across the painter's hatching, which runs at -0.9"
    assert 3 < period < 24  # pixels
    np.testing.assert_array_equal(grain.noise, fit_grain(datasets[1]).noise)
    light, dark = grain.strength[int(0.95 * LEVELS)], grain.strength[LEVELS // 2]
    assert 0 < light < dark < 0.3, "white paper is left white"


def test_gain_makes_the_noise_as_strong_as_the_style_has_it_in_half_tones():
    tones = np.linspace(0.0, 1.0, LEVELS)
    strength = np.where((tones > 0.25) & (tones < 0.75), 0.05, 0.0).astype(np.float32)
    assert mean_gain(Grain(np.zeros((2, 2), np.float32), strength)) == pytest.approx(0.05)


@pytest.mark.parametrize("clouds", [0.5, 1.0])
def test_clouds_lie_under_strokes_that_stay_as_they_are(clouds):
    random = np.random.default_rng(4)
    noise = random_phase(np.stack([_stripes(0.9, 5.0, random) for _ in range(20)]), random)
    grain = Grain(noise, np.full(LEVELS, 0.1, np.float32))
    with_clouds = clouded(grain, clouds)
    drawn, before = (g.noise * g.strength[0] for g in (with_clouds, grain))
    coarse = cv2.GaussianBlur(np.tile(drawn, (3, 3)), (0, 0), 4.0)[len(noise):-len(noise), len(noise):-len(noise)]
    assert coarse.std() == pytest.approx(0.1 * clouds, rel=0.1) and abs(coarse.mean()) < 0.02
    assert np.corrcoef((drawn - coarse).ravel(), before.ravel())[0, 1] > 0.9
    assert with_clouds.noise.std() == pytest.approx(1.0, rel=0.05) and np.abs(with_clouds.noise).max() <= 3
    assert np.array_equal(clouded(grain, clouds).noise, with_clouds.noise)  # the same for whoever trains again
