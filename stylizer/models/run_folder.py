"""Layout of a run folder, and the trained generator out of it."""

import json
from pathlib import Path

import numpy as np

from stylizer.config import config_from_dict
from stylizer.errors import RunError
from stylizer.models.generator import Generator
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


def load_generator(run_dir: Path) -> Generator:
    """The trained generator of a run.

    Raises:
      RunError: no run there, or it has not finished.
    """
    config = config_from_dict(read_run(run_dir)["config"], str(run_dir / RUN_FILE))
    path = run_dir / FINAL_WEIGHTS
    if not path.is_file():
        raise RunError(f"{run_dir}: has no {FINAL_WEIGHTS} yet; finish its training by running "
                       "the same `make train` command again")
    generator = Generator(config.model.generator)
    generator.build_variables()
    load_weights(path, {"generator": generator})
    return generator


class RunModel:
    """The network of a run as what draws, beside TFLiteModel: slower, and before export.

    Raises:
      RunError: as `load_generator`.
    """

    side = 512

    def __init__(self, run_dir: Path):
        record = read_run(run_dir)
        self._generator = load_generator(run_dir)
        self.info = StyleInfo(record["style"], "", "", "", np.asarray(record.get("offset", np.zeros([68, 2]))))

    def draw(self, picture: np.ndarray) -> np.ndarray:
        """Draws uint8 [512, 512, 3] RGB; the result is the same."""
        return self._generator.draw(picture)

    def another(self) -> "RunModel":
        return self  # TensorFlow serves several threads
