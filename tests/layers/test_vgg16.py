import pickle

import numpy as np
import pytest
import tensorflow as tf

from stylizer.errors import AssetError
from stylizer.layers.vgg16 import FEATURES, build_vgg16, load_vgg16_weights, read_vgg16_weights


@pytest.fixture(scope="module")
def weights():
    try:
        return load_vgg16_weights()
    except AssetError as e:
        pytest.skip(f"no VGG16: {e}")


def numpy_features(weights, image):
    """The network written out: [H, W, 3] in [0, 1] -> list of the five activations."""
    x = (image - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    features = []
    for number, (kernel, bias) in enumerate(zip(weights.kernels, weights.biases, strict=True)):
        if number in (2, 4, 7, 10):
            features.append(x)
            x = x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2, -1).max((1, 3))
        height, width, _ = x.shape
        padded = np.pad(x, [(1, 1), (1, 1), (0, 0)])
        shifted = sum(padded[j:j + height, i:i + width] @ kernel[j, i] for j in range(3) for i in range(3))
        x = np.maximum(shifted + bias, 0)
    return [*features, x]


def test_features_agree_with_the_network_written_out(weights):
    image = np.random.default_rng(0).uniform(size=(16, 32, 3))
    features = build_vgg16()(image[np.newaxis].astype(np.float32))
    assert tuple(features) == FEATURES
    for name, expected in zip(FEATURES, numpy_features(weights, image), strict=True):
        assert features[name].dtype == tf.float32
        np.testing.assert_allclose(features[name][0], expected, atol=1e-3 * expected.max())
        assert expected.max() > 0.1


def test_stops_at_the_last_feature_and_is_frozen(weights):
    model = build_vgg16("relu3_3")
    features = model(np.zeros([2, 32, 24, 3], np.float32))
    assert {name: f.shape.as_list() for name, f in features.items()} == {
        "relu1_2": [2, 32, 24, 64], "relu2_2": [2, 16, 12, 128], "relu3_3": [2, 8, 6, 256]}
    assert not model.trainable_variables
    assert list(build_vgg16("relu3_1")(np.zeros([1, 16, 16, 3], np.float32))) == ["relu1_2", "relu2_2", "relu3_1"]


def test_float32_under_mixed_precision(weights):
    policy = tf.keras.mixed_precision.global_policy()
    tf.keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        assert build_vgg16("relu1_2")(np.zeros([1, 16, 16, 3], np.float32))["relu1_2"].dtype == tf.float32
    finally:
        tf.keras.mixed_precision.set_global_policy(policy)


def test_unknown_feature_is_named():
    with pytest.raises(ValueError, match="no VGG16 feature 'relu9'; choose among relu1_1, "):
        build_vgg16("relu9")


class _Evil:
    def __reduce__(self):
        return print, ("called",)


@pytest.mark.parametrize("content, reason", [
    (pickle.dumps(_Evil()), "it names builtins.print, which is no array"),
    (pickle.dumps({"VGG16_0": {}}), "Conv_0"),
    (pickle.dumps([1, 2]), "list indices"),
    (b"", "Ran out of input"),
    (b"not a pickle", ""),
])
def test_other_files_are_refused_and_nothing_in_them_is_called(tmp_path, capsys, content, reason):
    path = tmp_path / "vgg16.ckpt"
    path.write_bytes(content)
    with pytest.raises(AssetError, match=f"does not hold VGG16's weights: .*{reason}.*delete its folder"):
        read_vgg16_weights(path)
    assert "called" not in capsys.readouterr().out


def test_other_shapes_are_refused(tmp_path):
    one = {"kernel": np.zeros([3, 3, 3, 64], np.float32), "bias": np.zeros([64], np.float32)}
    tree = {"VGG16_0": {f"Conv_{i}": one for i in range(13)}}
    tree |= {f"NetLinLayer_{i}": {"Conv_0": {"kernel": np.zeros([1, 1, 64, 1], np.float32)}} for i in range(5)}
    (tmp_path / "vgg16.ckpt").write_bytes(pickle.dumps(tree))
    with pytest.raises(AssetError, match="other shapes"):
        read_vgg16_weights(tmp_path / "vgg16.ckpt")
