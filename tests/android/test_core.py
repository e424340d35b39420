"""The app's core on a desktop's Java, with the real TFLite runtime: its own tests, the Python package's results among
them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "android_demo/core/src/test/kotlin"


@pytest.fixture(scope="session")
def golden(portraits_dir, tmp_path_factory) -> Path:
    """What the Python package makes of twenty scenes."""
    folder = tmp_path_factory.mktemp("golden")
    done = subprocess.run([sys.executable, str(ROOT / "tools/golden_vectors.py"), str(folder), "--portraits",
                           str(portraits_dir)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_core_passes_its_tests_and_agrees_with_the_python_package(core_class_path, golden):
    """Landmarks within 1 %, photos within 35 dB, threads, fallback, damaged models: android_demo/core/src/test."""
    files = sorted(TESTS.rglob("*Test.kt"))
    classes = [".".join(path.relative_to(TESTS).with_suffix("").parts) for path in files]
    count = sum(path.read_text().count("@Test") for path in files)
    done = subprocess.run(["java", f"-Dstylizer.golden={golden}", "-cp", core_class_path, "org.junit.runner.JUnitCore",
                           *classes], capture_output=True, text=True, timeout=600)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (ran := re.search(r"OK \((\d+) tests\)", done.stdout)) and int(ran[1]) == count
