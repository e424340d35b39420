"""Fixtures that several tests share: a few embedded portraits, drawn once a machine, and faces without any picture."""

import fcntl
import gc
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("GLOG_minloglevel", "2")

import cv2
import numpy as np
import pytest
import tensorflow as tf

from stylizer import assets
from stylizer.data.pictures import read_picture, write_picture
from stylizer.errors import AssetError
from stylizer.landmarks.head_pose import GENERIC_HEAD, rotation_from_pose

PORTRAITS = 10

# TensorFlow's graphs are millions of objects: looked through as often as by default, they take a tenth of the time
gc.set_threshold(200_000, 20, 100)

# two logical CPUs, so that one machine can be two replicas; must precede TensorFlow's first use
tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0],
                                           [tf.config.LogicalDeviceConfiguration()] * 2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests first, so that none of them runs alone at the end while the other worker waits."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory) -> Callable[[str, Callable[[Path], None]], Path]:
    """made_once(name, make): a copy of the folder that `make` fills, once for all workers of a run of the tests."""
    base = tmp_path_factory.getbasetemp()
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def copy(name: str, make: Callable[[Path], None]) -> Path:
        made, done = common / f"made-{name}", common / f"made-{name}.done"
        with open(common / f"made-{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(made, ignore_errors=True)
                made.mkdir()
                make(made)
                done.touch()
        return Path(shutil.copytree(made, tmp_path_factory.mktemp(name) / name))

    return copy


@pytest.fixture(scope="session")
def portraits_dir() -> Path:
    """Folder of ten embedded portraits, 512x512 PNG; skips where their generator cannot be fetched."""
    folder = assets.cache_dir() / "test-portraits-1"
    paths = [folder / f"{seed}.png" for seed in range(PORTRAITS)]
    if not all(path.exists() for path in paths):
        from stylizer.data.portraits import PortraitGenerator

        try:
            generator = PortraitGenerator()
        except AssetError as e:
            pytest.skip(f"no portraits: {e}")
        folder.mkdir(parents=True, exist_ok=True)
        for seed, path in enumerate(paths):
            portrait = generator.generate(seed).astype(np.uint16)
            halves = portrait[::2, ::2] + portrait[1::2, ::2] + portrait[::2, 1::2] + portrait[1::2, 1::2]
            write_picture(path, (halves // 4).astype(np.uint8))
    return folder


@pytest.fixture(scope="session")
def portraits(portraits_dir: Path) -> list[np.ndarray]:
    """Ten portraits, uint8 [512, 512, 3]."""
    return [read_picture(portraits_dir / f"{seed}.png") for seed in range(PORTRAITS)]


@pytest.fixture(scope="session")
def small_generator():
    """A nano generator that has not learned anything, with a grain."""
    from stylizer.models.generator import Generator

    tf.keras.utils.set_random_seed(0)
    generator = Generator("nano")
    generator.build_variables()
    generator.grain.assign(tf.random.stateless_normal(generator.grain.shape, [1, 2]))
    return generator


@pytest.fixture(scope="session")
def noise_pictures():
    """Eight smooth coloured pictures, uint8 [64, 64, 3]."""
    coarse = np.random.default_rng(0).integers(0, 256, (8, 5, 5, 3), np.uint8)
    return [cv2.resize(picture, (64, 64), interpolation=cv2.INTER_CUBIC) for picture in coarse]


@pytest.fixture(scope="session")
def small_models(small_generator, noise_pictures) -> dict[str, bytes]:
    """That generator as .tflite files of 64 pixels with metadata: "int8" and "float16"."""
    from stylizer.export.conversion import convert
    from stylizer.export.metadata import add_metadata
    from stylizer.models.pretrained import KINDS
    from stylizer.models.run_folder import style_info

    offset = np.zeros([68, 2], np.float32)
    offset[36:48, 1] = -0.03
    info = replace(style_info({"style": "blots"}, small_generator, "free for any use", "0123456789ab",
                              "eight pictures"), offset=offset)
    return {kind: add_metadata(convert(small_generator, 64, kind, noise_pictures), info) for kind in KINDS}


@pytest.fixture(scope="session")
def face_points():
    """Makes control points float32 [68, 2] of a generic head in a pose, with the eyes `scale` apart."""

    def make(pose=(0.0, 0.0, 0.0), center=(0.5, 0.5), scale=0.2) -> np.ndarray:
        head = GENERIC_HEAD @ rotation_from_pose(*pose).T
        return (head[:, :2] * scale + center).astype(np.float32)

    return make
