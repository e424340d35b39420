import numpy as np
import pytest
import tensorflow as tf

from stylizer.geometry.sampling import crop_windows, sample_at, sample_bilinear, sample_sharp, window_grid

WHOLE = tf.constant([[0.0, 0.0, 1.0, 1.0]])


def _images(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def _points_off_the_kinks(height, width, count=(4, 3), seed=1):
    """Points at least a tenth of a pixel from pixel centres, some beyond the frame; bilinear is smooth there."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(-2, [width + 1, height + 1], (2, *count, 2)) + rng.uniform(0.1, 0.9, (2, *count, 2))
    return tf.constant((cells + 0.5) / [width, height], tf.float32)


def _reference(images, points):
    """Bilinear interpolation between pixel centres, one point at a time."""
    batch, height, width, channels = images.shape
    result = np.zeros([*points.shape[:-1], channels])
    for where in np.ndindex(*points.shape[:-1]):
        image = images[where[0]]
        x = np.clip(points[where][0] * width - 0.5, 0, width - 1)
        y = np.clip(points[where][1] * height - 0.5, 0, height - 1)
        for j in range(height):
            for i in range(width):
                result[where] += max(0, 1 - abs(x - i)) * max(0, 1 - abs(y - j)) * image[j, i]
    return result


@pytest.mark.parametrize("height, width, channels", [(6, 5, 3), (1, 4, 1), (3, 1, 2), (1, 1, 3)])
def test_agrees_with_the_definition_inside_and_beyond_the_frame(height, width, channels):
    images, points = _images(2, height, width, channels), np.random.default_rng(2).uniform(-0.5, 1.5, (2, 7, 4, 2))
    np.testing.assert_allclose(sample_bilinear(images, points), _reference(images, points), atol=1e-5)


def test_grid_of_the_whole_frame_gives_the_picture_back():
    images = _images(2, 6, 9, 3)
    np.testing.assert_allclose(sample_bilinear(images, window_grid(tf.repeat(WHOLE, 2, 0), (6, 9))), images, atol=1e-6)


def test_grid_holds_pixel_centres():
    grid = window_grid(tf.constant([[0.0, 0.0, 1.0, 1.0], [0.5, -0.25, 1.0, 0.25]]), (2, 4)).numpy()
    assert grid.shape == (2, 2, 4, 2)
    np.testing.assert_allclose(grid[0, 0, :, 0], [0.125, 0.375, 0.625, 0.875])
    np.testing.assert_allclose(grid[0, :, 0, 1], [0.25, 0.75])
    np.testing.assert_allclose(grid[1, 1, :, 0], [0.5625, 0.6875, 0.8125, 0.9375])
    np.testing.assert_allclose(grid[1, :, 2, 1], [-0.125, 0.125])


def test_crop_of_whole_pixels_is_a_slice():
    images = _images(1, 8, 8, 3)
    crop = crop_windows(images, tf.constant([[2 / 8, 1 / 8, 6 / 8, 8 / 8]]), (7, 4))
    np.testing.assert_allclose(crop, images[:, 1:8, 2:6], atol=1e-6)


def test_enlarging_twice_agrees_with_tensorflow():
    images = _images(1, 6, 5, 2)
    np.testing.assert_allclose(crop_windows(images, WHOLE, (12, 10)), tf.image.resize(images, (12, 10)), atol=1e-5)


def test_gradients_agree_with_differences():
    images, points = tf.constant(_images(2, 6, 5, 2)), _points_off_the_kinks(6, 5)
    by_image, by_image_numeric = tf.test.compute_gradient(lambda i: sample_bilinear(i, points), [images], delta=1e-2)
    np.testing.assert_allclose(by_image[0], by_image_numeric[0], atol=1e-3)
    by_point, by_point_numeric = tf.test.compute_gradient(lambda p: sample_bilinear(images, p), [points], delta=1e-3)
    np.testing.assert_allclose(by_point[0], by_point_numeric[0], atol=3e-3)
    assert np.abs(by_point[0]).max() > 1


def test_second_derivatives_agree_with_differences():
    images, points = tf.constant(_images(2, 6, 5, 2)), _points_off_the_kinks(6, 5)

    def penalty_on_image_gradient(points):
        with tf.GradientTape() as tape:
            tape.watch(images)
            loss = tf.reduce_sum(sample_bilinear(images, points) ** 2)
        return tf.reduce_sum(tape.gradient(loss, images) ** 2)

    exact, numeric = tf.test.compute_gradient(penalty_on_image_gradient, [points], delta=1e-3)
    np.testing.assert_allclose(exact[0], numeric[0], rtol=1e-2, atol=0.05 * np.abs(exact[0]).max())


def test_no_gradient_along_an_axis_beyond_the_edge():
    images, points = tf.constant(_images(1, 4, 4, 1)), tf.constant([[[[-0.3, 0.4], [0.4, 1.2]]]])
    with tf.GradientTape() as tape:
        tape.watch(points)
        sampled = sample_bilinear(images, points)
    gradient = tape.gradient(sampled, points).numpy()[0, 0]
    assert gradient[0, 0] == 0 and gradient[1, 1] == 0
    assert gradient[0, 1] != 0 and gradient[1, 0] != 0


def _planes(points, height, width):
    return tf.constant(points[..., 0] * width - 0.5, tf.float32), tf.constant(points[..., 1] * height - 0.5, tf.float32)


@pytest.mark.parametrize("height, width, channels", [(9, 8, 3), (1, 4, 1), (3, 1, 2)])
def test_sharp_sampling_agrees_with_lanczos_definition(height, width, channels):
    images, points = _images(2, height, width, channels), np.random.default_rng(2).uniform(-0.5, 1.5, (2, 5, 4, 2))

    def weights(place, count):
        """Of the pixels of a row, those beyond its ends counted for the last ones."""
        place = np.clip(place, 0, count - 1)
        pixels = np.arange(np.floor(place) - 2, np.floor(place) + 4)
        taps = np.sinc(place - pixels) * np.sinc((place - pixels) / 3)
        row = np.zeros(count)
        np.add.at(row, np.clip(pixels, 0, count - 1).astype(int), taps / taps.sum())
        return row

    expected = np.zeros([*points.shape[:-1], channels])
    for where in np.ndindex(*points.shape[:-1]):
        x, y = points[where]
        down, across = weights(y * height - 0.5, height), weights(x * width - 0.5, width)
        expected[where] = np.einsum("j,i,jic->c", down, across, images[where[0]])
    np.testing.assert_allclose(sample_sharp(tf.constant(images), *_planes(points, height, width)), expected, atol=1e-5)


def test_sharp_sampling_keeps_fine_strokes_that_bilinear_sampling_halves():
    noise = tf.constant(np.random.default_rng(0).normal(size=(64, 40, 40, 1)), tf.float32)
    rng = np.random.default_rng(1)
    grid = np.stack(np.meshgrid(np.arange(5.0, 35), np.arange(5.0, 35)), -1)
    column, row = tf.unstack(tf.constant(grid + rng.uniform(size=(64, 1, 1, 2)), tf.float32), axis=-1)
    kept, left = (float(tf.reduce_mean(sample(noise, column, row) ** 2)) for sample in (sample_sharp, sample_at))
    assert kept == pytest.approx(0.8, abs=0.04)
    assert left == pytest.approx(4 / 9, abs=0.03)
    whole = tf.round(column), tf.round(row)
    np.testing.assert_allclose(sample_sharp(noise, *whole), sample_at(noise, *whole), atol=1e-4)


def test_gradient_of_sharp_sampling_agrees_with_differences():
    images = tf.constant(_images(1, 6, 7, 2))
    column, row = (tf.constant(np.random.default_rng(seed).uniform(0.2, 4.8, (1, 3, 2)), tf.float32) for seed in (1, 2))
    computed, numeric = tf.test.compute_gradient(sample_sharp, [images, column, row], delta=1e-2)
    for ours, theirs in zip(computed, numeric, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-2)


def test_eager_graph_and_xla_agree():
    images, points = tf.constant(_images(2, 6, 5, 2)), _points_off_the_kinks(6, 5)
    planes = _planes(points.numpy(), 6, 5)
    for jit in (False, True):
        compiled = tf.function(sample_sharp, jit_compile=jit)
        np.testing.assert_allclose(compiled(images, *planes), sample_sharp(images, *planes), atol=1e-5)

    def with_gradients(images, points):
        with tf.GradientTape() as tape:
            tape.watch([images, points])
            sampled = sample_bilinear(images, points)
        return [sampled, *tape.gradient(sampled, [images, points])]

    for compiled in (tf.function(with_gradients), tf.function(with_gradients, jit_compile=True)):
        for expected, received in zip(with_gradients(images, points), compiled(images, points), strict=True):
            np.testing.assert_allclose(received, expected, atol=1e-5)


def test_unknown_batch_and_half_precision():
    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.float16), tf.TensorSpec([None, 4])])
    def crop(images, windows):
        return crop_windows(images, windows, (6, 5))

    images = _images(2, 6, 5, 3).astype(np.float16)
    result = crop(images, tf.repeat(WHOLE, 2, 0))
    assert result.dtype == tf.float16
    np.testing.assert_allclose(result, images, atol=1e-3)
