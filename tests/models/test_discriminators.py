"""Judges: shapes, scales, and that the region matters."""

import numpy as np
import tensorflow as tf

from stylizer.models.discriminators import MultiScaleDiscriminator, PatchDiscriminator, RegionDiscriminator


def test_scales_halve():
    scores = MultiScaleDiscriminator(channels=8, scales=3)(tf.zeros([2, 64, 64, 3]))
    assert [tuple(s.shape) for s in scores] == [(2, 8, 8, 1), (2, 4, 4, 1), (2, 2, 2, 1)]


def test_a_score_sees_46_pixels():
    judge = PatchDiscriminator(widths=(8, 8, 8))
    image = tf.random.stateless_uniform([1, 128, 128, 3], [1, 1])
    with tf.GradientTape() as tape:
        tape.watch(image)
        score = judge(image)[0, 8, 8, 0]
    seen = np.flatnonzero(np.abs(tape.gradient(score, image).numpy()).sum((0, 1, 3)))
    assert seen[-1] - seen[0] + 1 <= 46
    assert seen[-1] - seen[0] + 1 > 30


def test_region_changes_the_score():
    judge = RegionDiscriminator(regions=5, channels=8)
    patch = tf.repeat(tf.random.stateless_uniform([1, 32, 32, 3], [1, 1]), 2, axis=0)
    a, b = judge((patch, tf.constant([0, 3])))
    assert float(tf.reduce_max(tf.abs(a - b))) > 1e-4
    same, again = judge((patch, tf.constant([2, 2])))
    np.testing.assert_allclose(same, again, atol=1e-6)
