"""Steps of a build: each makes one file or folder, anew only when what it is made from changed."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from stylizer.errors import StylizerError

PACKAGES = {"java": "openjdk-17-jdk-headless", "javac": "openjdk-17-jdk-headless", "keytool": "openjdk-17-jdk-headless",
            "mvn": "maven", "aapt2": "aapt", "zipalign": "zipalign", "apksigner": "apksigner", "adb": "adb"}
JAVA = ["java", "-Xmx1g", "-XX:TieredStopAtLevel=1"]  # half the time: too brief for the optimising compiler
BUILDER = Path(__file__).parent


class BuildError(StylizerError):
    """The app cannot be built; what a compiler had to say of it was printed before."""


class Build:
    """A folder of what is made, with a stamp beside each thing: the hash of what it was made from."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._stamps = folder / "stamps"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One build at a time in this folder; a second one waits."""
        self._stamps.mkdir(parents=True, exist_ok=True)
        with open(self._stamps / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def step(self, name: str, make: Callable[[Path], None], inputs: Iterable[Path], *parameters: str) -> Path:
        """Makes `name` unless it is there and up to date; prints a line with the seconds.

        Args:
          name: of the file or folder in the build folder.
          make: makes it at the path that it is given, which does not exist.
          inputs: files and folders that it is made from; folders that do not exist count as empty.
          parameters: whatever else it depends on; the code of this package always counts.

        Returns:
          its path.
        """
        output, stamp = self.folder / name, self._stamps / name
        made_from = _digest([BUILDER, *inputs], parameters)
        if output.exists() and stamp.exists() and stamp.read_text() == made_from:
            print(f"{name:22} up to date", flush=True)
            return output
        begun = time.perf_counter()
        temporary = self.folder / f".new-{name}"  # the ending stays: tools go by it
        remove(temporary)
        try:
            make(temporary)
            stamp.unlink(missing_ok=True)
            remove(output)
            os.replace(temporary, output)
            stamp.write_text(made_from)
        finally:
            remove(temporary)
        print(f"{name:22} {time.perf_counter() - begun:5.1f} s", flush=True)
        return output


def run(what: str, command: list[str | Path], show: bool = True, noise: tuple[str, ...] = ()) -> str:
    """Runs a program and returns what it wrote to its standard output.

    Args:
      what: of the build, for the error.
      show: print what it wrote, a compiler's warnings; an error is always shown.
      noise: parts of lines that nobody needs to see.

    Raises:
      BuildError: it failed; what it wrote is on standard error.
    """
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    said = "\n".join(line for line in lines if not any(part in line for part in noise))
    if said and (show or done.returncode):
        print(said, file=sys.stderr)
    if done.returncode:
        raise BuildError(f"{what}: {Path(command[0]).name} failed with {done.returncode}, see above")
    return done.stdout


def require_tools(*names: str) -> None:
    """Raises BuildError, a line each, for programs that are not installed."""
    if missing := [name for name in names if not shutil.which(name)]:
        *first, last = [f"{name} is not installed: apt-get install {PACKAGES[name]}" for name in missing]
        for line in first:
            print(f"build_apk: error: {line}", file=sys.stderr)
        raise BuildError(last)


def remove(path: Path) -> None:
    """Removes a file or a folder, if there is one."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@cache
def sha256(path: Path) -> str:
    """Of a file that does not change while we run."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_in(path: Path) -> list[Path]:
    """A file itself, or all that a folder holds, sorted."""
    return sorted(p for p in path.rglob("*") if p.is_file() and p.suffix != ".pyc") if path.is_dir() else [path]


def _digest(inputs: list[Path], parameters: tuple[str, ...]) -> str:
    lines = [f"{file.relative_to(path)} {sha256(file)}" for path in inputs if path.exists() for file in files_in(path)]
    return hashlib.sha256("\n".join([*lines, *parameters]).encode()).hexdigest()
