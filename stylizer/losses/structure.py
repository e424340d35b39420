"""Keeps the drawing on the face: lines of photo and result lie in the same places."""

import tensorflow as tf

from stylizer.layers.contour import LUMA


def luma(images: tf.Tensor) -> tf.Tensor:
    """RGB [B, H, W, 3] in [0, 1] -> luma [B, H, W, 1]."""
    return tf.reduce_sum(images * tf.constant(LUMA, images.dtype), -1, keepdims=True)


def local_mean(values: tf.Tensor, side_px: int) -> tf.Tensor:
    """Mean over a square of `side_px` around every pixel, [B, H, W, C] -> the same; what lies outside is left out."""
    # along one axis after the other: 2 n instead of n^2 additions
    return _across(_mean_down(_across(_mean_down(values, side_px)), side_px))


def _mean_down(values: tf.Tensor, side_px: int) -> tf.Tensor:
    # columns as channels: on a CPU, pooling runs along channels, ten times as fast as over pictures of one
    _, height, width, channels = values.shape
    columns = tf.reshape(values, [-1, height, 1, width * channels])
    return tf.reshape(tf.nn.avg_pool2d(columns, (side_px, 1), 1, "SAME"), [-1, height, width, channels])


def _across(values: tf.Tensor) -> tf.Tensor:
    return tf.transpose(values, [0, 2, 1, 3])


def local_contrast(images: tf.Tensor, window_px: int, floor: float) -> tf.Tensor:
    """Luma minus its local mean, over its local deviation plus `floor`: [B, H, W, 1].

    `floor` (in units of luma) keeps flat areas from being blown up into noise.
    """
    y = luma(images)
    centred = y - local_mean(y, window_px)
    return centred / (tf.sqrt(local_mean(tf.square(centred), window_px) + 1e-6) + floor)


def structure_loss(photos: tf.Tensor, results: tf.Tensor, where: tf.Tensor | float = 1.0, window_px: int = 17,
                   floor: float = 0.05) -> tf.Tensor:
    """L1 between the local contrast of photos and results, both [B, H, W, 3] in [0, 1], where `where` is 1 -> [B].

    `where`, [B, H, W, 1]: a plain wall has no lines to keep, and hatching it is no fault.
    """
    # at half size: lines of a drawing need not lie on the same pixel as the photo's edge
    a, b = (tf.nn.avg_pool2d(tf.cast(v, tf.float32), 2, 2, "SAME") for v in (photos, results))
    if not isinstance(where, float):
        where = tf.nn.avg_pool2d(where, 2, 2, "SAME")
    difference = local_contrast(a, window_px, floor) - local_contrast(b, window_px, floor)
    return tf.reduce_mean(where * tf.abs(difference), axis=[1, 2, 3])
