"""A run as a user would make it, as short as can be."""

from pathlib import Path

import pytest

from stylizer.cli.main import main
from stylizer.data.painters import PAINTERS
from stylizer.data.pictures import list_pictures, read_picture, write_picture

LEAN = [f"loss.{term}=0" for term in ("content", "texture", "cycle", "invariance", "identity", "r1")]


@pytest.fixture(scope="session")
def style_dir(portraits_dir, tmp_path_factory):
    """Ten sketches as a user would bring them: pictures in a folder."""
    folder = tmp_path_factory.mktemp("prints")
    for path in list_pictures(portraits_dir):
        write_picture(folder / path.name, PAINTERS["sketch"].paint(read_picture(path), 0))
    return folder


@pytest.fixture(scope="session")
def finished_run(portraits_dir, style_dir, made_once):
    """Folder of a finished run of style "mine"; its data are in data/ beside it."""

    def make(root: Path) -> None:
        settings = ["train.steps=2", *LEAN]
        assert main(["train", "--preset", "smoke", "--style", "mine", "--photos", str(portraits_dir),
                     "--styles", str(style_dir), "--run", str(root / "run"), "--data", str(root / "data"),
                     *[word for setting in settings for word in ("--set", setting)]]) == 0

    return made_once("work", make) / "run"
