"""What alignment costs: the training step with all four uses of splines against the same step with none.

Both steps are built from one preset, fed the same made-up batch, and run in
turns within one process; a turn is sixteen steps, so that each rare term is
taken as often as in training. Prints medians and their ratio. Goal: 1.25.

  python tools/benchmark_alignment.py [--preset quick] [--turns 5]
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from stylizer.config import load_config
from stylizer.landmarks.head_pose import GENERIC_HEAD
from stylizer.losses.grain import Grain
from stylizer.losses.tone import LEVELS, fit_tone_curve
from stylizer.training.networks import Networks
from stylizer.training.strategy import create_strategy
from stylizer.training.train_step import Batch, TrainStep
from stylizer.training.trainer import compile_step

TURN = 16
USES = ("pixel_global", "pixel_local", "feature", "invariance")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    args = parser.parse_args()

    runs = {}
    for name, overrides in (("aligned", []), ("unaligned", [f"alignment.{use}=false" for use in USES])):
        config = load_config(args.preset, [*args.set, "train.warm_up=0", *overrides])
        strategy = create_strategy()
        curve = fit_tone_curve(*np.random.default_rng(0).random((2, 500, 3)).astype(np.float32))
        grain = Grain(np.zeros((256, 256), np.float32), np.zeros(LEVELS, np.float32))
        with strategy.scope():
            networks = Networks(config)
            step = TrainStep(config, networks, curve, curve, grain)
            done = tf.Variable(0, dtype=tf.int64, trainable=False)
        runs[name] = compile_step(strategy, step, networks, done, config)
    batch = _batch(config.train.global_batch_size)
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(args.turns + 1):
        for name, run_step in runs.items():
            start = time.perf_counter()
            for i in range(TURN):
                metrics = run_step(batch, tf.constant(turn * TURN + i))
            float(metrics["generator_loss"])
            if turn:  # the first one traces
                seconds[name].append((time.perf_counter() - start) / TURN)
    medians = {name: float(np.median(s)) for name, s in seconds.items()}
    for name, median in medians.items():
        print(f"{name:10} {1000 * median:7.0f} ms a step")
    print(f"ratio      {medians['aligned'] / medians['unaligned']:7.2f}")


def _batch(count: int) -> Batch:
    random = np.random.default_rng(0)
    photos, styles = random.integers(0, 256, (2, count, 512, 512, 3), dtype=np.uint8)
    simplified = np.concatenate([photos, np.zeros_like(photos[..., :1])], -1)
    face = (GENERIC_HEAD[:, :2] * 0.25 + 0.5).astype(np.float32)
    points = face + random.normal(0, 0.01, (2, count, 68, 2)).astype(np.float32)
    return Batch(tf.constant(photos), tf.constant(simplified), tf.constant(points[0]), tf.constant(styles),
                 tf.constant(points[1]), tf.range(count))


if __name__ == "__main__":
    main()
