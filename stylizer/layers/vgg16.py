"""VGG16's convolutional features, frozen, for perceptual losses and metrics.

K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale
image recognition", ICLR 2015; ImageNet weights as torchvision has them, from
the asset "vgg16", which also holds LPIPS's linear layers.
"""

import functools
import pickle
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from stylizer import assets
from stylizer.errors import AssetError

# Convolutions of each block and the name of the block's last activation, which is the one we hand out.
_BLOCKS = {"relu1_2": (64, 64), "relu2_2": (128, 128), "relu3_3": (256,) * 3, "relu4_3": (512,) * 3,
           "relu5_3": (512,) * 3}
FEATURES: tuple[str, ...] = tuple(_BLOCKS)

# Mean and standard deviation of ImageNet's RGB in [0, 1]
_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)


class Vgg16Weights(NamedTuple):
    """float32 arrays of the network and of LPIPS.

    Attributes:
      kernels: 13 of [3, 3, in, out].
      biases: 13 of [out].
      lpips: one [channels] for each of `FEATURES`, all >= 0.
    """

    kernels: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    lpips: tuple[np.ndarray, ...]


def build_vgg16(last: str = "relu5_3") -> tf.keras.Model:
    """The network up to the activation `last`, not trainable, computing in float32 under any policy.

    It takes RGB float [B, H, W, 3] in [0, 1], sides of 16 pixels or more for relu5_3, and returns
    {name: float32 [B, H / 2^i, W / 2^i, channels]} for those of `FEATURES` that come before `last`, and `last`.

    Raises:
      AssetError: the weights could not be fetched or read.
      ValueError: `last` is not one of the activations relu1_1, relu1_2, relu2_1 ... relu5_3.
    """
    layers = [(f"relu{block}_{i}", filters) for block, name in enumerate(FEATURES, 1)
              for i, filters in enumerate(_BLOCKS[name], 1)]
    names = [name for name, _ in layers]
    if last not in names:
        raise ValueError(f"no VGG16 feature {last!r}; choose among {', '.join(names)}")
    weights = load_vgg16_weights()
    image = tf.keras.Input([None, None, 3], dtype="float32")
    x = tf.keras.layers.Normalization(mean=_MEAN, variance=np.square(_DEVIATION), dtype="float32")(image)
    features: dict[str, tf.Tensor] = {}
    for (name, filters), kernel, bias in zip(layers[:names.index(last) + 1], weights.kernels, weights.biases,
                                             strict=False):
        if name.endswith("_1") and features:
            x = tf.keras.layers.MaxPool2D(dtype="float32")(x)
        convolution = tf.keras.layers.Conv2D(filters, 3, padding="same", activation="relu", dtype="float32")
        x = convolution(x)
        convolution.set_weights([kernel, bias])
        if name in FEATURES or name == last:
            features[name] = x
    model = tf.keras.Model(image, features, name="vgg16")
    model.trainable = False
    return model


@functools.cache
def load_vgg16_weights() -> Vgg16Weights:
    """Fetches and reads the asset.

    Raises:
      AssetError: it could not be fetched, or is not what it should be.
    """
    return read_vgg16_weights(assets.fetch("vgg16") / "vgg16.ckpt")


def read_vgg16_weights(path: Path) -> Vgg16Weights:
    """Reads the checkpoint at `path`, a pickle of nested dictionaries of arrays; nothing else is admitted.

    Raises:
      AssetError: the file holds anything but arrays, or other ones than VGG16's.
    """
    try:
        with open(path, "rb") as file:
            tree = _ArrayUnpickler(file).load()
        channels = [c for block in _BLOCKS.values() for c in block]
        convolutions = [tree["VGG16_0"][f"Conv_{i}"] for i in range(len(channels))]
        kernels, biases = (tuple(c[part] for c in convolutions) for part in ("kernel", "bias"))
        lpips = tuple(tree[f"NetLinLayer_{i}"]["Conv_0"]["kernel"] for i in range(len(FEATURES)))
        shapes = [(3, 3, i, o) for i, o in zip([3, *channels], channels, strict=False)]
        if [k.shape for k in kernels] != shapes or [b.shape for b in biases] != [(o,) for o in channels] or \
                [w.shape for w in lpips] != [(1, 1, block[-1], 1) for block in _BLOCKS.values()]:
            raise ValueError("arrays of other shapes")
    except (OSError, EOFError, KeyError, TypeError, AttributeError, ValueError, pickle.UnpicklingError) as e:
        raise AssetError(f"{path} does not hold VGG16's weights: {e}; delete its folder to fetch it again") from e
    return Vgg16Weights(kernels, biases, tuple(w[0, 0, :, 0] for w in lpips))


class _ArrayUnpickler(pickle.Unpickler):
    """A pickle may call anything it can name; this one can name NumPy's array constructors only."""

    _ADMITTED = {("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._ADMITTED:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is no array")
        return super().find_class(module, name)
