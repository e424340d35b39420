"""Where a run's first weights come from: chance, the weights that ship with the package, or another run."""

from importlib import resources
from pathlib import Path

from stylizer.errors import RunError
from stylizer.models.run_folder import ALL_WEIGHTS


def warm_start_file(setting: str, style: str, generator: str) -> Path | None:
    """The weights that a run begins with; None to begin at random.

    Args:
      setting: train.warm_start: "auto", "none" or another run's folder.
      style: of the run; a style of the user's own starts from "any".
      generator: "nano" or "base".

    Raises:
      RunError: a folder was named that has no weights.
    """
    if setting == "none":
        return None
    if setting == "auto":
        folder = Path(str(resources.files("stylizer") / "training" / "warm_starts"))
        for name in (style, "any"):
            if (path := folder / f"{name}-{generator}.npz").is_file():
                return path
        return None
    path = Path(setting) / ALL_WEIGHTS
    if not path.is_file():
        raise RunError(f"train.warm_start: {path} is no file; name the folder of a finished run, or none")
    return path
