"""Contours: the kernels of the network find the contrast that styles are fitted with."""

import cv2
import numpy as np
import pytest
import tensorflow as tf

from stylizer.layers.contour import LUMA, block_luma, contrast_kernel


def _pixels(blocks):
    return tf.nn.depth_to_space(tf.nn.depth_to_space(blocks, 2), 2).numpy()[0, ..., 0]


def test_blocks_hold_the_luma_of_their_pixels():
    image = np.random.default_rng(0).random((1, 16, 24, 3)).astype(np.float32)
    blocks = tf.nn.conv2d(tf.nn.space_to_depth(image, 2), block_luma(), 2, "SAME")
    assert blocks.shape == (1, 4, 6, 16)
    np.testing.assert_allclose(_pixels(blocks), image[0] @ np.array(LUMA, np.float32), atol=1e-6)


@pytest.mark.parametrize(("line_px", "error"), [(0.8, 0.01), (1.3, 0.05), (2.0, 0.25)])
def test_contrast_is_the_difference_of_gaussians_that_styles_are_fitted_with(line_px, error):
    luma = cv2.GaussianBlur(np.random.default_rng(0).random((64, 64)).astype(np.float32), (0, 0), 1.0)
    wanted = cv2.GaussianBlur(luma, (0, 0), 1.6 * line_px) - cv2.GaussianBlur(luma, (0, 0), line_px)
    blocks = tf.nn.conv2d(tf.repeat(tf.nn.space_to_depth(luma[None, :, :, None], 2), 3, -1), block_luma(), 2, "SAME")
    found = _pixels(tf.nn.conv2d(blocks, contrast_kernel(line_px), 1, "SAME"))[8:-8, 8:-8]
    assert np.std(found - wanted[8:-8, 8:-8]) < error * wanted.std()
    np.testing.assert_allclose(contrast_kernel(line_px).sum((0, 1, 2)), 0.0, atol=1e-5)
