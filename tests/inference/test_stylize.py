"""Drawing whole photos: size and place are kept whatever the face's size."""

import numpy as np
import pytest
import tensorflow as tf

from stylizer.inference.stylize import FACELESS_SIDE, face_scale, stylize


def _copy(images: tf.Tensor) -> tf.Tensor:
    assert images.shape[1] % 16 == images.shape[2] % 16 == 0
    return images


@pytest.mark.parametrize("size", [(480, 640), (97, 211), (1200, 900)])
def test_a_copying_network_gives_the_photo_back(size, face_points):
    y, x = np.mgrid[:size[0], :size[1]]
    photo = np.stack([x * 255 / size[1], y * 255 / size[0], 128 + 0 * x], -1).astype(np.uint8)
    for points in (None, face_points(scale=0.1)):
        drawn = stylize(_copy, photo, points)
        assert drawn.shape == photo.shape
        assert np.abs(drawn.astype(int) - photo).mean() < 1.5


def test_scale_makes_the_face_as_large_as_in_training(face_points):
    # an upright face whose 512-pixel frame spans the photo needs no scaling
    points = face_points(scale=0.2)
    once, twice = face_scale(points, (600, 600)), face_scale(points, (1200, 1200))
    assert once == pytest.approx(2 * twice, rel=1e-3)
    assert face_scale(None, (300, 400)) == FACELESS_SIDE / 400


def test_memory_is_bounded(face_points):
    height, width = 4000, 6000
    scale = face_scale(face_points(scale=0.002), (height, width))
    assert height * width * scale**2 <= 4_000_000 * 1.01
