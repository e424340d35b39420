import io
import pickle
import zipfile

import numpy as np
import pytest

from stylizer.errors import AssetError
from stylizer.metrics.inception import inception_features, read_inception

SIZES = [(299, 299), (512, 512), (180, 241)]

# Of `_picture(*SIZES[i], seed=i)`: the first eight features and the length of all 2048, as PyTorch 1.13 computes them
# from the same archive, after NVIDIA's resize (affine_grid and grid_sample)
REFERENCE = [
    [0.000956, 0.010334, 0.040864, 0.401249, 0.197626, 0.123956, 0.073102, 0.017269],
    [0.382229, 0.126792, 0, 0.460357, 0.046642, 0.127241, 0.022651, 0.153257],
    [0.188586, 0.046868, 0, 0.13501, 0.131138, 0.049556, 0.016668, 0.881804],
]
LENGTHS = [20.100382, 14.787013, 16.643524]


def _picture(height, width, seed):
    """Six waves of colour."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    waves = np.zeros([height, width, 3])
    for _ in range(6):
        across, along = rng.uniform(-30, 30, 2)
        phase = 2 * np.pi * (across * y / height + along * x / width)[..., None]
        waves += rng.uniform(-1, 1, 3) * np.sin(phase + rng.uniform(0, 6, 3))
    return np.clip(np.rint(128 + 60 * waves), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def features():
    pictures = [_picture(*size, seed) for seed, size in enumerate(SIZES)]
    try:
        return inception_features(pictures)
    except AssetError as e:
        pytest.skip(f"no Inception: {e}")


def test_agrees_with_the_reference(features):
    assert features.shape == (3, 2048) and features.dtype == np.float32
    np.testing.assert_allclose(features[:, :8], REFERENCE, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), LENGTHS, rtol=1e-4)


def test_pictures_count_alone_in_any_batch(features):
    pictures = np.stack([_picture(299, 299, seed) for seed in range(9)])
    many = inception_features(pictures)
    assert many.shape == (9, 2048)
    np.testing.assert_allclose(many[0], features[0], atol=1e-4)
    np.testing.assert_allclose(many[8:], inception_features(pictures[8:]), atol=1e-4)
    assert inception_features([]).shape == (0, 2048)


@pytest.mark.parametrize("pictures", [np.zeros([2, 64, 64, 3], np.float32), np.zeros([2, 64, 64, 1], np.uint8),
                                      [np.zeros([64, 64], np.uint8)]])
def test_other_pictures_are_refused(pictures):
    with pytest.raises(ValueError, match="pictures must be uint8"):
        inception_features(pictures)


class _Evil:
    def __reduce__(self):
        return print, ("called",)


def _archive(content, members=()):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as z:
        z.writestr("net/data.pkl", content)
        for name, data in members:
            z.writestr(f"net/data/{name}", data)
    return file.getvalue()


# tensor 0 of 4 numbers, [2, 2] with the strides (1, 2), as PyTorch writes it
_TURNED = (b"ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI4\ntQI0\n(I2\nI2\nt"
           b"(I1\nI2\ntI00\nNtR.")


@pytest.mark.parametrize("content, reason", [
    (_archive(pickle.dumps(_Evil())), "it names builtins.print, which is neither tensor nor module"),
    (_archive(pickle.dumps([1, 2])), "'list' object has no attribute 'net'"),
    (_archive(_TURNED, [("0", bytes(16))]), "a tensor of shape .* that is not contiguous"),
    (_archive(_TURNED, [("0", bytes(8))]), "storage 0 holds 2 numbers, not 4"),
    (_archive(_TURNED), "no item named"),
    (_archive(b""), "Ran out of input"),
    (b"no archive", "not a zip file"),
], ids=["calls", "list", "turned", "short", "missing", "empty", "no-archive"])
def test_other_files_are_refused_and_nothing_in_them_is_called(tmp_path, capsys, content, reason):
    path = tmp_path / "inception.pt"
    path.write_bytes(content)
    with pytest.raises(AssetError, match=f"does not hold Inception-v3: .*{reason}.*delete its folder"):
        read_inception(path)
    assert "called" not in capsys.readouterr().out


def test_another_network_is_refused(tmp_path):
    """An archive of modules as it should be, though of one layer."""
    layer = b"(d"  # its state: an empty dictionary
    layers = b"c__torch__.inceptionv3\nConv2dLayer\n)\x81" + layer + b"b"
    net = b"c__torch__.inceptionv3\nInceptionV3\n)\x81}S'layers'\n" + layers + b"sb"
    path = tmp_path / "inception.pt"
    path.write_bytes(_archive(b"\x80\x02c__torch__.wrap_net\nWrapNet\n)\x81}S'net'\n" + net + b"sb."))
    with pytest.raises(AssetError, match="another network"):
        read_inception(path)
