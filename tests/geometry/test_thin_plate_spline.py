import numpy as np
import pytest
import tensorflow as tf
import tensorflow_addons as tfa

from stylizer.geometry.sampling import sample_bilinear, window_grid
from stylizer.geometry.thin_plate_spline import (
    apply_warp,
    bending_energy,
    evaluate_thin_plate_spline,
    fit_thin_plate_spline,
    fit_warp,
    warp,
)

WHOLE = tf.constant([[0.0, 0.0, 1.0, 1.0]])


def _arc(x, y, radius_x, radius_y, begin, end, count):
    angle = np.radians(np.linspace(begin, end, count))
    return np.stack([x + radius_x * np.cos(angle), y + radius_y * np.sin(angle)], axis=-1)


def _face():
    """68 points of a schematic face, a third as wide as the frame between the eyes' outer corners."""
    return np.concatenate([
        _arc(0.5, 0.42, 0.27, 0.40, 175, 5, 17),
        _arc(0.38, 0.38, 0.085, 0.05, 200, 340, 5), _arc(0.62, 0.38, 0.085, 0.05, 200, 340, 5),
        np.stack([np.full(4, 0.5), np.linspace(0.44, 0.55, 4)], -1), _arc(0.5, 0.585, 0.045, 0.02, 180, 0, 5),
        _arc(0.38, 0.45, 0.05, 0.025, 180, 480, 6), _arc(0.62, 0.45, 0.05, 0.025, 180, 480, 6),
        _arc(0.5, 0.70, 0.09, 0.05, 180, 510, 12), _arc(0.5, 0.70, 0.06, 0.02, 180, 495, 8)]).astype(np.float32)


def _bent_face():
    """The face as a cartoon has it: eyes enlarged, mouth shrunk, chin raised, head tilted by 5 degrees."""
    points = _face()
    for begin, end, scale in ((36, 42, 1.3), (42, 48, 1.3), (48, 68, 0.8)):
        centre = points[begin:end].mean(0)
        points[begin:end] = centre + scale * (points[begin:end] - centre)
    points[4:13, 1] -= 0.03
    tilt = np.radians(5)
    rotation = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    return ((points - 0.5) @ rotation.T + 0.5).astype(np.float32)


def _scattered(batch=2, count=20, seed=0):
    """Sites at least 0.05 apart from each other."""
    grid = np.stack(np.meshgrid(*[np.linspace(0.1, 0.9, 5)] * 2), -1).reshape(-1, 2)[:count]
    return (grid + np.random.default_rng(seed).uniform(-0.07, 0.07, (batch, count, 2))).astype(np.float32)


def _values(batch=2, count=20, channels=3, seed=1):
    return np.random.default_rng(seed).normal(size=(batch, count, channels)).astype(np.float32)


def test_passes_through_its_control_points():
    sites, values = _scattered(), 0.3 * _values()
    np.testing.assert_allclose(evaluate_thin_plate_spline(sites, sites, *fit_thin_plate_spline(sites, values)), values,
                               atol=1e-4)
    source, target = _bent_face()[np.newaxis], _face()[np.newaxis]
    received = evaluate_thin_plate_spline(target, target, *fit_thin_plate_spline(target, source))
    np.testing.assert_allclose(received, source, atol=2e-5)


def test_affine_motion_is_exact_everywhere():
    sites, elsewhere = _scattered(), _scattered(seed=5)
    matrix, shift = np.array([[1.1, 0.2], [-0.3, 0.9]], np.float32), np.array([0.05, -0.02], np.float32)
    spline = fit_thin_plate_spline(sites, sites @ matrix + shift)
    np.testing.assert_allclose(evaluate_thin_plate_spline(elsewhere, sites, *spline), elsewhere @ matrix + shift,
                               atol=1e-5)
    np.testing.assert_allclose(spline[1], np.broadcast_to([*matrix, shift], [2, 3, 2]), atol=1e-5)
    np.testing.assert_allclose(bending_energy(sites, spline[0]), 0, atol=1e-7)


def test_agrees_with_addons():
    sites, values, elsewhere = _scattered(), _values(), _scattered(seed=5)
    received = evaluate_thin_plate_spline(elsewhere, sites, *fit_thin_plate_spline(sites, values))
    np.testing.assert_allclose(received, tfa.image.interpolate_spline(sites, values, elsewhere, order=2), atol=1e-3)
    # Addons' kernel is r^2 log r, half of ours, and so is its regularization.
    received = evaluate_thin_plate_spline(elsewhere, sites, *fit_thin_plate_spline(sites, values, 0.02))
    expected = tfa.image.interpolate_spline(sites, values, elsewhere, order=2, regularization_weight=0.01)
    np.testing.assert_allclose(received, expected, atol=1e-3)


def test_regularization_trades_fidelity_for_bending():
    sites, values = _scattered(), _values()
    residuals, energies = [], []
    for regularization in (0.0, 1e-3, 1e-1):
        kernel, affine = fit_thin_plate_spline(sites, values, regularization)
        residuals.append(np.abs(evaluate_thin_plate_spline(sites, sites, kernel, affine) - values).mean())
        energies.append(bending_energy(sites, kernel).numpy().min())
    assert residuals[0] < residuals[1] < residuals[2]
    assert energies[0] > energies[1] > energies[2] > 0


def test_bending_energy_is_the_integral_of_the_squared_second_derivatives():
    sites, values = _scattered(batch=1, count=5), _values(batch=1, count=5, channels=1)
    kernel, affine = fit_thin_plate_spline(sites, values)
    step, reach = 0.02, 6.0
    ticks = np.arange(-reach, reach, step)
    points = np.stack(np.meshgrid(ticks, ticks), -1).reshape(1, -1, 2)
    # in double precision, as second differences would amplify the rounding of float32
    squared = ((points[0, :, np.newaxis] - sites[0].astype(np.float64)) ** 2).sum(-1)
    f = (squared * np.log(np.maximum(squared, 1e-30))) @ kernel.numpy()[0, :, 0].astype(np.float64)
    f = f.reshape(len(ticks), -1)
    fxx, fyy = np.diff(f, 2, axis=1)[1:-1], np.diff(f, 2, axis=0)[:, 1:-1]
    fxy = np.diff(np.diff(f, axis=0), axis=1)[:-1, :-1]
    integral = (fxx**2 + 2 * fxy**2 + fyy**2).sum() / step**2
    np.testing.assert_allclose(integral / (16 * np.pi), bending_energy(sites, kernel)[0], rtol=0.05)


@pytest.mark.parametrize("sites", [
    np.stack([np.linspace(0, 1, 12), np.full(12, 0.5)], -1),
    np.stack([np.linspace(0, 1, 12), np.linspace(0.2, 0.7, 12)], -1),
    np.full([12, 2], 0.3),
    np.array([[0.5, 0.5]]),
], ids=["level line", "slanted line", "one place", "one point"])
def test_degenerate_sites_give_finite_answers(sites):
    sites = tf.constant(sites[np.newaxis], tf.float32)
    values = tf.constant(_values(batch=1, count=sites.shape[1]))
    elsewhere = tf.constant(_scattered(batch=1))
    with tf.GradientTape() as tape:
        tape.watch([sites, values])
        received = evaluate_thin_plate_spline(elsewhere, sites, *fit_thin_plate_spline(sites, values))
    assert np.isfinite(received).all() and np.abs(received).max() < 1000
    for gradient in tape.gradient(received, [sites, values]):
        assert np.isfinite(gradient).all()


def test_coinciding_sites_share_the_mean_of_their_values():
    sites, values = _scattered(), 0.1 * _values()
    sites[:, 1] = sites[:, 0]
    at_sites = evaluate_thin_plate_spline(sites, sites, *fit_thin_plate_spline(sites, values)).numpy()
    np.testing.assert_allclose(at_sites[:, 0], values[:, :2].mean(1), atol=1e-2)
    np.testing.assert_allclose(at_sites[:, 2:], values[:, 2:], atol=1e-2)


def test_gradients_agree_with_differences():
    sites, values, elsewhere = (tf.constant(a) for a in (_scattered(1, 8), _values(1, 8, 2), _scattered(1, 4, seed=5)))

    def spline(sites, values, points):
        return evaluate_thin_plate_spline(points, sites, *fit_thin_plate_spline(sites, values, 1e-3))

    exact, numeric = tf.test.compute_gradient(spline, [sites, values, elsewhere], delta=1e-3)
    for e, n in zip(exact, numeric, strict=True):
        np.testing.assert_allclose(e, n, atol=2e-2 * np.abs(n).max())
        assert np.abs(e).max() > 0.1


def test_gradient_at_a_site_is_finite():
    sites, values = tf.constant(_scattered()), tf.constant(_values())
    with tf.GradientTape() as tape:
        tape.watch(sites)
        received = evaluate_thin_plate_spline(sites, sites, *fit_thin_plate_spline(sites, values))
    # Wherever the sites lie the spline takes the same values at them.
    np.testing.assert_allclose(tape.gradient(received, sites), 0, atol=0.05)


def _dots(points, size, radius_px=2.5):
    """A picture with a bright soft spot at each normalised point."""
    rows, columns = (np.mgrid[:size, :size] + 0.5) / size
    squared = (columns[..., None] - points[:, 0]) ** 2 + (rows[..., None] - points[:, 1]) ** 2
    return np.exp(-squared * size**2 / radius_px**2).sum(-1).astype(np.float32)[np.newaxis, ..., np.newaxis]


def test_identity_gives_the_picture_back():
    image = np.random.default_rng(0).uniform(size=(1, 48, 40, 3)).astype(np.float32)
    for points in (_face()[np.newaxis], np.full([1, 68, 2], 0.4, np.float32)):
        for lattice_size in (9, 65):
            np.testing.assert_allclose(warp(image, points, points, lattice_size=lattice_size), image, atol=1e-5)


@pytest.mark.parametrize("size", [128, 96])
def test_what_lies_at_source_points_comes_to_lie_at_target_points(size):
    chosen = [2, 8, 14, 19, 24, 30, 36, 45, 48, 54]
    source, target = _face()[chosen], _bent_face()[chosen]
    moved = warp(_dots(source, size), source[np.newaxis], target[np.newaxis], lattice_size=33).numpy()[0, ..., 0]
    rows, columns = (np.mgrid[:size, :size] + 0.5) / size
    for x, y in target:
        near = moved * (np.hypot(columns - x, rows - y) < 5 / size)
        found = np.array([(near * columns).sum(), (near * rows).sum()]) / near.sum()
        assert np.hypot(*(found - [x, y])) * size < 0.6
    assert np.abs(source - target).max() * size > 3


def test_frame_stays_in_place_with_anchors_only():
    source, target = _face()[np.newaxis], _face()[np.newaxis] + 0.03
    for border_anchors, still in ((3, True), (0, False)):
        spline = fit_warp(source, target, border_anchors=border_anchors)
        corner = evaluate_thin_plate_spline(tf.constant([[[0.0, 0.0], [1.0, 1.0], [0.5, 1.0]]]), *spline).numpy()
        assert (np.abs(corner).max() < 1e-4) == still


def _dense(image, spline, windows, size):
    grid = window_grid(windows, size)
    moved = evaluate_thin_plate_spline(tf.reshape(grid, [1, -1, 2]), *spline)
    return sample_bilinear(image, grid + tf.reshape(moved, grid.shape))


def _lattice_error_px(regularization, windows):
    # A picture of its own coordinates in pixels, so that the difference of values is the error in pixels.
    rows, columns = np.mgrid[:512, :512].astype(np.float32) + 0.5
    image = np.stack([columns, rows], -1)[np.newaxis]
    spline = fit_warp(_face()[np.newaxis], _bent_face()[np.newaxis], regularization=regularization)
    interpolated = apply_warp(image, spline, windows=windows, output_size=(256, 256))
    return np.hypot(*np.moveaxis((interpolated - _dense(image, spline, windows, (256, 256))).numpy()[0], -1, 0))


def test_lattice_stays_within_a_tenth_of_a_pixel_at_512_but_for_the_very_control_points():
    whole, features = WHOLE, tf.constant([[0.25, 0.3, 0.75, 0.8]])
    for regularization in (0.0, 1e-3):
        error_px = _lattice_error_px(regularization, whole)
        assert np.quantile(error_px, 0.99) < 0.1 and error_px.max() < 0.5
    # Where a window is cut out, the lattice is as much finer.
    error_px = _lattice_error_px(1e-3, features)
    assert np.quantile(error_px, 0.999) < 0.1 and error_px.max() < 0.15


def test_window_is_the_part_of_the_whole():
    image = np.random.default_rng(0).uniform(size=(2, 64, 64, 3)).astype(np.float32)
    source, target = (np.repeat(p[np.newaxis], 2, 0) for p in (_face(), _bent_face()))
    whole = warp(image, source, target, lattice_size=65)
    windows = tf.constant([[16, 8, 48, 40], [0, 0, 32, 32]]) / 64
    part = warp(image, source, target, windows=windows, output_size=(32, 32))
    np.testing.assert_allclose(part[0], whole[0, 8:40, 16:48], atol=2e-3)
    np.testing.assert_allclose(part[1], whole[1, :32, :32], atol=2e-3)


def test_feature_map_moves_as_its_picture():
    """A map of half the size, of many channels, is warped like the picture that it was averaged from."""
    x, y = np.meshgrid(*[np.linspace(0, 1, 64, dtype=np.float32)] * 2)
    smooth = np.stack([np.sin(a * x + b * y) for a, b in ((9, 0), (0, 9), (6, 7), (-5, 8), (3, 3))], -1)[np.newaxis]
    points = _face()[np.newaxis], _bent_face()[np.newaxis]
    halves = tf.nn.avg_pool2d(smooth, 2, 2, "VALID")
    warped_then_halved = tf.nn.avg_pool2d(warp(smooth, *points), 2, 2, "VALID")
    inside = np.s_[:, 2:-2, 2:-2]  # at the frame the edge is repeated, from different pixels
    np.testing.assert_allclose(warp(halves, *points)[inside], warped_then_halved[inside], atol=0.02)


def test_wild_couples_fall_back_to_a_similarity():
    face, rng = _face(), np.random.default_rng(0)
    turned = (face - 0.5) @ np.array([[0.0, 0.8], [-0.8, 0.0]], np.float32) + 0.5
    wild = turned + rng.normal(0, 0.02, face.shape).astype(np.float32)
    source, target = np.stack([face, face]), np.stack([wild, _bent_face()])
    plain = fit_warp(source, target)
    bounded = fit_warp(source, target, max_bending=5.0)
    energy = bending_energy(plain.sites, plain.kernel_weights).numpy()
    assert energy[0] > 5 > energy[1]
    np.testing.assert_allclose(bending_energy(bounded.sites, bounded.kernel_weights), [0, energy[1]], rtol=1e-6)
    np.testing.assert_allclose(bounded.affine_weights[1], plain.affine_weights[1])
    # the similarity undoes the turn and the scale, nearly, as the noise is unbiased
    moved = turned + evaluate_thin_plate_spline(turned[np.newaxis], *(t[:1] for t in bounded)).numpy()[0]
    np.testing.assert_allclose(moved, face, atol=0.03)


def test_eager_graph_and_xla_agree_with_gradients():
    image = tf.constant(np.random.default_rng(0).uniform(size=(2, 40, 40, 3)), tf.float32)
    source, target = (tf.constant(np.repeat(p[np.newaxis], 2, 0)) for p in (_face(), _bent_face()))

    def run(image, source, target):
        with tf.GradientTape() as tape:
            tape.watch([image, source, target])
            warped = warp(image, source, target, regularization=1e-3, max_bending=50.0, lattice_size=17)
        return [warped, *tape.gradient(warped, [image, source, target])]

    for compiled in (tf.function(run), tf.function(run, jit_compile=True)):
        for expected, received in zip(run(image, source, target), compiled(image, source, target), strict=True):
            np.testing.assert_allclose(received, expected, atol=2e-3 * np.abs(expected).max())


def test_unknown_batch_size():
    @tf.function(input_signature=[tf.TensorSpec([None, 16, 16, 3]), tf.TensorSpec([None, 68, 2])])
    def run(images, points):
        return warp(images, points, points, max_bending=1.0)

    image = np.random.default_rng(0).uniform(size=(3, 16, 16, 3)).astype(np.float32)
    np.testing.assert_allclose(run(image, np.repeat(_face()[np.newaxis], 3, 0)), image, atol=1e-5)


def test_sharp_warp_agrees_on_what_is_smooth_and_keeps_what_is_fine():
    rows, columns = np.mgrid[:64, :64] / 64
    smooth = np.stack([np.sin(6 * columns), np.cos(5 * rows)], -1)[np.newaxis].astype(np.float32)
    noise = np.random.default_rng(0).normal(size=(1, 64, 64, 2)).astype(np.float32)
    source, target = _face()[np.newaxis], _bent_face()[np.newaxis]
    sharp, bilinear = (warp(np.concatenate([smooth, noise], -1), source, target, sharp=sharp).numpy()[0, 4:-4, 4:-4]
                       for sharp in (True, False))
    np.testing.assert_allclose(sharp[..., :2], bilinear[..., :2], atol=2e-3)
    assert (sharp[..., 2:] ** 2).mean() > 1.3 * (bilinear[..., 2:] ** 2).mean()
