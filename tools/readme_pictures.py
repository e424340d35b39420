"""Makes the README's pictures: faces of the embedded generator, never anybody's photo.

  python tools/readme_pictures.py --run runs/sketch-quick

writes docs/STYLE.jpg (held-out portraits over how the run draws them), docs/options.jpg (what the options of
`stylizer stylize` do, with the shipped model) and docs/control_points.jpg (the 68 points by which pictures are aligned,
numbered).
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from stylizer.data.contact_sheet import contact_sheet, in_rows
from stylizer.data.datasets import PreparedDataset
from stylizer.data.pictures import write_picture
from stylizer.errors import DataError
from stylizer.inference.stylizer import Stylizer
from stylizer.landmarks.topology import draw_control_points
from stylizer.models.run_folder import load_generator, read_run

OPTIONS: dict[str, dict] = {
    "drawn": {}, "--background plain": {"background": "plain"}, "--background blur": {"background": "blur"},
    "--keep-color 0.8": {"keep_color": 0.8}, "--strength 0.5": {"strength": 0.5}, "--exaggerate 1": {"exaggerate": 1.0},
    "--exaggerate -1": {"exaggerate": -1.0},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--faces", type=int, nargs="+", default=[0, 1, 2, 3, 4], help="which held-out portraits")
    args = parser.parse_args()
    portraits = PreparedDataset.load(args.data / "photos" / "portraits")
    if not portraits.names[0].startswith("portrait-"):
        raise DataError(f"{portraits.folder}: does not hold embedded portraits")
    chosen = portraits.indices("heldout")[args.faces]
    generator, style = load_generator(args.run), read_run(args.run)["style"]
    faces = portraits.images(chosen)
    docs = Path(__file__).parent.parent / "docs"
    sheet = contact_sheet([list(faces), [generator.draw(portrait) for portrait in faces]], cell_px=320)
    write_picture(docs / f"{style}.jpg", sheet)

    middle = len(chosen) // 2
    face = faces[middle]
    pictures = [face, *(Stylizer.from_pretrained(style, **options)(face) for options in OPTIONS.values())]
    labels = ["photo", *OPTIONS]
    write_picture(docs / "options.jpg", contact_sheet(
        in_rows(pictures, 4), captions=[labels[i:i + 4] for i in range(0, len(labels), 4)], cell_px=300), quality=90)
    large = cv2.resize(face, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    numbered = draw_control_points(large, portraits.points[chosen[middle]].astype(np.float64), numbered=True)
    write_picture(docs / "control_points.jpg", numbered, quality=85)
    print(f"{docs / style}.jpg, {docs / 'options.jpg'}, {docs / 'control_points.jpg'}")


if __name__ == "__main__":
    main()
