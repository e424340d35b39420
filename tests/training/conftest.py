"""Two small prepared datasets of real portraits, and settings that trace fast."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from stylizer.config import Config, load_config
from stylizer.data.datasets import PreparedDataset
from stylizer.data.painters import PAINTERS
from stylizer.data.pictures import list_pictures, read_picture, write_picture
from stylizer.data.preparation import prepare_pictures


@pytest.fixture(scope="session")
def datasets(portraits_dir: Path, tmp_path_factory) -> tuple[PreparedDataset, PreparedDataset]:
    """Photos: the ten portraits. Styles: the same ten painted as sketches, which keeps their geometry."""
    root = tmp_path_factory.mktemp("prepared")
    for path in list_pictures(portraits_dir):
        painted = PAINTERS["sketch"].paint(read_picture(path), 0)
        (root / "painted").mkdir(exist_ok=True)
        write_picture(root / "painted" / path.name, painted)
    prepare_pictures("photos", portraits_dir, root / "photos")
    prepare_pictures("style", root / "painted", root / "styles")
    return PreparedDataset.load(root / "photos"), PreparedDataset.load(root / "styles")


@pytest.fixture
def smoke() -> Callable[..., Config]:
    """The smoke preset with changes: smoke("train.steps=4") -> Config."""

    def make(*overrides: str) -> Config:
        return load_config("smoke", overrides)

    return make


@pytest.fixture
def lean(smoke):
    """Only the terms of every step: traces in seconds. lean("train.steps=4") -> Config."""
    off = [f"loss.{term}=0" for term in ("content", "texture", "local_texture", "cycle", "invariance", "identity",
                                            "r1")]
    return lambda *overrides: smoke(*off, *overrides)


@pytest.fixture
def untraced():
    """Steps are computed operation by operation: for those of a few, tracing takes longer than that."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def random_batch():
    """A made-up batch for `TrainStep`: random pictures of generic faces."""

    def make(count: int, seed: int = 0):
        from stylizer.landmarks.head_pose import GENERIC_HEAD
        from stylizer.training.train_step import Batch

        random = np.random.default_rng(seed)
        face = (GENERIC_HEAD[:, :2] * 0.25 + 0.5).astype(np.float32)
        points = face + random.normal(0, 0.005, (2, count, 68, 2)).astype(np.float32)
        coarse = random.integers(0, 256, (2, count, 16, 16, 3)).astype(np.float32)
        pictures = tf.cast(tf.image.resize(coarse.reshape(-1, 16, 16, 3), (512, 512)), tf.uint8)
        photos, styles = tf.reshape(pictures, (2, count, 512, 512, 3))
        simplified = tf.concat([photos, tf.zeros_like(photos[..., :1])], -1)
        return Batch(photos, simplified, tf.constant(points[0]), styles, tf.constant(points[1]), tf.range(count))

    return make
