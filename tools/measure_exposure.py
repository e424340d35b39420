"""What a dim photo costs a drawing, and what --expose gives back.

Photos are darkened to a share of their light, drawn as they are and evened out, and compared with what our painter
paints of them undarkened: LPIPS over that of the undarkened photos (1: nothing done).

  python tools/measure_exposure.py PHOTOS [--styles sketch inkpaint watercolor] [--photos 16] [--light 0.35]
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import numpy as np
from tqdm import tqdm

from stylizer.data.painters import PAINTERS
from stylizer.data.pictures import list_pictures, read_picture
from stylizer.errors import ConfigError, DataError, StylizerError
from stylizer.evaluation.fidelity import perceptual_distances
from stylizer.inference.stylizer import Stylizer

STRENGTHS = (0.0, 0.5, 1.0)
LONGER_SIDE_PX = 512


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="PHOTOS")
    parser.add_argument("--styles", nargs="+", default=["sketch", "inkpaint", "watercolor"], choices=sorted(PAINTERS))
    parser.add_argument("--photos", type=int, default=16, help="how many of them, evenly spread (default 16)")
    parser.add_argument("--light", type=float, default=0.35, help="of the darkened ones, 0 to 1 (default 0.35)")
    args = parser.parse_args()
    if not 0 < args.light <= 1:
        raise ConfigError(f"light: got {args.light}; it must lie above 0 and not above 1")
    names = list_pictures(args.folder)
    if not names:
        raise DataError(f"{args.folder}: holds no pictures; name a folder of photos")
    photos = [_small(read_picture(names[n]))
              for n in np.unique(np.linspace(0, len(names) - 1, args.photos).round().astype(int))]
    lights = {"as they are": photos, f"at {args.light:g} of the light": [_darkened(p, args.light) for p in photos]}
    detector = Stylizer.from_pretrained(args.styles[0])
    faces = {light: [detector.detect(photo) for photo in seen] for light, seen in lights.items()}
    print(f"| LPIPS over nothing done, {len(photos)} photos | "
          + " | ".join(f"{light}, --expose {strength:g}" for light in lights for strength in STRENGTHS) + " |")
    print("|---" * (1 + len(lights) * len(STRENGTHS)) + "|")
    for style in args.styles:
        painted = [PAINTERS[style].paint(photo, 0) for photo in photos]
        nothing = np.mean(perceptual_distances(list(zip(photos, painted, strict=True))))
        stylizers = [Stylizer.from_pretrained(style, expose=strength) for strength in STRENGTHS]
        cells = []
        for light, seen in lights.items():
            for stylizer in stylizers:
                couples = zip(tqdm(seen, desc=style, leave=False), faces[light], strict=True)
                drawn = [stylizer.draw(photo, found) for photo, found in couples]
                cells.append(np.mean(perceptual_distances(list(zip(drawn, painted, strict=True)))) / nothing)
        print(f"| `{style}` | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |", flush=True)


def _small(photo: np.ndarray) -> np.ndarray:
    scale = LONGER_SIDE_PX / max(photo.shape)
    return np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _darkened(photo: np.ndarray, light: float) -> np.ndarray:
    return np.rint(light * photo).astype(np.uint8)


if __name__ == "__main__":
    try:
        main()
    except StylizerError as e:
        print(f"measure_exposure: error: {e}", file=sys.stderr)
        sys.exit(2)
