"""Tone transport: known curves are found again, order is kept, grey stays grey."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from stylizer.losses.tone import (
    MOST_CHROMA_GAIN,
    OPPONENT,
    apply_tone_curve,
    color_cast,
    fit_tone_curve,
    tone_loss,
    transport_tones,
)


def _colors(seed: int, count: int = 20000) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.1, 0.9, (count, 3)).astype(np.float32)


def _luma(rgb: np.ndarray) -> np.ndarray:
    return rgb @ np.float32([0.299, 0.587, 0.114])


def test_finds_a_known_monotone_curve_from_unpaired_colors():
    photo = _colors(0)
    style = np.sqrt(_luma(_colors(1)))[:, None].repeat(3, 1)  # another draw, painted grey and lighter
    curve = fit_tone_curve(photo, style)
    got = apply_tone_curve(tf.constant(photo), curve).numpy()
    np.testing.assert_allclose(_luma(got), np.sqrt(_luma(photo)), atol=0.02)
    assert np.ptp(got, axis=1).max() < 0.02, "grey style, so no colour is left"


def test_equal_distributions_give_the_identity():
    photo = _colors(2)
    got = apply_tone_curve(tf.constant(photo), fit_tone_curve(photo, photo)).numpy()
    np.testing.assert_allclose(got, photo, atol=0.02)


def test_never_swaps_dark_and_light():
    curve = fit_tone_curve(_colors(3), _colors(4) ** 3)
    assert (np.diff(curve.luma) >= 0).all()


def test_inside_and_around_faces_have_curves_of_their_own():
    photo = tf.fill([1, 16, 16, 3], 0.5)  # a grey that the colours below have in their middle
    darker, lighter = fit_tone_curve(_colors(8), _colors(8) * 0.5), fit_tone_curve(_colors(8), _colors(8) * 0.5 + 0.5)
    mask = tf.concat([tf.ones([1, 16, 8, 1]), tf.zeros([1, 16, 8, 1])], 2)
    drawn = tf.concat([tf.fill([1, 16, 8, 3], 0.25), tf.fill([1, 16, 8, 3], 0.75)], 2)
    np.testing.assert_allclose(transport_tones(photo, mask, darker, lighter), drawn, atol=0.02)


def test_light_and_shadow_are_not_taken_for_colour():
    """A style of the same paints in harder light: no colour becomes stronger, relative to its luma."""
    paint = np.float32([0.6, 0.45, 0.35]) + np.random.default_rng(0).normal(0, 0.03, (20000, 3)).astype(np.float32)
    soft, hard = (np.random.default_rng(1).uniform(low, 1.0, (20000, 1)).astype(np.float32) for low in (0.8, 0.3))
    curve = fit_tone_curve(paint * soft, paint * hard)
    assert 0.8 < np.linalg.eigvalsh(curve.chroma_matrix).max() < 1.15
    chromas = [(paint * light) @ OPPONENT[1:].T for light in (soft, hard)]
    assert np.trace(np.cov(chromas[1].T)) > 1.3 * np.trace(np.cov(chromas[0].T)), "plain chroma is told by the light"


def test_colours_are_stretched_so_far_and_no_further():
    grey = np.random.default_rng(2).uniform(0.3, 0.7, (20000, 1)).astype(np.float32)
    tint = np.random.default_rng(3).normal(0, 0.01, (20000, 3)).astype(np.float32)
    curve = fit_tone_curve(grey + tint, grey + 5 * tint)
    np.testing.assert_allclose(np.linalg.eigvalsh(curve.chroma_matrix), MOST_CHROMA_GAIN, rtol=1e-3)


def _paints(seed: int) -> np.ndarray:
    """Skin, lips and grey hair in light and shadow, RGB [30000, 3]."""
    random = np.random.default_rng(seed)
    paints = np.float32([[0.8, 0.6, 0.5], [0.75, 0.45, 0.5], [0.6, 0.6, 0.6]])
    paints = paints[random.choice(3, 30000, p=[0.7, 0.1, 0.2])]
    return paints * random.uniform(0.4, 1.1, (30000, 1)) + random.normal(0, 0.02, (30000, 3))


def _stronger(colors: np.ndarray, gain: float) -> np.ndarray:
    luma = _luma(colors)[:, None]
    return luma + gain * (colors - luma)


def test_stronger_colours_are_no_cast_and_brown_varnish_is():
    photo = _paints(0)
    strong, varnished = _stronger(_paints(1), 1.3), _paints(1) * [1.05, 0.95, 0.7]
    # deep shadows are warmer in this style: a shift by level would take that for a colour of its own
    strong += 0.02 * np.clip(0.4 - _luma(strong)[:, None], 0, 1) * [1.0, 0.0, -1.0]
    around = _colors(9), _stronger(_colors(10), 1.3)
    assert color_cast([(photo, strong), around]) == 0
    assert color_cast([(photo, varnished)]) == 1
    assert color_cast([(photo, _luma(strong)[:, None].repeat(3, 1))]) == 0, "grey pictures have none"


def test_without_a_cast_grey_stays_grey_and_lips_keep_their_hue():
    curve = fit_tone_curve(_paints(0), _stronger(_paints(1), 1.3), cast=0.0)
    grey, *colours = photos = np.float32([[0.5] * 3, [0.6, 0.36, 0.4], [0.64, 0.48, 0.4]])
    grey, *drawings = apply_tone_curve(tf.constant(photos), curve).numpy()
    assert np.ptp(grey) < 1e-3
    for drawn, photo in zip(drawings, colours, strict=True):
        before, after = photo @ OPPONENT[1:].T, drawn @ OPPONENT[1:].T
        assert before @ after / np.linalg.norm(before) / np.linalg.norm(after) > 0.995
        assert 1.15 < np.linalg.norm(after) / np.linalg.norm(before) < 1.45


def test_what_is_light_gets_the_colour_of_the_lights():
    """A style of brown shadows and cream lights: white becomes cream, not a bright brown."""
    tones = np.random.default_rng(6).uniform(0.05, 0.95, (20000, 1)).astype(np.float32)
    brown, cream = np.float32([1.3, 0.95, 0.5]), np.float32([1.02, 1.0, 0.93])
    share = np.clip(tones / 0.9, 0, 1)
    curve = fit_tone_curve(tones.repeat(3, 1), tones * ((1 - share) * brown + share * cream))
    dark, light = apply_tone_curve(tf.constant([[[0.2] * 3, [0.9] * 3]]), curve).numpy()[0]
    assert dark[0] - dark[2] > 0.09, "brown shadows"
    assert light[0] - light[2] == pytest.approx(0.9 * (cream[0] - cream[2]), abs=0.05)


def test_what_has_no_colour_of_a_face_is_not_drawn_as_one():
    skin = np.float32([0.7, 0.5, 0.4]) + np.random.default_rng(4).normal(0, 0.02, (5000, 3)).astype(np.float32)
    face, surroundings = fit_tone_curve(skin, 0.5 * skin), fit_tone_curve(_colors(5), _colors(5))
    photo = tf.concat([tf.fill([1, 16, 8, 3], 0.0) + [0.7, 0.5, 0.4], tf.fill([1, 16, 8, 3], 0.0) + [0.2, 0.3, 0.8]], 2)
    drawn = transport_tones(photo, tf.ones([1, 16, 16, 1]), face, surroundings).numpy()
    np.testing.assert_allclose(drawn[:, :, :4], 0.5 * photo[:, :, :4], atol=0.03)
    np.testing.assert_allclose(drawn[:, :, 12:], photo[:, :, 12:], atol=0.05)


def test_evening_exposes_faces_more_alike():
    plain = fit_tone_curve(_colors(7), _colors(7))
    curve = dataclasses.replace(plain, middle=0.5, evening=0.5)
    face = tf.concat([tf.ones([2, 16, 8, 1]), tf.zeros([2, 16, 8, 1])], 2)
    photos = tf.constant([0.3, 0.6])[:, None, None, None] * tf.ones([1, 16, 16, 3])
    drawn = transport_tones(photos, face, curve, plain).numpy()
    assert drawn[0].mean() == pytest.approx(0.4, abs=0.01) and drawn[1].mean() == pytest.approx(0.55, abs=0.01)
    nowhere = transport_tones(photos, tf.zeros_like(face), curve, plain)
    np.testing.assert_allclose(nowhere, photos, atol=0.02)


def test_loss_counts_an_error_of_tone_at_each_size_of_cells():
    grey = tf.fill([1, 16, 16, 3], 0.5)
    assert float(tone_loss(grey, grey)[0]) == 0
    assert float(tone_loss(grey + 0.1, grey, (1,))[0]) == pytest.approx(0.1, rel=1e-4)
    assert float(tone_loss(grey + 0.1, grey, (1, 8))[0]) == pytest.approx(0.2, rel=1e-4)


def test_strokes_that_leave_the_tone_cost_nothing_over_cells():
    checked = np.indices((16, 16)).sum(0) % 2 * 0.2 - 0.1
    grey = tf.fill([1, 16, 16, 3], 0.5)
    strokes = grey + tf.constant(checked[None, :, :, None], tf.float32)
    assert float(tone_loss(strokes, grey, (8,))[0]) < 1e-6 < 0.09 < float(tone_loss(strokes, grey, (1,))[0])


def test_a_cast_costs_more_than_as_large_an_error_of_luma():
    grey = tf.fill([1, 16, 16, 3], 0.5)
    greyer, redder = (tone_loss(grey + shift, grey)[0] for shift in (tf.fill([3], 0.02), tf.constant([0.02, 0.0, 0.0])))
    assert float(redder) > 1.2 * float(greyer) > 0
