"""Where a run computes: one device, all GPUs, several machines, a TPU."""

import json
import os
from pathlib import Path

import tensorflow as tf

from stylizer.config import TrainConfig
from stylizer.errors import ConfigError


def create_strategy(devices: list[str] | None = None) -> tf.distribute.Strategy:
    """Chooses the strategy by what is there. To be called before TensorFlow computes anything, which fixes its devices.

    Several machines if TF_CONFIG names workers, a TPU if TPU_NAME is set, all
    GPUs of this machine if it has more than one, else its one device.

    Args:
      devices: mirrors over these devices instead (logical CPUs in tests, or some of the GPUs).

    Raises:
      ConfigError: TF_CONFIG is no JSON.
    """
    if devices:
        return tf.distribute.MirroredStrategy(devices)
    if cluster := os.environ.get("TF_CONFIG"):
        try:
            tasks = json.loads(cluster).get("cluster", {})
            workers = [*tasks.get("chief", []), *tasks.get("worker", [])]
        except (ValueError, AttributeError) as e:
            raise ConfigError(f"TF_CONFIG: not a JSON object ({e}); unset it to train on this machine alone") from e
        if len(workers) > 1:
            return tf.distribute.MultiWorkerMirroredStrategy()
    if name := os.environ.get("TPU_NAME"):
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(name)
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    if len(gpus) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.OneDeviceStrategy("/gpu:0" if gpus else "/cpu:0")


def worker_run_dir(strategy: tf.distribute.Strategy, run_dir: Path) -> Path:
    """The run folder of this worker: `run_dir` for the first or only one, a sibling ending in .workerN for others.

    The first is the chief, if the cluster has one. All workers hold the same variables, so each keeps a complete run of
    its own and needs no shared disk.
    """
    resolver = strategy.cluster_resolver
    if resolver is None or resolver.task_type != "worker":
        return run_dir
    follows_a_chief = "chief" in resolver.cluster_spec().jobs
    is_first = not resolver.task_id and not follows_a_chief
    return run_dir if is_first else run_dir.with_name(f"{run_dir.name}.worker{resolver.task_id}")


def default_preset() -> str:
    """"full" where there is an accelerator, "quick" elsewhere."""
    return "full" if tf.config.list_physical_devices("GPU") or os.environ.get("TPU_NAME") else "quick"


def precision_policy(precision: str) -> str:
    """The Keras policy for train.precision. bfloat16 needs no loss scaling; CPUs and older GPUs stay in float32."""
    if precision != "auto":
        return precision
    if os.environ.get("TPU_NAME"):
        return "mixed_bfloat16"
    gpus = tf.config.list_physical_devices("GPU")
    capability = [tf.config.experimental.get_device_details(g).get("compute_capability", (0, 0)) for g in gpus]
    return "mixed_bfloat16" if gpus and min(capability) >= (8, 0) else "float32"


def use_xla(train: TrainConfig, strategy: tf.distribute.Strategy) -> bool:
    """Whether the whole step is compiled by XLA. On several replicas it is not: batch norm talks in mid-step."""
    if train.jit == "auto":
        accelerated = bool(tf.config.list_physical_devices("GPU"))
        return accelerated and strategy.num_replicas_in_sync == 1
    if train.jit == "always" and strategy.num_replicas_in_sync > 1:
        raise ConfigError(f"train.jit: got 'always' with {strategy.num_replicas_in_sync} replicas; "
                          "XLA compiles the step on one device only, use auto or never")
    return train.jit == "always"
