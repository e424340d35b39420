"""Rounding of an int8 file's weights: each output channel of a convolution adds up to what it did before.

A kernel that tells how much darker a place is than its surroundings sums to 0, so that an even tone gives nothing.
Rounded one by one its hundred weights sum to something else, and it finds lines where there are none: in `inkpaint`
that was most of what int8 differed from the network by.
"""

from collections.abc import Iterable

import numpy as np
from ai_edge_litert import schema_py_generated as schema


def keep_sums(model: schema.ModelT, kernels: Iterable[np.ndarray]) -> int:
    """Rounds a few weights of the model to the other side, those that are nearest to the middle between two levels.

    Args:
      model: int8, weights of convolutions by output channel; changed.
      kernels: float [h, w, C, D], as the network has them; those that are not in the model, because something was
        folded into them, are left out.

    Returns:
      How many kernels were found.
    """
    found = 0
    for kernel in kernels:
        wanted = kernel.transpose(3, 0, 1, 2)
        for tensor in model.subgraphs[0].tensors:
            if tensor.type != schema.TensorType.INT8 or list(tensor.shape) != list(wanted.shape):
                continue
            buffer, scales = model.buffers[tensor.buffer], tensor.quantization.scale
            if buffer.data is None or len(scales) != len(wanted):
                continue
            exact = wanted / np.maximum(scales, 1e-30)[:, None, None, None]
            levels = np.asarray(buffer.data, np.uint8).view(np.int8).reshape(wanted.shape)
            if np.abs(levels - exact).max() < 0.51:
                rounded = np.stack([_rounded(*channel) for channel in zip(exact, levels, strict=True)])
                buffer.data = np.frombuffer(rounded.tobytes(), np.uint8)
                found += 1
    return found


def _rounded(exact: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """The levels int8 of one output channel, as few as needed changed by 1."""
    missing = round(float(exact.sum())) - int(levels.sum(dtype=np.int64))
    way = int(np.sign(missing))
    cost = -way * (exact - levels).ravel()
    rounded = levels.astype(np.int16).ravel()
    rounded[np.argsort(cost, kind="stable")[:abs(missing)]] += way
    return np.clip(rounded, -127, 127).astype(np.int8).reshape(levels.shape)  # symmetric, as TFLite wants them
