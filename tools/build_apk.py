"""Builds the Android app, or what its tests need, without Gradle, Google's SDK or its Maven repository.

  python tools/build_apk.py                  # android_demo/build/stylizer-demo.apk
  python tools/build_apk.py --install        # and onto the connected device
  python tools/build_apk.py --core-tests     # android_demo/build/core-tests.classpath
  python tools/build_apk.py --screen-tests   # the app and android_demo/build/screen-tests.options

Programs come from Debian (tools/install_android_tools.sh), jars from Maven Central; a second build makes only what
changed.
"""

import argparse
import sys
from pathlib import Path

from apk.kotlin import compile_core_tests
from apk.package import build_apk, install
from apk.screen_tests import compile_screen_tests
from apk.steps import Build, require_tools

from stylizer.errors import StylizerError

ROOT = Path(__file__).parents[1]
TOOLS = ("java", "javac", "keytool", "aapt2", "zipalign", "apksigner")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--core-tests", action="store_true", help="compile the core and its tests for this machine")
    parser.add_argument("--screen-tests", action="store_true", help="compile tests of the app for this machine, too")
    parser.add_argument("--install", action="store_true", help="onto the device that adb sees")
    parser.add_argument("--source", type=Path, default=ROOT / "android_demo", help="holds app, core and artifacts")
    parser.add_argument("--build", type=Path, help="where all is made; left out: build in the source folder")
    parser.add_argument("--models", type=Path, default=ROOT / "models", help="holds a folder a style")
    args = parser.parse_args()
    source = args.source.absolute()
    build = Build((args.build or source / "build").absolute())
    try:
        with build.locked():
            if args.core_tests:
                require_tools("java")
                compile_core_tests(build, source)
                return 0
            require_tools(*TOOLS, *(["adb"] if args.install else []))
            apk = build_apk(build, source, args.models, ROOT / "setup.cfg")
            if args.screen_tests:
                compile_screen_tests(build, source, apk)
        if args.install:
            install(apk)
    except StylizerError as e:
        print(f"build_apk: error: {e}", file=sys.stderr)
        return 2
    except OSError as e:  # a full disk, a folder that nobody may write to
        print(f"build_apk: error: {e}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
