"""``stylizer prepare``: where datasets go, what is refused; the exit code and the one line of each mistake."""

import json
import shutil

import numpy as np
import pytest

from stylizer.cli.main import main
from stylizer.data import default_data
from stylizer.data.datasets import PreparedDataset
from stylizer.data.pictures import write_picture
from stylizer.errors import ConfigError, DataError

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def painted(monkeypatch, portraits, face_points):
    """Replaces the portrait network and the painters by pictures that are there already."""

    class Generator:
        def generate(self, seed):
            return portraits[seed % len(portraits)] ^ np.uint8(seed // len(portraits))  # no two are the same

    def make(style, count, folder, detect, photos, workers):
        folder.mkdir(parents=True, exist_ok=True)
        for i in range(count):
            write_picture(folder / f"{i:04d}.png", portraits[i % len(portraits)])
            points = detect(portraits[i % len(portraits)])
            sidecar = {"format": "stylizer-landmarks", "version": 1, "control_points": points.tolist()}
            (folder / f"{i:04d}.json").write_text(json.dumps(sidecar))
        return range(count)

    monkeypatch.setattr("stylizer.data.portraits.PortraitGenerator", Generator)
    monkeypatch.setattr(default_data, "make_style_samples", make)


def _refused(capsys, *arguments):
    assert main(["prepare", *map(str, arguments)]) == 2
    err = capsys.readouterr().err
    (line,) = [line for line in err.splitlines() if line.startswith("stylizer: error: ")]
    assert "Traceback" not in err
    return line


def test_portraits_and_painted_samples(painted, tmp_path, capsys):
    out = tmp_path / "data"
    assert main(["prepare", "--photo-count", "6", "--style", "sketch", "--style-samples", "8", "--out", str(out)]) == 0
    photos, styles = PreparedDataset.load(out / "photos/portraits"), PreparedDataset.load(out / "styles/sketch")
    assert (len(photos), len(styles), photos.kind, styles.kind) == (6, 8, "photos", "style")
    items = json.loads((out / "styles/sketch/manifest.json").read_text())["items"]
    assert {item["mesh_from"] for item in items} == {"sidecar"}
    assert str(out / "photos/portraits/contact_sheet.jpg") in capsys.readouterr().out


@pytest.mark.slow
def test_samples_can_be_painted_over_photos_of_ones_own(portraits_dir, tmp_path, capsys):
    mine = tmp_path / "models"
    shutil.copytree(portraits_dir, mine)
    (mine / "zz-broken.png").write_bytes(b"no picture")
    count = len(list(portraits_dir.glob("*.png")))
    data = tmp_path / "data"
    folder = default_data.prepare_styles("sketch", style_samples=1000, sample_photos=mine, out_dir=data)
    styles = PreparedDataset.load(folder)
    assert len(styles) == count and styles.description == f"{count} sketch samples over models"
    assert folder.name.startswith("sketch-models-") and not (data / "styles" / "sketch").exists()
    assert "left out: zz-broken.png" in capsys.readouterr().out.replace(str(mine) + "/", "")


def test_own_folders_get_datasets_of_their_own(portraits_dir, tmp_path):
    mine = tmp_path / "a" / "faces"
    shutil.copytree(portraits_dir, mine)
    photos, styles = default_data.prepare_both(photos=mine, styles=portraits_dir, out_dir=tmp_path / "data")
    assert photos.parent == tmp_path / "data/photos" and photos.name.startswith("faces-")
    assert styles.parent == tmp_path / "data/styles"
    assert len(PreparedDataset.load(photos)) == len(PreparedDataset.load(styles)) == 10
    assert default_data._own_name(mine) != default_data._own_name(tmp_path / "faces")
    assert default_data._own_name(mine) == default_data._own_name(mine / ".." / "faces")


def test_photos_alone(portraits_dir, tmp_path):
    assert main(["prepare", "--photos", str(portraits_dir), "--out", str(tmp_path / "data")]) == 0
    assert [folder.name for folder in (tmp_path / "data").iterdir()] == ["photos"]


def test_portraits_are_loaded_only_when_one_is_drawn(monkeypatch):
    def never():
        raise AssertionError("the network was loaded")

    monkeypatch.setattr("stylizer.data.portraits.PortraitGenerator", never)
    source = default_data.portrait_source(3, first_seed=5)
    assert [name for name, _ in source] == ["portrait-0000005", "portrait-0000006", "portrait-0000007"]
    with pytest.raises(AssertionError, match="the network was loaded"):
        source[0][1]()


def test_unknown_style_is_told_before_anything_is_drawn(tmp_path, capsys):
    line = _refused(capsys, "--style", "cubism", "--out", tmp_path / "data")
    assert "style: got 'cubism'; choose one of " in line and "sketch" in line and "--styles" in line
    assert not (tmp_path / "data").exists()


def test_mistakes_are_one_line(tmp_path, capsys):
    assert "does not exist" in _refused(capsys, "--photos", tmp_path / "nowhere", "--out", tmp_path / "data")
    (tmp_path / "empty").mkdir()
    assert "no pictures in" in _refused(capsys, "--photos", tmp_path / "empty", "--out", tmp_path / "data")
    write_picture(tmp_path / "empty" / "wall.png", np.full((200, 200, 3), 128, np.uint8))
    assert ("none of the 1 photos pictures" in
            _refused(capsys, "--photos", tmp_path / "empty", "--out", tmp_path / "data"))
    (tmp_path / "file").touch()
    assert "file" in _refused(capsys, "--photos", tmp_path / "empty", "--out", tmp_path / "file")
    assert "photo_count: got 0" in _refused(capsys, "--photo-count", 0, "--out", tmp_path / "data")
    assert "workers: got -1" in _refused(capsys, "--workers", -1, "--out", tmp_path / "data")


def test_too_few_style_pictures(portraits_dir, tmp_path):
    few = tmp_path / "few"
    few.mkdir()
    for seed in range(3):
        shutil.copy(portraits_dir / f"{seed}.png", few)
    with pytest.raises(DataError, match="3 of the 3 style pictures .* at least 8 needed"):
        default_data.prepare_styles(styles=few, out_dir=tmp_path / "data")


def test_more_portraits_than_seeds():
    with pytest.raises(ConfigError, match="photo_count"):
        default_data.portrait_source(2_000_000)
