"""Augmentation inside the step: reproducible by slot, windows inside the frame, same change for real and fake."""

import numpy as np
import tensorflow as tf

from stylizer.config import AugmentConfig
from stylizer.data.augmentation import (
    StepRandom,
    augment_judged,
    augment_photos,
    draw_judge_augmentation,
    random_windows,
)

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


def test_windows_lie_in_the_frame_and_hold_their_centres():
    centres = np.random.default_rng(0).uniform(0.05, 0.95, (64, 2)).astype(np.float32)
    windows = random_windows(tf.constant(centres), _random(range(64), whole=64), 0.4, 0.6).numpy()
    assert windows.min() >= 0 and windows.max() <= 1 + 1e-6
    sides = windows[:, 2:] - windows[:, :2]
    assert (sides >= 0.4 - 1e-6).all() and (sides <= 0.6 + 1e-6).all()
    np.testing.assert_allclose(sides[:, 0], sides[:, 1], atol=1e-6)
    assert ((windows[:, :2] <= centres) & (centres <= windows[:, 2:])).all()


def test_switched_off_means_untouched():
    images = tf.random.stateless_uniform([2, 16, 16, 3], [1, 2])
    np.testing.assert_array_equal(augment_photos(images, _random([0, 1]), OFF), images)
    change = draw_judge_augmentation(_random([0, 1]), OFF)
    np.testing.assert_allclose(augment_judged(images, change), images, atol=1e-6)


def test_real_and_fake_go_through_the_same_change():
    images = tf.random.stateless_uniform([2, 16, 16, 3], [1, 2])
    change = draw_judge_augmentation(_random([0, 1]), AugmentConfig())
    np.testing.assert_array_equal(augment_judged(images, change), augment_judged(images, change))
    assert float(tf.reduce_max(tf.abs(augment_judged(images, change) - images))) > 0.05
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(augment_judged(images, change))
    assert float(tf.reduce_max(tf.abs(tape.gradient(total, images)))) > 0, "the generator must learn through it"
