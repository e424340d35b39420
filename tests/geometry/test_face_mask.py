"""The face's ellipse: inside, outside, moving with the face."""

import numpy as np
import tensorflow as tf

from stylizer.geometry.face_mask import face_mask
from stylizer.geometry.sampling import window_grid

WHOLE = window_grid(tf.constant([[0.0, 0.0, 1.0, 1.0]]), (64, 64))


def test_nose_is_inside_and_corners_are_outside(face_points):
    points = face_points()
    mask = face_mask(tf.constant(points[None]), WHOLE).numpy()[0, ..., 0]
    x, y = (points[30] * 64).astype(int)
    assert mask[y, x] == 1
    assert mask[0, 0] == mask[0, -1] == mask[-1, 0] == mask[-1, -1] == 0
    assert 0.05 < mask.mean() < 0.6


def test_moves_with_the_face(face_points):
    a = face_mask(tf.constant(face_points(center=(0.4, 0.5))[None]), WHOLE).numpy()[0, ..., 0]
    b = face_mask(tf.constant(face_points(center=(0.4 + 8 / 64, 0.5))[None]), WHOLE).numpy()[0, ..., 0]
    np.testing.assert_allclose(np.roll(a, 8, axis=1), b, atol=1e-4)
