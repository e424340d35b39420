"""Local contrast: blind to exposure, not to lines."""

import numpy as np
import tensorflow as tf

from stylizer.losses.structure import luma, structure_loss


def _lines(vertical: bool) -> tf.Tensor:
    stripes = (np.arange(64) // 8 % 2).astype(np.float32) * 0.5 + 0.25
    picture = np.tile(stripes, (64, 1))
    return tf.constant(np.repeat((picture if vertical else picture.T)[None, ..., None], 3, -1))


def test_luma_of_primaries():
    np.testing.assert_allclose(luma(tf.eye(3)[None, None])[0, 0, :, 0], [0.299, 0.587, 0.114], atol=1e-6)


def test_exposure_hardly_matters_and_lines_do():
    lines = _lines(vertical=True)
    dimmed = structure_loss(lines, lines * 0.8 + 0.1)
    turned = structure_loss(lines, _lines(vertical=False))
    assert float(structure_loss(lines, lines)[0]) == 0
    assert float(dimmed[0]) < 0.1 * float(turned[0])


def test_flat_pictures_have_a_finite_gradient():
    flat = tf.fill([1, 32, 32, 3], 0.5)
    with tf.GradientTape() as tape:
        tape.watch(flat)
        loss = structure_loss(_lines(True)[:, :32, :32], flat)
    assert np.isfinite(tape.gradient(loss, flat)).all()


def test_counts_where_it_is_told():
    photos = tf.random.stateless_uniform([1, 64, 64, 3], [1, 2])
    results = tf.random.stateless_uniform([1, 64, 64, 3], [3, 4])
    whole = float(structure_loss(photos, results)[0])
    left = tf.concat([tf.ones([1, 64, 32, 1]), tf.zeros([1, 64, 32, 1])], 2)
    parts = [float(structure_loss(photos, results, where)[0]) for where in (left, 1.0 - left)]
    assert min(parts) > 0.3 * whole and abs(sum(parts) - whole) < 1e-4 * whole
