"""Augmentation inside the step: reproducible by slot, windows inside the frame, same change for real and fake."""

import numpy as np
import pytest
import tensorflow as tf

from stylizer.config import AugmentConfig
from stylizer.data.augmentation import (
    StepRandom,
    augment_judged,
    augment_photos,
    draw_judge_augmentation,
    draw_photo_augmentation,
    expose,
    random_grain,
    random_windows,
)
from stylizer.geometry.sampling import crop_windows

OFF = AugmentConfig(photo_brightness=0.0, photo_contrast=0.0, photo_blur=0.0, judge_brightness=0.0, judge_contrast=0.0,
                    judge_saturation=0.0, judge_cutout=0.0)


def _random(slots, step=0, seed=1, whole=8):
    return StepRandom(seed, tf.constant(step), tf.constant(slots), whole)


def test_numbers_belong_to_slots_and_steps():
    whole = _random(range(8)).uniform(3).numpy()
    np.testing.assert_array_equal(_random([4, 5, 6, 7]).uniform(3), whole[4:])
    assert (_random(range(8), step=1).uniform(3).numpy() != whole).all()
    again = _random(range(8))
    assert (again.uniform(3).numpy() == whole).all() and (again.uniform(3).numpy() != whole).all()


def test_numbers_are_uniform_and_independent():
    draws = [StepRandom(seed, tf.constant(step), tf.range(4096), 4096) for seed, step in ((1, 0), (1, 1), (2, 0))]
    numbers = np.concatenate([np.concatenate([r.uniform(4).numpy(), r.uniform(4).numpy()], 1) for r in draws], 1)
    assert numbers.shape == (4096, 24) and numbers.min() >= 0 and numbers.max() < 1
    shares = np.stack([np.histogram(column, 16, (0, 1))[0] for column in numbers.T]) / 4096
    assert np.abs(shares - 1 / 16).max() < 5 * np.sqrt(1 / 16 / 4096)
    correlation = np.corrcoef(numbers.T) - np.eye(24)
    assert np.abs(correlation).max() < 5 / np.sqrt(4096), "columns, draws, steps and seeds know nothing of each other"
    assert abs(np.corrcoef(numbers[:-1, 0], numbers[1:, 0])[0, 1]) < 5 / np.sqrt(4096)


@pytest.mark.parametrize("jit", [False, True])
def test_numbers_do_not_depend_on_how_they_are_computed(jit):
    @tf.function(jit_compile=jit)
    def drawn(step, slots):
        random = StepRandom(7, step, slots, 8)
        return random.uniform(3, -2.0, 5.0), random.uniform_of_step(4)

    eager = StepRandom(7, tf.constant(5), tf.range(8), 8)
    for got, wanted in zip(drawn(tf.constant(5), tf.range(8)), (eager.uniform(3, -2.0, 5.0), eager.uniform_of_step(4)),
                           strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-6)


def test_grain_is_cut_anywhere_and_without_a_seam():
    grain = tf.reshape(tf.range(64.0), [1, 8, 8, 1])
    pieces = random_grain(grain, _random(range(8)), (8, 10)).numpy()[..., 0].astype(int)
    assert pieces.shape == (8, 8, 10) and len({int(p[0, 0]) for p in pieces}) > 2
    rows, columns = pieces // 8, pieces % 8
    assert ((np.diff(rows, axis=1) % 8) == 1).all() and ((np.diff(columns, axis=2) % 8) == 1).all()
    assert not (pieces[:, 0, 0] // 8 % 2).any() and not (pieces[:, 0, 0] % 2).any(), "so that half size agrees"


@pytest.mark.parametrize("rescaled", [0.0, 0.5, 1.0])
def test_windows_lie_in_the_frame_and_hold_their_centres(rescaled):
    centres = np.random.default_rng(0).uniform(0.05, 0.95, (64, 2)).astype(np.float32)
    windows = random_windows(tf.constant(centres), _random(range(64), whole=64), 0.4, 0.6, 32, 64, rescaled).numpy()
    assert windows.min() >= 0 and windows.max() <= 1 + 1e-6
    sides = windows[:, 2:] - windows[:, :2]
    assert (sides >= 0.4 - 1e-6).all() and (sides <= 0.6 + 1e-6).all()
    np.testing.assert_allclose(sides[:, 0], sides[:, 1], atol=1e-6)
    pixel = 0.5 / 64  # what rounding to whole pixels may add
    assert ((windows[:, :2] - pixel <= centres) & (centres <= windows[:, 2:] + pixel)).all()
    of_scale = np.isclose(sides[:, 0], 0.5, atol=1e-6)
    assert abs(of_scale.mean() - (1 - rescaled)) < 0.15


def test_windows_that_are_not_rescaled_are_cut_out_as_they_are():
    centres = np.random.default_rng(1).uniform(0.05, 0.95, (16, 2)).astype(np.float32)
    windows = random_windows(tf.constant(centres), _random(range(16), whole=16), 0.4, 0.6, 32, 64, 0.0)
    images = tf.random.stateless_uniform([16, 64, 64, 3], [1, 2])
    cut = crop_windows(images, windows, (32, 32)).numpy()
    corners = np.rint(64 * windows.numpy()[:, :2]).astype(int)
    assert len(set(map(tuple, corners))) > 8
    for image, piece, (x, y) in zip(images.numpy(), cut, corners, strict=True):
        np.testing.assert_allclose(piece, image[y:y + 32, x:x + 32], atol=1e-5)


def test_switched_off_means_untouched():
    images = tf.random.stateless_uniform([2, 16, 16, 3], [1, 2])
    np.testing.assert_array_equal(augment_photos(images, draw_photo_augmentation(_random([0, 1]), OFF)), images)
    change = draw_judge_augmentation(_random([0, 1]), OFF)
    np.testing.assert_allclose(augment_judged(images, change), images, atol=1e-6)


def test_a_soft_photo_is_exposed_as_its_simplified_one_which_stays_sharp():
    images = tf.random.stateless_uniform([2, 16, 16, 3], [1, 2], 0.3, 0.7)
    soft = draw_photo_augmentation(_random([0, 1]), AugmentConfig(photo_blur=1.0))
    seen, wanted = augment_photos(images, soft), expose(images, soft)
    np.testing.assert_allclose(tf.reduce_mean(seen, [1, 2]), tf.reduce_mean(wanted, [1, 2]), atol=0.02)
    assert np.std(seen) < 0.7 * np.std(wanted)
    np.testing.assert_allclose(wanted, (images - 0.5) * soft.contrast + 0.5 + soft.brightness, atol=1e-6)


def test_real_and_fake_go_through_the_same_change():
    images = tf.random.stateless_uniform([2, 16, 16, 3], [1, 2])
    change = draw_judge_augmentation(_random([0, 1]), AugmentConfig())
    np.testing.assert_array_equal(augment_judged(images, change), augment_judged(images, change))
    assert float(tf.reduce_max(tf.abs(augment_judged(images, change) - images))) > 0.05
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(augment_judged(images, change))
    assert float(tf.reduce_max(tf.abs(tape.gradient(total, images)))) > 0, "the generator must learn through it"
