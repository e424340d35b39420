"""Where a run's first weights come from: its data alone, or another run."""

from pathlib import Path

from stylizer.errors import RunError
from stylizer.models.run_folder import ALL_WEIGHTS


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
