import numpy as np
import pytest

from stylizer.metrics.distribution import fid, kid


def _whitened(count, dimensions, seed=0):
    """Features whose sample mean is 0 and whose sample covariance is the identity, to rounding."""
    x = np.random.default_rng(seed).normal(size=(count, dimensions))
    x -= x.mean(axis=0)
    return x @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T))).T


def test_fid_of_gaussians_along_the_axes():
    a = _whitened(40, 3) * [1, 2, 3] + [1, 0, 0]
    b = _whitened(60, 3, seed=1) * [2, 2, 5] + [0, 2, 0]
    assert fid(a, b) == pytest.approx(1 + 4 + (2 - 1)**2 + (5 - 3)**2)
    assert fid(b, a) == pytest.approx(fid(a, b))


def test_fid_of_gaussians_that_do_not_share_their_axes():
    """For 2 x 2 covariances tr((AB)^(1/2)) = sqrt(tr(AB) + 2 sqrt(det(AB)))."""
    mix_a, mix_b = np.array([[2, 1], [0, 1]]), np.array([[1, 0], [-2, 3]])
    a, b = _whitened(30, 2) @ mix_a.T, _whitened(30, 2, seed=1) @ mix_b.T
    cov_a, cov_b = mix_a @ mix_a.T, mix_b @ mix_b.T
    product = cov_a @ cov_b
    shared = np.sqrt(np.trace(product) + 2 * np.sqrt(np.linalg.det(product)))
    assert fid(a, b) == pytest.approx(np.trace(cov_a + cov_b) - 2 * shared)


def test_fid_with_fewer_pictures_than_dimensions():
    a = np.random.default_rng(0).normal(size=(10, 300))
    assert fid(a, a) == pytest.approx(0, abs=1e-9)
    assert fid(a, a[::-1] + 0.1) == pytest.approx(300 * 0.01)
    assert fid(a, 3 * a) == pytest.approx(4 * (a.var(axis=0, ddof=1).sum() + (a.mean(axis=0)**2).sum()))


def test_fid_is_biased_and_kid_is_not():
    """Two samples of one distribution: their true distance is 0."""
    rng = np.random.default_rng(0)
    pairs = [rng.normal(size=(2, 50, 8)) for _ in range(100)]
    assert min(fid(a, b) for a, b in pairs) > 0.1
    whole = np.array([kid(a, b, subset_size=50, subsets=1)[0] for a, b in pairs])
    assert abs(whole.mean()) < 3 * whole.std() / np.sqrt(len(whole))
    assert (whole < 0).any() and (whole > 0).any()


def test_kid_by_its_formula():
    a, b = np.random.default_rng(0).normal(size=(2, 5, 4))

    def k(x, y):
        return (sum(x * y) / 4 + 1) ** 3

    within = [np.mean([k(s[i], s[j]) for i in range(5) for j in range(5) if i != j]) for s in (a, b)]
    across = np.mean([k(x, y) for x in a for y in b])
    mean, deviation = kid(a, b, subset_size=5, subsets=3)
    assert mean == pytest.approx(sum(within) - 2 * across)
    assert deviation == pytest.approx(0)


def test_kid_sees_a_shift_and_is_certain_of_it():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 80, 8))
    near, far = kid(a, b + 0.5), kid(a, b + 1)
    assert far[0] > near[0] > 3 * near[1] > 0
    assert kid(a, b + 0.5) == near != kid(a, b + 0.5, seed=1)


def test_deviation_of_halves_is_about_the_standard_error():
    rng = np.random.default_rng(0)
    pairs = [(rng.normal(size=(60, 4)), rng.normal(size=(60, 4)) + 1) for _ in range(60)]
    estimates = np.array([kid(a, b, subsets=50) for a, b in pairs])
    assert np.mean(estimates[:, 1]) == pytest.approx(np.std(estimates[:, 0]), rel=0.3)


@pytest.mark.parametrize("measure", [fid, kid])
def test_too_few_and_other_shapes_are_refused(measure):
    with pytest.raises(ValueError, match="2 or more pictures in each set, got 1 and 9"):
        measure(np.zeros([1, 4]), np.zeros([9, 4]))
    with pytest.raises(ValueError, match=r"got \(9, 4\) and \(9, 5\)"):
        measure(np.zeros([9, 4]), np.zeros([9, 5]))


def test_subsets_larger_than_the_sets_are_refused():
    with pytest.raises(ValueError, match="needs 10 or more pictures in each set, got 12 and 9"):
        kid(np.zeros([12, 4]), np.zeros([9, 4]), subset_size=10)
    with pytest.raises(ValueError, match="got 1 and 100"):
        kid(np.zeros([12, 4]), np.zeros([9, 4]), subset_size=1)
