"""The app's real screen, drawn on this machine by Android's own code (Robolectric)."""

import shutil
from pathlib import Path

import cv2
import pytest

TESTS = Path(__file__).parents[2] / "android_demo/app/src/test/kotlin"


@pytest.mark.slow
def test_app_passes_its_tests(screen_options, golden, run_junit, tmp_path):
    """Layouts on phones and tablets, touches, rotation, permission, camera, saving: android_demo/app/src/test."""
    screens = screen_options.parent / "screens"  # to be looked at
    shutil.rmtree(screens, ignore_errors=True)
    screens.mkdir()
    run_junit(TESTS, f"@{screen_options}", f"-Djava.io.tmpdir={tmp_path}", f"-Dstylizer.golden={golden}",
              f"-Dstylizer.screens={screens}")
    assert {"phone-live.png", "phone-land-result.png"} <= {path.name for path in screens.iterdir()}
    assert cv2.imread(str(screens / "phone-live.png")).std() > 30  # something is on it
