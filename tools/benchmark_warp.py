"""Times our thin-plate-spline warp against TensorFlow Addons' `sparse_image_warp`.

Forward and backward (gradients in image and points) at 256x256x3, 68 control
points plus the same 8 fixed border points, batch 8, each inside a
`tf.function`. The runs are interleaved, so that a change of load meets both.

    python tools/benchmark_warp.py [--repeats 15] [--jit] [--json result.json]
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable

import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa

from stylizer.layers import ThinPlateSplineWarp


def control_points(rng: np.random.Generator, batch: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Source points spread over the middle of the frame and their displaced targets, normalised [B, K, 2]."""
    side = int(np.ceil(np.sqrt(count)))
    ticks = np.linspace(0.2, 0.8, side)
    grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)[:count]
    source = grid + rng.normal(0.0, 0.01, (batch, count, 2))
    return source.astype(np.float32), (source + rng.normal(0.0, 0.01, source.shape)).astype(np.float32)


def addons_warp(size: int) -> Callable:
    """`sparse_image_warp` on normalised (x, y) points."""

    def pixels(points: tf.Tensor) -> tf.Tensor:
        return points[..., ::-1] * size - 0.5

    def warp(images: tf.Tensor, source: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        return tfa.image.sparse_image_warp(images, pixels(source), pixels(target), num_boundary_points=2)[0]

    return warp


def with_gradients(warp: Callable, jit: bool) -> Callable:
    """A compiled function that runs `warp` and its gradient in image and points."""

    @tf.function(jit_compile=jit)
    def run(images: tf.Tensor, source: tf.Tensor, target: tf.Tensor, upstream: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch([images, source, target])
            warped = warp(images, source, target)
        return [warped, *tape.gradient(warped, [images, source, target], output_gradients=upstream)]

    return run


def measure(candidates: dict[str, Callable], arguments: list[tf.Tensor], repeats: int) -> dict[str, float]:
    """Median milliseconds of each candidate, all of them in turn `repeats` times."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for repeat in range(repeats + 2):
        for name, function in candidates.items():
            start = time.perf_counter()
            _ = [tensor.numpy() for tensor in function(*arguments)]
            if repeat >= 2:  # the first two trace and warm up
                times[name].append(1e3 * (time.perf_counter() - start))
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", type=int, default=256, help="side of the pictures in pixels")
    parser.add_argument("--points", type=int, default=68)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--jit", action="store_true", help="compile both with XLA")
    parser.add_argument("--json", help="also write the numbers to this file")
    options = parser.parse_args()

    rng = np.random.default_rng(0)
    shape = (options.batch, options.size, options.size, 3)
    images, upstream = (tf.constant(rng.uniform(size=shape), tf.float32) for _ in range(2))
    source, target = map(tf.constant, control_points(rng, options.batch, options.points))
    ours = ThinPlateSplineWarp(regularization=0.0)
    median_ms = measure(
        {"addons": with_gradients(addons_warp(options.size), options.jit),
         "ours": with_gradients(lambda *inputs: ours(inputs), options.jit)},
        [images, source, target, upstream], options.repeats)
    result = {**vars(options), "devices": [d.device_type for d in tf.config.list_physical_devices()],
              "median_ms": median_ms, "times_faster": median_ms["addons"] / median_ms["ours"]}
    del result["json"]
    for name, value in median_ms.items():
        print(f"{name:8} {value:9.1f} ms")
    print(f"ours is {result['times_faster']:.1f} times faster")
    if options.json:
        with open(f"{options.json}.tmp", "w") as file:
            json.dump(result, file, indent=2)
        os.replace(f"{options.json}.tmp", options.json)


if __name__ == "__main__":
    main()
