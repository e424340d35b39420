"""Strokes over tones: known answers, where it is flat, and what the loss asks for."""

import numpy as np
import tensorflow as tf

from stylizer.layers.laid_strokes import laid_along
from stylizer.layers.stroke_bank import dabs_along, deviations_along, strokes_along
from stylizer.losses.grain import Grain, flatness, for_generator, grain_loss, grained
from stylizer.losses.tone import LEVELS, fit_tone_curve
from stylizer.training.grain import noise_for_strokes

COLORS = np.random.default_rng(0).random((5000, 3)).astype(np.float32)
SAME = fit_tone_curve(COLORS, COLORS)  # the style has the photos' tones
GREY = fit_tone_curve(COLORS, np.repeat(COLORS @ np.float32([[0.299], [0.587], [0.114]]), 3, 1))
MASK = tf.zeros([1, 32, 32, 1])


ALL, NONE = tf.ones([1, 32, 32, 1]), tf.zeros([1, 32, 32, 1])
NOISE = tf.random.stateless_uniform([1, 32, 32, 1], [1, 2], -1.5, 1.5)


def _simplified(tone, contours=0.0):
    return tf.concat([tf.fill([1, 32, 32, 3], tone), tf.fill([1, 32, 32, 1], contours)], -1)


def test_strokes_lie_over_the_tone_as_strong_as_the_tone_asks():
    strength = np.linspace(0.2, 0.0, LEVELS).astype(np.float32)  # dark areas are hatched, white paper is not
    grain = Grain(np.zeros(()), strength)
    for tone in (0.25, 0.5):
        base = grained(_simplified(tone), ALL, MASK, tf.zeros_like(NOISE), grain, GREY, GREY)
        drawn = grained(_simplified(tone), ALL, MASK, NOISE, grain, GREY, GREY)
        level = float(tf.reduce_mean(base))
        np.testing.assert_allclose(drawn - base, np.repeat(0.2 * (1 - level) * NOISE, 3, -1), atol=2e-3)
    white = grained(_simplified(1.0), ALL, MASK, NOISE, grain, SAME, SAME)
    np.testing.assert_allclose(white, 1.0, atol=0.02)


def test_strokes_are_weaker_in_detail_if_the_style_has_it_so():
    grain = Grain(np.zeros(()), np.full(LEVELS, 0.1, np.float32), in_detail=0.3)
    flat = tf.concat([ALL[:, :16], NONE[:, 16:]], 1)
    drawn = grained(_simplified(0.5), flat, MASK, NOISE, grain, SAME, SAME)
    strokes = (drawn - tf.reduce_mean(drawn)).numpy()
    assert abs(strokes[:, 18:].std() / strokes[:, :14].std() - 0.3) < 0.05


def test_strokes_along_the_form_are_those_of_the_bank_in_the_style_s_strength():
    grain = Grain(np.zeros(()), np.full(LEVELS, 0.1, np.float32), along_form=True)
    noise = tf.repeat(tf.repeat(tf.random.stateless_normal([1, 32, 32, 1], [1, 2]), 2, 1), 2, 2)
    stripes = tf.tile(0.5 + 0.1 * tf.sin(tf.range(64.0))[None, :, None, None], [1, 1, 64, 1])
    simplified = tf.concat([tf.repeat(stripes, 3, -1), tf.zeros([1, 64, 64, 1])], -1)
    flat, mask = tf.ones([1, 64, 64, 1]), tf.zeros([1, 64, 64, 1])
    plain, drawn = (grained(simplified, flat, mask, n, grain, SAME, SAME) for n in (tf.zeros_like(noise), noise))
    expected = tf.repeat(0.1 * strokes_along(noise, stripes), 3, -1)
    np.testing.assert_allclose(drawn - plain, expected, atol=1e-3)
    assert np.std(expected) > 0.05


def test_a_grain_follows_the_form_where_tones_are_dark_and_run_clearly():
    hatching = np.random.default_rng(0).standard_normal((256, 256)).astype(np.float32)
    grain = Grain(hatching, np.full(LEVELS, 0.1, np.float32), in_detail=0.3, led_below=0.5)
    noise = tf.constant(hatching[None, :64, :64, None])
    wave = 0.05 * tf.sin(tf.range(64.0))[None, :, None, None] * tf.ones([1, 64, 64, 1])
    not_flat, mask = tf.zeros([1, 64, 64, 1]), tf.zeros([1, 64, 64, 1])

    def strokes(tones):
        simplified = tf.concat([tf.repeat(tones, 3, -1), tf.zeros([1, 64, 64, 1])], -1)
        plain, drawn = (grained(simplified, not_flat, mask, n, grain, SAME, SAME) for n in (0 * noise, noise))
        return (drawn - plain)[..., :1]

    dark = strokes(0.3 + wave)  # in full strength, though the place is not flat
    np.testing.assert_allclose(dark, 0.1 * strokes_along(noise, 0.3 + wave, deviations_along(hatching)), atol=3e-3)
    np.testing.assert_allclose(strokes(0.7 + wave), 0.03 * noise, atol=3e-3)
    np.testing.assert_allclose(strokes(tf.fill([1, 64, 64, 1], 0.3)), 0.03 * noise, atol=3e-3)


def test_dabs_lie_under_the_strokes_in_proportion_to_the_tone():
    grain = Grain(np.zeros(()), np.zeros(LEVELS, np.float32), along_form=True, dabs=0.1)
    noise = tf.repeat(tf.repeat(tf.random.stateless_normal([1, 32, 32, 1], [1, 2]), 2, 1), 2, 2)
    halves = tf.concat([tf.fill([1, 64, 32, 1], 0.25), tf.fill([1, 64, 32, 1], 0.75)], 2)
    simplified = tf.concat([tf.repeat(halves, 3, -1), tf.zeros([1, 64, 64, 1])], -1)
    drawn = grained(simplified, tf.ones([1, 64, 64, 1]), tf.zeros([1, 64, 64, 1]), noise, grain, SAME, SAME)
    np.testing.assert_allclose(drawn, tf.repeat(halves * (1 + 0.1 * dabs_along(noise, halves)), 3, -1), atol=2e-3)


def test_strokes_that_are_laid_lie_under_the_bristles():
    grain = Grain(np.zeros(()), np.zeros(LEVELS, np.float32), along_form=True, dabs=0.1, laid=True)
    noise = tf.constant(noise_for_strokes()[None, :64, :64, None])
    halves = tf.concat([tf.fill([1, 64, 32, 1], 0.25), tf.fill([1, 64, 32, 1], 0.75)], 2)
    simplified = tf.concat([tf.repeat(halves, 3, -1), tf.zeros([1, 64, 64, 1])], -1)
    flat, mask = tf.ones([1, 64, 64, 1]), tf.zeros([1, 64, 64, 1])
    drawn = grained(simplified, flat, mask, noise, grain, SAME, SAME)
    laid = laid_along(tf.repeat(halves, 3, -1), noise, halves, 0.1)
    np.testing.assert_allclose(drawn, laid, atol=2e-3)
    stronger = grain._replace(strength=np.full(LEVELS, 0.05, np.float32))
    bristles = grained(simplified, flat, mask, noise, stronger, SAME, SAME) - laid
    np.testing.assert_allclose(bristles, tf.repeat(0.05 * strokes_along(noise, halves), 3, -1), atol=4e-3)


def test_contours_are_dark():
    grain = Grain(np.zeros(()), np.zeros(LEVELS, np.float32))
    plain, lined = (grained(_simplified(0.5, c), ALL, MASK, NOISE, grain, SAME, SAME) for c in (0.0, 0.8))
    np.testing.assert_allclose(lined, 0.2 * plain, atol=1e-5)


def test_flat_is_where_nothing_is_shown():
    half = np.full((1, 64, 64, 3), 0.5, np.float32)
    half[:, :, 32:] += 0.2 * (np.indices((64, 32)).sum(0) % 8 < 4)[None, :, :, None]
    flat = flatness(tf.constant(half)).numpy()[0, :, :, 0]
    assert flat.shape == (64, 64) and flat[:, :16].min() > 0.99 and flat[16:48, 48:].max() < 0.2
    slope = tf.repeat(tf.tile(tf.linspace(0.3, 0.4, 64)[None, None, :, None], [1, 64, 1, 1]), 3, -1)
    assert float(tf.reduce_min(flatness(slope))) > 0.8, "a soft shadow is flat"


def test_loss_sees_strokes_where_it_is_told_and_no_tones():
    stripes = tf.repeat(tf.cast(tf.range(64) % 4 < 2, tf.float32)[None, None, :, None] * 0.2, 64, 1)
    wanted = tf.repeat(0.3 + stripes, 3, -1)
    np.testing.assert_allclose(grain_loss(wanted + 0.25, wanted), [0.0], atol=1e-6)
    plain, shifted = tf.fill(wanted.shape, 0.4), tf.roll(wanted, 2, axis=2)
    missing, opposite = float(grain_loss(plain, wanted)[0]), float(grain_loss(shifted, wanted)[0])
    assert abs(missing - 0.1) < 0.01 and abs(opposite - 0.2) < 0.02
    where = tf.concat([tf.ones([1, 64, 32, 1]), tf.zeros([1, 64, 32, 1])], 2)
    np.testing.assert_allclose(grain_loss(plain, wanted, where), [missing / 2], rtol=0.05)


def test_the_generator_gets_the_pixels_of_a_cell_as_channels():
    noise = tf.random.stateless_normal([2, 32, 48, 1], [3, 4])
    grain = for_generator(noise)
    assert grain.shape == (2, 16, 24, 4)
    np.testing.assert_array_equal(grain[1, 2, 3], tf.reshape(noise[1, 4:6, 6:8, 0], [4]))
