"""The app's core on a desktop's Java, with the real TFLite runtime: its own tests, the Python package's results among
them."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2] / "android_demo/core/src/test/kotlin"


@pytest.mark.slow
def test_core_passes_its_tests_and_agrees_with_the_python_package(core_class_path, golden, run_junit):
    """Landmarks within 1 %, photos within 35 dB, threads, allocations, fallback, damaged models: core/src/test."""
    # a phone's Java does not find out which objects it need not make
    honest = ["-XX:-DoEscapeAnalysis", "-XX:-EliminateAutoBox"]
    run_junit(TESTS, *honest, f"-Dstylizer.golden={golden}", "-cp", core_class_path)
