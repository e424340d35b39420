"""Where the face is, as a soft ellipse fitted to control points. TensorFlow, pure, differentiable."""

import tensorflow as tf


def face_mask(control_points: tf.Tensor, points: tf.Tensor, softness: float = 0.15) -> tf.Tensor:
    """1 inside the face, 0 outside, falling over a band of `softness` of the ellipse's radius.

    Args:
      control_points: [B, 68, 2] in the iBUG-68 order, (x, y) in any frame.
      points: [B, h, w, 2] positions in the same frame.
      softness: half width of the band where the mask falls from 1 to 0.

    Returns:
      [B, h, w, 1] float32.
    """
    control_points, points = tf.cast(control_points, tf.float32), tf.cast(points, tf.float32)
    jaw, brows = control_points[:, 0:17], control_points[:, 17:27]
    chin_y = tf.reduce_max(jaw[..., 1], -1)
    brow_y = tf.reduce_min(brows[..., 1], -1)
    top_y = brow_y - 0.35 * (chin_y - brow_y)  # the forehead, which has no control points
    left, right = tf.reduce_min(jaw[..., 0], -1), tf.reduce_max(jaw[..., 0], -1)
    centre = tf.stack([(left + right) / 2, (top_y + chin_y) / 2], -1)[:, None, None]
    radii = tf.stack([(right - left) / 2, (chin_y - top_y) / 2], -1)[:, None, None]
    r = tf.norm((points - centre) / tf.maximum(radii, 1e-6), axis=-1, keepdims=True)
    return tf.clip_by_value((1.0 - r) / (2.0 * softness) + 0.5, 0.0, 1.0)
