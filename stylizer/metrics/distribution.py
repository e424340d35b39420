"""How far two sets of pictures are apart as distributions: the Frechet and the kernel distance of their features.

Features are those of `stylizer.metrics.inception`, though any will do.
"""

from typing import Any

import numpy as np


def fid(a: np.ndarray, b: np.ndarray) -> float:
    """Frechet distance of the Gaussians fitted to two sets of features, the FID if they are Inception's.

    M. Heusel et al., "GANs trained by a two time-scale update rule converge to a
    local Nash equilibrium", NeurIPS 2017: |mean_a - mean_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)).

    Biased: it falls as the sets grow, by tens of points between a hundred pictures and the ten thousand of the
    protocol, so compare distances between sets of equal sizes only, or use `kid`.

    Args:
      a: float [N, D], N >= 2.
      b: float [M, D], M >= 2.

    Returns:
      0 for equal sets.

    Raises:
      ValueError: other shapes, or fewer than two features in a set.
    """
    a, b = _checked(a, b, 2)
    mean_a, mean_b = a.mean(axis=0), b.mean(axis=0)
    spread_a, spread_b = (a - mean_a) / np.sqrt(len(a) - 1), (b - mean_b) / np.sqrt(len(b) - 1)
    # C = spread^T spread, so the eigenvalues of C_a C_b are the squared singular values of spread_a spread_b^T. Their
    # sum needs no root of a covariance, which is singular whenever there are fewer pictures than dimensions.
    # The triangles of QR keep the product small when there are more.
    triangles: Any = [np.linalg.qr(spread, mode="r") for spread in (spread_a, spread_b)]  # NumPy's stub says otherwise
    shared = np.linalg.svd(triangles[0] @ triangles[1].T, compute_uv=False).sum()
    distance = np.sum((mean_a - mean_b) ** 2) + np.sum(spread_a**2) + np.sum(spread_b**2) - 2 * shared
    return float(max(distance, 0.0))  # rounding may leave equal sets a hair below


def kid(a: np.ndarray, b: np.ndarray, subset_size: int | None = None, subsets: int = 100,
        seed: int = 0) -> tuple[float, float]:
    """Kernel distance of two sets of features: squared maximum mean discrepancy under the kernel (x.y / D + 1)^3.

    M. Binkowski et al., "Demystifying MMD GANs", ICLR 2018. Unbiased, unlike `fid`, and so slightly negative now and
    then for sets of one distribution. Often printed times a thousand.

    Args:
      a: float [N, D].
      b: float [M, D].
      subset_size: drawn of each set for one estimate, 2 or more. None: half of the smaller set, at most 1000; the
        deviation of such halves is about the standard error of the mean (the delete-half jackknife).
      subsets: how many estimates.
      seed: of the draw.

    Returns:
      Mean and standard deviation of the estimates.

    Raises:
      ValueError: other shapes, or sets smaller than a subset.
    """
    if subset_size is None:
        subset_size = max(2, min(1000, len(a) // 2, len(b) // 2))
    if subset_size < 2 or subsets < 1:
        raise ValueError(f"KID takes subsets of 2 or more, 1 or more of them, got {subset_size} and {subsets}")
    a, b = _checked(a, b, subset_size)
    rng = np.random.default_rng(seed)
    estimates = [_squared_discrepancy(*(features[rng.choice(len(features), subset_size, replace=False)]
                                        for features in (a, b))) for _ in range(subsets)]
    return float(np.mean(estimates)), float(np.std(estimates))


def _squared_discrepancy(a: np.ndarray, b: np.ndarray) -> float:
    """Unbiased: no feature is compared with itself."""
    within = sum((np.sum(k) - np.trace(k)) / (len(k) * (len(k) - 1)) for k in (_kernel(a, a), _kernel(b, b)))
    return float(within - 2 * _kernel(a, b).mean())


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a @ b.T / a.shape[1] + 1) ** 3


def _checked(a: np.ndarray, b: np.ndarray, fewest: int) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"expected two sets of features [number, dimensions], got {a.shape} and {b.shape}")
    if min(len(a), len(b)) < fewest:
        raise ValueError(f"needs {fewest} or more pictures in each set, got {len(a)} and {len(b)}")
    return a, b
