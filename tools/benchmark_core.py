"""How long the Android app's core takes for a frame on this machine, by stage.

  python tools/benchmark_core.py [PORTRAIT] [--frames 300] [--exaggerate 0.5]

A desktop's Java and a desktop's TFLite in place of a phone's: it says where the time goes and what a change does to it,
not how fast a phone is; for that the app has a benchmark of its own (README). Frames come thirty times a second.
Tracking and drawing run at the same time, so that the slower of the two sets the pace; "delay" is from the camera to
the screen.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from apk.kotlin import compile_core_tests
from apk.steps import Build
from golden_vectors import copy_models, portraits

from stylizer.data.pictures import read_picture, write_picture

SOURCE = Path(__file__).parents[1] / "android_demo"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portrait", type=Path, nargs="?", help="512x512; left out: a generated one")
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--exaggerate", type=float, default=0.0)
    args = parser.parse_args()
    build = Build(SOURCE / "build")
    with build.locked():
        class_path = compile_core_tests(build, SOURCE)
    with tempfile.TemporaryDirectory() as folder:
        copy_models(Path(folder) / "models")
        picture = Path(folder) / "portrait.png"
        write_picture(picture, read_picture(args.portrait) if args.portrait else portraits(None)[0])
        return subprocess.run(["java", f"-Dstylizer.golden={folder}", "-cp", class_path,
                               "dev.stylizer.core.LiveBenchmarkKt", picture, str(args.frames),
                               str(args.exaggerate)]).returncode


if __name__ == "__main__":
    sys.exit(main())
