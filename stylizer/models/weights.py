"""Weights as plain arrays: what a run hands on, what another starts from.

A weights file is an .npz of float arrays, one per variable, named
`<network>/<index>`. It is data, never code: it is read without pickle.
"""

import os
import zipfile
from pathlib import Path

import numpy as np
import tensorflow as tf

from stylizer.errors import RunError


def save_weights(path: Path, networks: dict[str, tf.keras.Model], dtype: str = "float32") -> None:
    """Writes the weights of `networks` to `path`, atomically."""
    arrays = {f"{name}/{i:03d}": w.astype(dtype) for name, net in networks.items()
              for i, w in enumerate(net.get_weights())}
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with open(temporary, "wb") as f:
            np.savez(f, **arrays)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load_weights(path: Path, networks: dict[str, tf.keras.Model]) -> None:
    """Sets the weights of `networks` from a file that has at least these.

    Raises:
      RunError: no such file, not a weights file, or of networks of another shape.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for name, net in networks.items():
                current = net.get_weights()
                loaded = [arrays[f"{name}/{i:03d}"].astype(np.float32) for i in range(len(current))]
                if any(a.shape != b.shape for a, b in zip(current, loaded, strict=True)):
                    raise RunError(f"{path}: its {name} has other shapes than this config's in this release; use the "
                                   "config and the release that its run.json names, or train again")
                net.set_weights(loaded)
    except KeyError as e:
        raise RunError(f"{path}: holds other weights than this release's networks have ({e.args[0]}); train again, or "
                       "use the release that its run.json names") from e
    except (OSError, ValueError, zipfile.BadZipFile) as e:
        raise RunError(f"{path}: cannot be read as weights ({e}); train the style again") from e
