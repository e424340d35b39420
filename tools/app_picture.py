"""Makes the README's picture of the Android app, docs/app.jpg, from screens that its tests drew.

  pytest tests/android/test_screen.py
  python tools/app_picture.py android_demo/build/screens
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from stylizer.data.pictures import read_picture, write_picture
from stylizer.errors import DataError

SCREENS = ("shipped-live", "shipped-result", "shipped-land")
HEIGHT_PX, GAP_PX = 800, 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("screens", type=Path, help="folder that the tests wrote into")
    args = parser.parse_args()
    parts: list[np.ndarray] = []
    for name in SCREENS:
        found = sorted(args.screens.rglob(f"{name}.png"))
        if not found:
            raise DataError(f"{args.screens}: holds no {name}.png; run the tests of the screen into it first")
        screen = read_picture(found[-1])
        upright = screen.shape[0] > screen.shape[1]
        scale = HEIGHT_PX / screen.shape[0] if upright else HEIGHT_PX / screen.shape[1]  # one size of phone
        screen = cv2.resize(screen, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        above = (HEIGHT_PX - screen.shape[0]) // 2
        parts.append(cv2.copyMakeBorder(screen, above, HEIGHT_PX - above - screen.shape[0], GAP_PX, GAP_PX,
                                        cv2.BORDER_CONSTANT, value=(255, 255, 255)))
    write_picture(Path(__file__).parents[1] / "docs/app.jpg", np.hstack(parts), quality=90)


if __name__ == "__main__":
    main()
