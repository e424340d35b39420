"""The Android app, built once by the real tools; its tests are skipped where those are not installed."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))  # for the package `apk`

from apk.artifacts import fetch  # noqa: E402
from apk.kotlin import compile_core_tests  # noqa: E402
from apk.package import APK  # noqa: E402
from apk.screen_tests import compile_screen_tests  # noqa: E402
from apk.steps import PACKAGES, Build, BuildError  # noqa: E402

SOURCE = ROOT / "android_demo"


@pytest.fixture(scope="session")
def build_apk() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs tools/build_apk.py with options and, as `env`, an environment; returns its exit code and what it wrote."""

    def run(*options: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "tools/build_apk.py"), *map(str, options)]
        return subprocess.run(command, capture_output=True, text=True, env=env)

    return run


@pytest.fixture(scope="session")
def programs() -> None:
    """Skips where programs are missing that the app is built with."""
    if missing := [name for name in [*PACKAGES, "dexdump"] if name != "adb" and not shutil.which(name)]:
        pytest.skip(f"not installed: {', '.join(missing)}; see tools/install_android_tools.sh")


@pytest.fixture(scope="session")
def artifacts(programs) -> dict[str, Path]:
    """Name -> path of what comes from Maven Central; skips where Maven cannot fetch it."""
    try:
        return fetch(SOURCE / "artifacts")
    except BuildError as e:
        pytest.skip(f"nothing to build with: {e}")


@pytest.fixture(scope="session")
def apk(artifacts, build_apk) -> Path:
    """The app, built in android_demo/build as `make apk` builds it."""
    done = build_apk()
    assert done.returncode == 0, done.stderr
    return SOURCE / "build" / APK


@pytest.fixture(scope="session")
def core_class_path(artifacts) -> str:
    """Class path of the core and its tests: `java -cp ... org.junit.runner.JUnitCore dev.stylizer.core.SomeTest`."""
    build = Build(SOURCE / "build")
    with build.locked():
        return compile_core_tests(build, SOURCE)


@pytest.fixture(scope="session")
def screen_options(apk) -> Path:
    """What runs the app's tests: `java @... org.junit.runner.JUnitCore dev.stylizer.demo.SomeTest`."""
    build = Build(SOURCE / "build")
    try:
        with build.locked():
            return compile_screen_tests(build, SOURCE, apk)
    except BuildError as e:
        if "Maven" not in str(e):
            raise
        pytest.skip(f"nothing to run the app's tests with: {e}")


@pytest.fixture(scope="session")
def golden(portraits_dir, made_once) -> Path:
    """What the Python package makes of twenty scenes."""

    def make(folder: Path) -> None:
        done = subprocess.run([sys.executable, str(ROOT / "tools/golden_vectors.py"), str(folder), "--portraits",
                               str(portraits_dir)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    return made_once("golden", make)


@pytest.fixture(scope="session")
def run_junit() -> Callable[..., None]:
    """Runs all classes `...Test.kt` below a folder with Java's options; asserts that every test ran and passed."""

    def run(sources: Path, *options: object) -> None:
        files = sorted(sources.rglob("*Test.kt"))
        classes = [".".join(path.relative_to(sources).with_suffix("").parts) for path in files]
        count = sum(path.read_text().count("@Test") for path in files)
        done = subprocess.run(["java", *map(str, options), "org.junit.runner.JUnitCore", *classes],
                              capture_output=True, text=True, timeout=900)
        print(done.stdout)
        assert done.returncode == 0, done.stdout + done.stderr
        assert (ran := re.search(r"OK \((\d+) tests\)", done.stdout)) and int(ran[1]) == count

    return run
