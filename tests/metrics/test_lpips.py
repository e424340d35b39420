import numpy as np
import pytest
import tensorflow as tf

from stylizer.errors import AssetError
from stylizer.layers.vgg16 import FEATURES, build_vgg16, load_vgg16_weights
from stylizer.metrics.lpips import lpips


@pytest.fixture(scope="module", autouse=True)
def weights():
    try:
        return load_vgg16_weights()
    except AssetError as e:
        pytest.skip(f"no VGG16: {e}")


def _pictures(batch=2, size=32, seed=0):
    """Smooth colour gradients with some texture, float32 in [0, 1]."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] / size
    phase = rng.uniform(0, 6, (batch, 1, 1, 3))
    waves = np.sin(8 * x[None, ..., None] + phase) * np.cos(5 * y[None, ..., None] - phase)
    return (0.5 + 0.4 * waves).astype(np.float32)


def test_agrees_with_the_definition(weights):
    a, b = _pictures(), _pictures(seed=1)
    network = build_vgg16()
    features_a, features_b = network(a), network(b)
    expected = np.zeros(2)
    for name, importance in zip(FEATURES, weights.lpips, strict=True):
        for k in range(2):
            pixels_a = features_a[name][k].numpy().reshape(-1, len(importance)).astype(np.float64)
            pixels_b = features_b[name][k].numpy().reshape(-1, len(importance)).astype(np.float64)
            total = 0.0
            for p, q in zip(pixels_a, pixels_b, strict=True):
                difference = p / (np.linalg.norm(p) + 1e-10) - q / (np.linalg.norm(q) + 1e-10)
                total += importance @ difference**2
            expected[k] += total / len(pixels_a)
    np.testing.assert_allclose(lpips(a, b), expected, rtol=1e-4)
    assert (expected > 0.05).all()


def test_zero_on_equal_and_symmetric():
    a, b = _pictures(), _pictures(seed=1)
    np.testing.assert_array_equal(lpips(a, a), [0, 0])
    np.testing.assert_allclose(lpips(a, b), lpips(b, a), rtol=1e-6)


def test_each_couple_counts_alone():
    a, b = _pictures(), _pictures(seed=1)
    mixed = lpips(a, np.stack([a[0], b[1]]))
    assert mixed[0] == 0
    np.testing.assert_allclose(mixed[1], lpips(a[1:], b[1:])[0], rtol=1e-4)


def test_grows_with_noise():
    a = _pictures()
    noise = np.random.default_rng(3).normal(size=a.shape).astype(np.float32)
    distances = [lpips(a, np.clip(a + scale * noise, 0, 1)).numpy() for scale in (0.02, 0.08, 0.3)]
    assert (distances[0] > 0).all() and (distances[0] < distances[1]).all() and (distances[1] < distances[2]).all()


def test_a_blur_is_farther_than_a_slight_change_of_brightness_of_the_same_squared_error():
    """What tells the metric from a squared error (Zhang et al. 2018, figure 1)."""
    rng = np.random.default_rng(0)
    a = np.clip(_pictures() + 0.1 * rng.normal(size=(2, 32, 32, 3)), 0.1, 0.9).astype(np.float32)
    blurred = tf.nn.avg_pool2d(a, 3, 1, "SAME").numpy()
    brighter = a + np.sqrt(((blurred - a) ** 2).mean())
    assert (lpips(a, blurred).numpy() > 2 * lpips(a, brighter).numpy()).all()


def test_gradient_is_finite_on_flat_and_equal_pictures():
    a = tf.zeros([1, 16, 16, 3])
    with tf.GradientTape() as tape:
        tape.watch(a)
        distance = lpips(a, tf.zeros_like(a))
    assert np.isfinite(tape.gradient(distance, a)).all()


def test_runs_in_a_graph():
    a, b = _pictures(), _pictures(seed=1)
    np.testing.assert_allclose(tf.function(lpips)(a, b), lpips(a, b), rtol=1e-4)


@pytest.mark.parametrize("a, b", [((1, 16, 16, 3), (1, 16, 32, 3)), ((16, 16, 3), (16, 16, 3)), ((1, 16, 16, 1),) * 2])
def test_other_shapes_are_refused(a, b):
    with pytest.raises(ValueError, match="LPIPS takes two batches"):
        lpips(np.zeros(a, np.float32), np.zeros(b, np.float32))
