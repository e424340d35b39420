"""Pinned files from Maven Central: fetched once by the user's own Maven, checked, cached."""

import subprocess
import tempfile
from pathlib import Path

from apk.steps import BuildError, require_tools, sha256
from stylizer.assets import cache_dir

CACHE = "android"  # folder in the cache


def fetch(folder: Path, what: str = "what the Android app is built with (220 MB, once)") -> dict[str, Path]:
    """Makes sure that the files are in the cache and are what they should be.

    Args:
      folder: holds `pom.xml`, which says what to fetch, and `sha256sums`.
      what: that is, for the user who waits for it.

    Returns:
      file name -> path, for all in `sha256sums`.

    Raises:
      BuildError: Maven could not get them, or one has another hash.
    """
    lines = (folder / "sha256sums").read_text().splitlines()
    sums = {name: expected for expected, name in (line.split() for line in lines)}
    cache = cache_dir() / CACHE
    cached = {name: cache / name for name in sums}
    if all(path.is_file() and sha256(path) == sums[name] for name, path in cached.items()):
        return cached
    require_tools("java", "mvn")
    print(f"fetching {what}", flush=True)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as tmp:
            _copy_dependencies(folder / "pom.xml", Path(tmp))
            for name, expected in sums.items():
                fetched = Path(tmp) / name
                if not fetched.is_file():
                    raise BuildError(f"{folder / 'pom.xml'} does not fetch {name}, which sha256sums lists")
                if (received := sha256(fetched)) != expected:
                    raise BuildError(f"{name} has sha256 {received}, expected {expected}; the repository that Maven "
                                     "asks serves another file than the one this release was made with")
            for name, path in cached.items():
                (Path(tmp) / name).replace(path)
    except OSError as e:
        raise BuildError(f"cannot store the files that the app is built with in {cache}: {e}; "
                         "free some space or set STYLIZER_CACHE to another folder") from e
    sha256.cache_clear()
    return cached


def _copy_dependencies(pom: Path, into: Path) -> None:
    command = ["mvn", "-B", "-q", "-Dstyle.color=never", "-f", str(pom), "dependency:copy-dependencies",
               f"-DoutputDirectory={into}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        errors = [line.partition("[ERROR] ")[2] for line in done.stdout.splitlines() if "[ERROR] " in line]
        reason = errors[0] if errors else done.stderr or "it does not say why"
        raise BuildError(f"Maven could not fetch what the app is built with: {reason}; "
                         "check the network and ~/.m2/settings.xml")
