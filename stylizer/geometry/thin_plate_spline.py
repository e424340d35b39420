"""Thin-plate splines: fitting, evaluation, bending energy, and the warp of pictures and feature maps by them.

F. L. Bookstein, "Principal warps: thin-plate splines and the decomposition of
deformations", IEEE PAMI 11(6), 1989. With sites s_k the spline is

    f(x) = sum_k w_k U(|x - s_k|) + [x, y, 1] a,    U(r) = r^2 log r^2,  U(0) = 0,

the same kernel U in fitting and in evaluation. Everything is computed in
float32, differentiable, and the same in eager mode, in a graph and under XLA.

Points are normalised (x, y); `stylizer.geometry.sampling` states the frame and
the pixel-centre rule.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from stylizer.geometry.sampling import sample_at, sample_sharp, window_axes

# Ridges that keep the linear system solvable whatever the sites. Coinciding sites with different values
# get (nearly) the mean of their values; along a direction that no sites span the affine part is (nearly) 0.
# With well-placed sites both stay far below the promised accuracy of 1e-4.
_KERNEL_RIDGE = 1e-6
_AFFINE_RIDGE = 1e-6

_TINY = 1e-30


class ThinPlateSpline(NamedTuple):
    """A batch of fitted splines from the plane to R^D.

    Attributes:
      sites: float32 [B, K, 2].
      kernel_weights: float32 [B, K, D].
      affine_weights: float32 [B, 3, D], the factors of x, y and 1.
    """

    sites: tf.Tensor
    kernel_weights: tf.Tensor
    affine_weights: tf.Tensor


def fit_thin_plate_spline(
        sites: tf.Tensor, values: tf.Tensor, regularization: float = 0.0) -> tuple[tf.Tensor, tf.Tensor]:
    """Fits the spline that takes `values` at `sites`.

    Any sites give a finite answer: those that coincide share the mean of their
    values, and where all lie on a line the affine part vanishes across it.

    Args:
      sites: float [B, K, 2].
      values: float [B, K, D].
      regularization: >= 0, added to the kernel matrix's diagonal: 0 interpolates,
        more of it bends less and meets the values less exactly.

    Returns:
      kernel_weights float32 [B, K, D] and affine_weights float32 [B, 3, D].
    """
    sites, values = tf.cast(sites, tf.float32), tf.cast(values, tf.float32)
    count = sites.shape[1]
    affine = _with_one(sites)
    kernel = _kernel(sites, sites) + (regularization + _KERNEL_RIDGE) * tf.eye(count)
    corner = tf.broadcast_to(-_AFFINE_RIDGE * tf.eye(3), tf.stack([tf.shape(sites)[0], 3, 3]))
    system = tf.concat([
        tf.concat([kernel, affine], axis=2),
        tf.concat([tf.linalg.matrix_transpose(affine), corner], axis=2)], axis=1)
    solution = tf.linalg.solve(system, tf.pad(values, [(0, 0), (0, 3), (0, 0)]))
    return solution[:, :count], solution[:, count:]


def evaluate_thin_plate_spline(
        points: tf.Tensor, sites: tf.Tensor, kernel_weights: tf.Tensor, affine_weights: tf.Tensor) -> tf.Tensor:
    """Values of the spline at `points`.

    Args:
      points: float [B, N, 2].
      sites: float [B, K, 2].
      kernel_weights: float [B, K, D].
      affine_weights: float [B, 3, D].

    Returns:
      float32 [B, N, D].
    """
    points, sites = tf.cast(points, tf.float32), tf.cast(sites, tf.float32)
    # Sums of products rather than tf.matmul: accelerators round the factors of a matrix product to 10 or
    # 7 bits of mantissa, and the terms are large against their sum.
    kernel = _kernel(points, sites)
    bent = [tf.reduce_sum(kernel * weights[:, tf.newaxis], axis=-1) for weights in tf.unstack(kernel_weights, axis=-1)]
    x, y = points[..., :1], points[..., 1:]
    a_x, a_y, a_1 = tf.split(affine_weights, 3, axis=1)
    return tf.stack(bent, axis=-1) + x * a_x + y * a_y + a_1


def bending_energy(sites: tf.Tensor, kernel_weights: tf.Tensor) -> tf.Tensor:
    """Bending energy sum_d w_d^T U w_d, which is 1 / (16 pi) of the integral of f_xx^2 + 2 f_xy^2 + f_yy^2.

    Args:
      sites: float [B, K, 2].
      kernel_weights: float [B, K, D].

    Returns:
      float32 [B], >= 0; 0 for an affine spline.
    """
    sites = tf.cast(sites, tf.float32)
    pulled = tf.reduce_sum(_kernel(sites, sites)[..., tf.newaxis] * kernel_weights[:, tf.newaxis], axis=2)
    return tf.nn.relu(tf.reduce_sum(kernel_weights * pulled, axis=(1, 2)))


def fit_warp(
        source_points: tf.Tensor, target_points: tf.Tensor, *, regularization: float = 0.0, border_anchors: int = 3,
        max_bending: float | None = None) -> ThinPlateSpline:
    """Fits the displacement field of a backward mapping: f(q) + q is where the value at target point q comes from.

    Args:
      source_points: float [B, K, 2], normalised control points in the input.
      target_points: float [B, K, 2], where they shall lie in the output.
      regularization: as in `fit_thin_plate_spline`.
      border_anchors: fixed points along each side of the frame, corners included: 3 are the corners and
        the middles of the sides, 0 lets the frame move.
      max_bending: couples whose `bending_energy` is greater get the least-squares similarity of their
        control points in place of the spline, and their frame moves along. None admits every spline.

    Returns:
      A ThinPlateSpline with D = 2, sites in the target.
    """
    source, target = tf.cast(source_points, tf.float32), tf.cast(target_points, tf.float32)
    anchors = tf.constant(_anchors(border_anchors))
    anchors = tf.broadcast_to(anchors, tf.stack([tf.shape(target)[0], anchors.shape[0], 2]))
    sites = tf.concat([target, anchors], axis=1)
    # Displacements, not positions: where nothing moves every weight is exactly 0.
    displacement = tf.pad(source - target, [(0, 0), (0, anchors.shape[1]), (0, 0)])
    kernel_weights, affine_weights = fit_thin_plate_spline(sites, displacement, regularization)
    if max_bending is not None:
        wild = (bending_energy(sites, kernel_weights) > max_bending)[:, tf.newaxis, tf.newaxis]
        kernel_weights = tf.where(wild, 0.0, kernel_weights)
        affine_weights = tf.where(wild, _similarity_displacement(target, source), affine_weights)
    return ThinPlateSpline(sites, kernel_weights, affine_weights)


def apply_warp(
        images: tf.Tensor, spline: ThinPlateSpline, *, output_size: tuple[int, int] | None = None,
        windows: tf.Tensor | None = None, lattice_size: int = 57, sharp: bool = False) -> tf.Tensor:
    """Warps pictures or feature maps by the displacement field of `fit_warp`.

    Args:
      images: float [B, H, W, C].
      spline: of `fit_warp`.
      output_size: (h, w); that of the input if None.
      windows: float [B, 4], edges (x0, y0, x1, y1) of the part of the target frame to produce; all of it if None.
      lattice_size: the spline is evaluated at so many nodes (at least 4) along each side of the window, with
        cubic interpolation between them; output of no more pixels than the lattice has nodes is evaluated
        pixel by pixel. With the default over a whole frame of 512 pixels, 99 % of the pixels of a
        bent face are within 0.1 pixels of the spline, those right at a control point within 1.
      sharp: interpolates as `sample_sharp` does, instead of bilinearly.

    Returns:
      [B, h, w, C], dtype of `images`.
    """
    images = tf.convert_to_tensor(images)
    height, width = output_size or (images.shape[1], images.shape[2])
    whole = tf.constant([[0.0, 0.0, 1.0, 1.0]])
    windows = tf.cast(whole if windows is None else windows, tf.float32)
    windows = tf.broadcast_to(windows, [tf.shape(spline.sites)[0], 4])
    x, y = window_axes(windows, (height, width))
    source_size = tf.constant([images.shape[2], images.shape[1]], tf.float32)
    # Scaled to pixels of the source here, where it is a few numbers, and not for every pixel.
    in_pixels = ThinPlateSpline(
        spline.sites, spline.kernel_weights * source_size, spline.affine_weights * source_size)
    if height * width <= lattice_size ** 2:
        column, row = _on_grid(in_pixels, x, y)
    else:
        # One cell more on every side, so that the cubic has its four nodes everywhere.
        cell = (windows[:, 2:] - windows[:, :2]) / (lattice_size - 3)
        lattice = tf.concat([windows[:, :2] - 1.5 * cell, windows[:, 2:] + 1.5 * cell], axis=1)
        rows, columns = _cubic_enlargement(lattice_size, height), _cubic_enlargement(lattice_size, width)
        column, row = (tf.matmul(tf.matmul(rows, coarse), columns, transpose_b=True)
                       for coarse in _on_grid(in_pixels, *window_axes(lattice, (lattice_size, lattice_size))))
    column += (x * source_size[0] - 0.5)[:, tf.newaxis]
    row += (y * source_size[1] - 0.5)[:, :, tf.newaxis]
    return (sample_sharp if sharp else sample_at)(images, column, row)


def warp(
        images: tf.Tensor, source_points: tf.Tensor, target_points: tf.Tensor, *, regularization: float = 0.0,
        border_anchors: int = 3, max_bending: float | None = None, output_size: tuple[int, int] | None = None,
        windows: tf.Tensor | None = None, lattice_size: int = 57, sharp: bool = False) -> tf.Tensor:
    """Moves what lies at `source_points` to `target_points`: `fit_warp`, then `apply_warp`.

    Args:
      images: float [B, H, W, C].
      source_points: float [B, K, 2], normalised.
      target_points: float [B, K, 2], normalised.
      regularization, border_anchors, max_bending: see `fit_warp`.
      output_size, windows, lattice_size, sharp: see `apply_warp`.

    Returns:
      [B, h, w, C], dtype of `images`.
    """
    spline = fit_warp(source_points, target_points, regularization=regularization, border_anchors=border_anchors,
                      max_bending=max_bending)
    return apply_warp(images, spline, output_size=output_size, windows=windows, lattice_size=lattice_size, sharp=sharp)


def _kernel(points: tf.Tensor, sites: tf.Tensor) -> tf.Tensor:
    """U of all distances, [B, N, K]."""
    x, y = tf.unstack(points[:, :, tf.newaxis], axis=-1)
    sites_x, sites_y = tf.unstack(sites[:, tf.newaxis], axis=-1)
    return _u(tf.math.squared_difference(x, sites_x) + tf.math.squared_difference(y, sites_y))


@tf.custom_gradient
def _u(squared: tf.Tensor) -> tuple[tf.Tensor, Callable]:
    """U(r) of r^2. The floor under the logarithm makes U, and its gradient in the points, exactly 0 at r = 0."""
    logarithm = tf.math.log(squared + _TINY)

    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        return upstream * (logarithm + 1.0)

    return squared * logarithm, gradient


def _with_one(points: tf.Tensor) -> tf.Tensor:
    return tf.concat([points, tf.ones_like(points[..., :1])], axis=-1)


def _anchors(per_side: int) -> np.ndarray:
    ticks = np.linspace(0.0, 1.0, per_side)
    grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    return grid[((grid == 0.0) | (grid == 1.0)).any(axis=1)].astype(np.float32)


def _similarity_displacement(source: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    """Affine weights [B, 3, 2] of the displacement of the least-squares similarity from `source` onto `target`."""
    source_mean, target_mean = (tf.reduce_mean(p, axis=1, keepdims=True) for p in (source, target))
    x, y = tf.unstack(source - source_mean, axis=-1)
    u, v = tf.unstack(target - target_mean, axis=-1)
    # With points as complex numbers the similarity is z -> (p + iq) z + t, a linear regression.
    scale = tf.math.reciprocal(tf.reduce_sum(x * x + y * y, axis=1) + _TINY)
    p = tf.reduce_sum(x * u + y * v, axis=1) * scale
    q = tf.reduce_sum(x * v - y * u, axis=1) * scale
    linear = tf.stack([tf.stack([p, q], axis=-1), tf.stack([-q, p], axis=-1)], axis=1)
    shift = target_mean - tf.reduce_sum(source_mean[:, 0, :, tf.newaxis] * linear, axis=1, keepdims=True)
    return tf.concat([linear - tf.eye(2), shift], axis=1)


def _on_grid(spline: ThinPlateSpline, x: tf.Tensor, y: tf.Tensor) -> list[tf.Tensor]:
    """The spline at the crossings of columns x [B, w] and rows y [B, h]: D planes [B, h, w]."""
    sites_x, sites_y = tf.unstack(spline.sites[:, tf.newaxis], axis=-1)
    # Squares per column and per row first: of all the pairs only their sum is formed.
    squared_x = tf.math.squared_difference(x[..., tf.newaxis], sites_x)
    squared_y = tf.math.squared_difference(y[..., tf.newaxis], sites_y)
    kernel = _u(squared_y[:, :, tf.newaxis] + squared_x[:, tf.newaxis])
    planes = []
    for weights, affine in zip(tf.unstack(spline.kernel_weights, axis=-1), tf.unstack(spline.affine_weights, axis=-1),
                               strict=True):
        a_x, a_y, a_1 = tf.split(affine, 3, axis=1)
        flat = (a_x * x + a_1)[:, tf.newaxis] + (a_y * y)[:, :, tf.newaxis]
        planes.append(flat + tf.reduce_sum(kernel * weights[:, tf.newaxis, tf.newaxis], axis=-1))
    return planes


def _cubic_enlargement(nodes: int, pixels: int) -> np.ndarray:
    """Matrix [pixels, nodes] of Catmull-Rom weights, from nodes 1 .. n - 2 on a window's edges to its pixel centres."""
    position = (np.arange(pixels) + 0.5) / pixels * (nodes - 3) + 1
    left = np.minimum(np.floor(position).astype(int), nodes - 3)
    t = (position - left)[:, np.newaxis]
    weights = 0.5 * np.concatenate(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2], axis=1)
    matrix = np.zeros([pixels, nodes], np.float32)
    for offset in range(4):
        matrix[np.arange(pixels), left + offset - 1] = weights[:, offset]
    return matrix
