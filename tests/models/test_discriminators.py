"""Judges: shapes, what a score sees, that features are standardised and the region matters; and that they learn."""

import numpy as np
import pytest
import tensorflow as tf

from stylizer.models.discriminators import JUDGED_FEATURES, FeatureDiscriminator


def _features(count: int = 2, side: int = 32, seed: int = 0) -> list[tf.Tensor]:
    return [tf.random.stateless_uniform([count, side >> i, side >> i, width], [seed, i], 0.0, 3.0)
            for i, width in enumerate(JUDGED_FEATURES.values())]


def test_a_score_map_for_each_layer():
    scores = FeatureDiscriminator(channels=8)(_features(side=64))
    assert [tuple(s.shape) for s in scores] == [(2, 16, 16, 1), (2, 8, 8, 1)]


@pytest.mark.parametrize("layer", [0, 1])
def test_a_score_sees_a_patch(layer):
    judge, features = FeatureDiscriminator(channels=8), _features(1, 128)
    with tf.GradientTape() as tape:
        tape.watch(features)
        score = judge(features)[layer][0, 4, 4, 0]
    seen = np.flatnonzero(np.abs(tape.gradient(score, features)[layer].numpy()).sum((0, 1, 3)))
    assert 12 <= seen[-1] - seen[0] + 1 <= 16


def test_standardises_by_what_it_was_shown():
    judge, features = FeatureDiscriminator(channels=8), _features(4)
    judge.standardize_by(features)
    seen = judge(features)
    other = FeatureDiscriminator(channels=8)
    other(features)
    for mine, theirs in zip(other.trainable_variables, judge.trainable_variables, strict=True):
        mine.assign(theirs)
    standard = [(f - tf.reduce_mean(f, [0, 1, 2])) / (tf.math.reduce_std(f, [0, 1, 2]) + 0.01) for f in features]
    for a, b in zip(seen, other(standard), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    assert not {id(v) for v in judge.centres + judge.spreads} & {id(v) for v in judge.trainable_variables}


def test_region_changes_the_score():
    judge = FeatureDiscriminator(channels=8, regions=5)
    patch = [tf.repeat(f, 2, axis=0) for f in _features(1)]
    for a in judge(patch, tf.constant([0, 3])):
        assert float(tf.reduce_max(tf.abs(a[0] - a[1]))) > 1e-4
    for a in judge(patch, tf.constant([2, 2])):
        np.testing.assert_allclose(a[0], a[1], atol=1e-6)
