"""Layout of a run folder, and the trained generator out of it."""

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

from stylizer.config import ModelConfig, config_from_dict
from stylizer.errors import RunError
from stylizer.models.generator import Generator, brushes_of
from stylizer.models.strokes import Strokes
from stylizer.models.tflite_model import StyleInfo
from stylizer.models.weights import load_weights

RUN_FILE = "run.json"  # style, datasets, config, versions
FINAL_WEIGHTS = "generator.npz"  # the moving-average generator, the result
ALL_WEIGHTS = "networks.npz"  # all networks, for warm starts


def read_run(run_dir: Path) -> dict:
    """The record of a run: style, photos, styles (fingerprints), config, versions, datasets.

    Raises:
      RunError: there is none, or it is damaged.
    """
    path = run_dir / RUN_FILE
    try:
        record = json.loads(path.read_text())
    except OSError as e:
        raise RunError(f"{run_dir}: is no run folder, {RUN_FILE} cannot be read ({(e.strerror or str(e)).lower()}); "
                       "name a folder that `stylizer train` made") from e
    except ValueError as e:
        raise RunError(f"{path}: is no JSON ({e}); remove the folder and train again") from e
    if not isinstance(record, dict) or "config" not in record:
        raise RunError(f"{path}: has no config; name a folder that `stylizer train` made")
    return record


def model_config(run_dir: Path) -> ModelConfig:
    """What a run's networks are.

    Raises:
      RunError: no run there. ConfigError: it is of another release, or damaged.
    """
    # only what the weights need: settings of the training itself may have other names in another release
    found = read_run(run_dir)["config"]
    model = {"model": found["model"]} if isinstance(found, dict) and "model" in found else found
    return config_from_dict(model, str(run_dir / RUN_FILE)).model


def load_generator(run_dir: Path) -> Generator:
    """The trained generator of a run.

    Raises:
      RunError: no run there, or it has not finished. ConfigError: see `model_config`.
    """
    model = model_config(run_dir)
    path = run_dir / FINAL_WEIGHTS
    if not path.is_file():
        raise RunError(f"{run_dir}: has no {FINAL_WEIGHTS} yet; finish its training by running "
                       "the same `make train` command again")
    generator = Generator(model.generator, brushes=brushes_of(model.laid))
    generator.build_variables()
    load_weights(path, {"generator": generator})
    return generator


def style_info(record: dict, generator: Generator, licence: str, run: str, data: str) -> StyleInfo:
    """What a model file says of a run; `record` as `read_run` gives it."""
    noise = tf.nn.depth_to_space(generator.grain, 2).numpy()[0, :, :, 0]
    scale = max(float(np.abs(noise).max()), 1e-6) / 127.0
    offset = np.asarray(record.get("offset", np.zeros([68, 2])), np.float32)
    return StyleInfo(record["style"], licence, run, data, offset, np.rint(noise / scale).astype(np.int8), scale)


class RunModel:
    """The network of a run as what draws, beside TFLiteModel: slower, and before export.

    Raises:
      RunError: as `load_generator`.
    """

    side = 512

    def __init__(self, run_dir: Path):
        record = read_run(run_dir)
        self.generator = load_generator(run_dir)
        self.info = style_info(record, self.generator, "", "", "")
        self._strokes = Strokes(self.info.grain, self.info.grain_scale, self.side)

    def draw(self, picture: np.ndarray, moved: np.ndarray | None = None) -> np.ndarray:
        """Draws uint8 [512, 512, 3] RGB; the result is the same. `moved` as in TFLiteModel."""
        return self.generator.draw(picture, self._strokes.under(moved)[None])

    def another(self) -> "RunModel":
        return self  # TensorFlow serves several threads
