"""Inception-v3's features of pictures, as the standard protocol of FID takes them.

C. Szegedy et al., "Rethinking the Inception architecture for computer vision",
CVPR 2016, with the ImageNet weights that TensorFlow published in 2015 and
M. Heusel et al. chose for the FID, NeurIPS 2017. The asset "inception" is these
weights as a TorchScript archive, a zip of a pickle and of raw tensors, which is
read without PyTorch. It agrees with NVIDIA's and TensorFlow's original; torchvision's
Inception-v3 is another network, whose distances are others.
"""

import functools
import math
import pickle
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from stylizer import assets
from stylizer.errors import AssetError

FEATURES = 2048

_SIDE_PX = 299
_BATCH = 8
_CONVOLUTIONS = 94
_VARIANCE_EPSILON = 1e-3
_POOLS = ("MaxPool2d", "AvgPool2d")


def inception_features(pictures: np.ndarray | Sequence[np.ndarray]) -> np.ndarray:
    """The 2048 averages of the network's last layer, for `stylizer.metrics.distribution`.

    Pictures are resized to 299 x 299 as TensorFlow 1 did it, by bilinear interpolation without a low-pass. That is
    the protocol, though finely hatched drawings alias by it: compare sets that came in one size.

    Args:
      pictures: RGB uint8 [N, H, W, 3], or N of [H, W, 3] in different sizes; eight are held as floats at a time.

    Returns:
      float32 [N, 2048], 0 or more, most below 1.

    Raises:
      AssetError: the weights could not be fetched or read.
      ValueError: no uint8 RGB pictures.
    """
    for picture in pictures:
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
            raise ValueError(f"pictures must be uint8 [H, W, 3], got {picture.dtype} {list(picture.shape)}")
    features = [np.zeros([0, FEATURES], np.float32)]
    for begin in range(0, len(pictures), _BATCH):
        batch = tf.concat([_prepared(picture) for picture in pictures[begin:begin + _BATCH]], axis=0)
        features.append(tf.reshape(_apply(_layers(), batch), [-1, FEATURES]).numpy())
    return np.concatenate(features)


def _prepared(picture: np.ndarray) -> tf.Tensor:
    """Float32 [1, 299, 299, 3] in [-1, 1)."""
    resized = tf.raw_ops.ResizeBilinear(images=picture[np.newaxis], size=[_SIDE_PX] * 2)  # as in TensorFlow 1
    return (resized - 128.0) / 128.0


@functools.cache
def _layers() -> "TorchModule":
    """The network, each convolution with its batch normalisation as one `kernel` and `bias`."""
    layers = read_inception(assets.fetch("inception") / "inception.pt")
    for layer in _convolutions(layers):
        factor = 1 / np.sqrt(layer.var + _VARIANCE_EPSILON)
        layer.kernel = tf.constant(layer.weight.transpose(2, 3, 1, 0) * factor)
        layer.bias = tf.constant(layer.beta - layer.mean * factor)
        del layer.weight, layer.beta, layer.mean, layer.var
    return layers


class TorchModule:
    """A module of the archive: what its pickle says of it as attributes, its parts in the order of their use."""

    kind: str

    def parts(self) -> "list[TorchModule]":
        return [part for part in vars(self).values() if isinstance(part, TorchModule)]


def _apply(module: Any, x: tf.Tensor) -> tf.Tensor:
    """What the module's code in the archive does, channels last."""
    match module.kind:
        case "Sequential":
            for part in module.parts():
                x = _apply(part, x)
            return x
        case "Conv2dLayer":
            x = tf.nn.conv2d(x, module.kernel, module.stride, "SAME" if np.any(module.padding) else "VALID")
            return tf.nn.relu(tf.nn.bias_add(x, module.bias))
        case "InceptionA" | "InceptionB" | "InceptionC" | "InceptionD":
            return tf.concat([_apply(part, x) for part in module.parts()], axis=-1)
        case "InceptionE":
            a = _apply(module.tower_conv, x)
            b = _apply(module.tower_1_conv_1, _apply(module.tower_1_conv, x))
            return tf.concat([_apply(module.conv, x), _apply(module.tower_mixed_conv, a),
                              _apply(module.tower_mixed_conv_1, a), _apply(module.tower_1_mixed_conv, b),
                              _apply(module.tower_1_mixed_conv_1, b),
                              _apply(module.tower_2_conv, _apply(module.tower_2_pool, x))], axis=-1)
        case "MaxPool2d":
            return tf.nn.max_pool2d(x, 3, 2, "VALID")
        case "MaxPool2d 6":  # in the last block alone, an oversight of 2015 that the protocol keeps
            return tf.nn.max_pool2d(x, 3, 1, "SAME")
        case "AvgPool2d":  # the mean of those pixels that lie inside
            return tf.nn.avg_pool2d(x, 3, 1, "SAME")
        case "AvgPool2d 8":
            return tf.nn.avg_pool2d(x, 8, 8, "VALID")
    raise ValueError(f"Inception has no layer {module.kind}")


def read_inception(path: Path) -> TorchModule:
    """Reads the network's layers from the archive at `path`; nothing in it is run, no class of it imported.

    Raises:
      AssetError: the file holds anything but tensors and modules, or another network.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            root = archive.namelist()[0].split("/")[0]
            with archive.open(f"{root}/data.pkl") as file:
                layers = _TorchUnpickler(file, archive, root).load().net.layers
        if len(_convolutions(layers)) != _CONVOLUTIONS:
            raise ValueError("another network")
    except (OSError, EOFError, KeyError, IndexError, TypeError, AttributeError, ValueError, pickle.UnpicklingError,
            zipfile.BadZipFile) as e:
        raise AssetError(f"{path} does not hold Inception-v3: {e}; delete its folder to fetch it again") from e
    return layers


def _convolutions(module: Any) -> list[Any]:
    if module.kind == "Conv2dLayer":
        return [module]
    return [layer for part in module.parts() for layer in _convolutions(part)]


class _TorchUnpickler(pickle.Unpickler):
    """A pickle may call anything it can name; this one can name modules, which become mere records, and tensors."""

    def __init__(self, file: Any, archive: zipfile.ZipFile, root: str) -> None:
        super().__init__(file)
        self._archive, self._root = archive, root

    def find_class(self, module: str, name: str) -> Any:
        admitted = {("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor, ("torch", "FloatStorage"): np.float32,
                    ("torch.jit._pickle", "build_intlist"): list, ("collections", "OrderedDict"): dict}
        if module.startswith("__torch__."):
            # A pool's settings are part of its code, and pools of other settings than the first get a number:
            # pooling.MaxPool2d, pooling.___torch_mangle_6.MaxPool2d
            number = module.partition("___torch_mangle_")[2]
            return type(name, (TorchModule,), {"kind": f"{name} {number}" if name in _POOLS and number else name})
        if (module, name) not in admitted:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is neither tensor nor module")
        return admitted[module, name]

    def persistent_load(self, pid: Any) -> np.ndarray:
        """The flat content of the storage that a tensor refers to."""
        _, dtype, key, _, count = pid
        storage = np.frombuffer(self._archive.read(f"{self._root}/data/{key}"), dtype)
        if storage.shape != (count,):
            raise ValueError(f"storage {key} holds {len(storage)} numbers, not {count}")
        return storage


def _rebuild_tensor(storage: np.ndarray, offset: int, shape: tuple[int, ...], strides: tuple[int, ...],
                    *_: Any) -> np.ndarray:
    if strides != tuple(math.prod(shape[axis + 1:]) for axis in range(len(shape))):
        raise ValueError(f"a tensor of shape {shape} that is not contiguous")
    return storage[offset:offset + math.prod(shape)].reshape(shape)
