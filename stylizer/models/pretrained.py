"""Finds exported models by the name of their style: models/<style>/<kind>-<side>.tflite."""

import os
from dataclasses import dataclass
from pathlib import Path

import stylizer
from stylizer.errors import ConfigError, ModelError

THUMBNAIL, CARD = "thumbnail.jpg", "card.md"
KINDS = ("int8", "float16")


def file_name(kind: str, side: int) -> str:
    """Of a model of one of KINDS for pictures of side x side pixels."""
    return f"{kind}-{side}.tflite"


@dataclass(frozen=True)
class ExportedStyle:
    """One folder of exported files."""

    name: str
    folder: Path

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.tflite"))


def model_folders() -> list[Path]:
    """Where styles are looked for: $STYLIZER_MODELS, models/ here, models/ beside the package."""
    own = os.environ.get("STYLIZER_MODELS")
    folders = [Path(own)] if own else []
    return [*folders, Path("models"), Path(stylizer.__file__).parents[1] / "models"]


def exported_styles() -> list[ExportedStyle]:
    """All styles that can be named, by name; where two folders have one name the first folder's counts."""
    found: dict[str, ExportedStyle] = {}
    for parent in model_folders():
        for folder in sorted(parent.iterdir()) if parent.is_dir() else ():
            style = ExportedStyle(folder.name, folder)
            if style.files:
                found.setdefault(folder.name, style)
    return [found[name] for name in sorted(found)]


def find_model(name: str, side: int = 512, kind: str = "float16") -> Path:
    """The file of a style: float16 draws what the network draws, int8 a little worse in half the time.

    Raises:
      ConfigError: `kind` is none of KINDS.
      ModelError: no such style, or none of its files has that size.
    """
    if kind not in KINDS:
        raise ConfigError(f"kind: got {kind!r}; choose one of {', '.join(KINDS)}")
    styles = {style.name: style for style in exported_styles()}
    if name not in styles:
        there = f"there are {', '.join(styles)}" if styles else "there is none yet"
        raise ModelError(f"style: got {name!r}; {there}; train one with `make train STYLE=...` and then `make tflite`")
    path = styles[name].folder / file_name(kind, side)
    if not path.is_file():
        raise ModelError(f"{path}: there is no such file; {name} has "
                         f"{', '.join(file.stem for file in styles[name].files)}")
    return path
