"""Where a run's first weights come from: its data alone, or another run."""

import dataclasses
from pathlib import Path

from stylizer.config import ModelConfig
from stylizer.errors import RunError
from stylizer.models.run_folder import ALL_WEIGHTS, RUN_FILE, model_config, read_run


def warm_start_file(setting: str) -> Path | None:
    """The weights that a run begins with; None for none.

    Args:
      setting: train.warm_start: "none" or another run's folder.

    Raises:
      RunError: a folder was named that has no weights.
    """
    if setting == "none":
        return None
    path = Path(setting) / ALL_WEIGHTS
    if not path.is_file():
        raise RunError(f"train.warm_start: {path} is no file; name the folder of a finished run, or none")
    return path


def require_same_networks(setting: str, model: ModelConfig) -> None:
    """Checks that a run that begins with another's weights has that one's networks.

    Raises:
      RunError: it is asked for others.
    """
    path = warm_start_file(setting)
    if path is None or not (path.parent / RUN_FILE).is_file():
        return
    there, asked = (dataclasses.asdict(each) for each in (model_config(path.parent), model))
    for key, value in asked.items():
        if there[key] != value:
            raise RunError(f"train.warm_start: {path.parent} has model.{key}={there[key]}, {value} is asked for; set "
                           "it alike, or name another run")


def began_with(setting: str) -> list[dict[str, str]]:
    """Descriptions of the datasets that the first weights had learned from already, of each run before this one."""
    path = warm_start_file(setting)
    if path is None or not (path.parent / RUN_FILE).is_file():
        return []
    record = read_run(path.parent)
    return [record["datasets"], *record.get("began_with", [])] if "datasets" in record else []
