"""Makes the README's pictures: faces of the embedded generator, never anybody's photo.

  python tools/readme_pictures.py --run runs/sketch-quick

writes docs/STYLE.jpg (held-out portraits over how the run draws them), docs/styles.jpg (the same over what all
shipped styles make of them), docs/options.jpg (what the options of `stylizer stylize` do, with the shipped model) and
docs/control_points.jpg (the 68 points by which pictures are aligned, numbered). Without a run only docs/styles.jpg.
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
from stylizer.models.pretrained import exported_styles
from stylizer.models.run_folder import load_generator, read_run

OPTIONS: dict[str, dict] = {
    "drawn": {}, "--background plain": {"background": "plain"}, "--background blur": {"background": "blur"},
    "--keep-color 0.8": {"keep_color": 0.8}, "--strength 0.5": {"strength": 0.5}, "--exaggerate 1": {"exaggerate": 1.0},
    "--exaggerate -1": {"exaggerate": -1.0},
}
DIM = 0.35  # of the light
DIM_OPTIONS: dict[str, dict] = {
    "dim, drawn": {}, "--expose 0.5": {"expose": 0.5}, "--expose 1": {"expose": 1.0},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--faces", type=int, nargs="+", default=[0, 1, 2, 3, 4], help="which held-out portraits")
    args = parser.parse_args()
    portraits = PreparedDataset.load(args.data / "photos" / "portraits")
    if not portraits.names[0].startswith("portrait-"):
        raise DataError(f"{portraits.folder}: does not hold embedded portraits")
    chosen = portraits.indices("heldout")[args.faces]
    faces = list(portraits.images(chosen))
    _write("styles.jpg", _every_style(faces))
    if args.run:
        style, generator = read_run(args.run)["style"], load_generator(args.run)
        _write(f"{style}.jpg", contact_sheet([faces, [generator.draw(face) for face in faces]], cell_px=320))
        middle = len(faces) // 2
        _write("options.jpg", _options(style, faces[middle]))
        points = portraits.points[chosen[middle]].astype(np.float64)
        large = cv2.resize(faces[middle], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        _write("control_points.jpg", draw_control_points(large, points, numbered=True))


def _every_style(faces: list[np.ndarray]) -> np.ndarray:
    styles = [exported.name for exported in exported_styles()]
    stylizers = [Stylizer.from_pretrained(style) for style in styles]
    drawn = [[_drawn(stylizer, face) for face in faces] for stylizer in stylizers]
    return contact_sheet([faces, *drawn], row_labels=["photo", *styles], cell_px=240)


def _options(style: str, face: np.ndarray) -> np.ndarray:
    dim = np.rint(DIM * face).astype(np.uint8)
    pictures = [picture for photo, every in ((face, OPTIONS), (dim, DIM_OPTIONS))
                for picture in (photo, *(_drawn(Stylizer.from_pretrained(style, **options), photo)
                                         for options in every.values()))]
    labels = ["photo", *OPTIONS, "a dim photo", *DIM_OPTIONS]
    return contact_sheet(in_rows(pictures, 4), captions=[labels[i:i + 4] for i in range(0, len(labels), 4)],
                         cell_px=300)


def _drawn(stylizer: Stylizer, face: np.ndarray) -> np.ndarray:
    drawn = stylizer(face)
    assert isinstance(drawn, np.ndarray)  # the faces were not asked for
    return drawn


def _write(name: str, picture: np.ndarray) -> None:
    path = Path(__file__).parent.parent / "docs" / name
    write_picture(path, picture, quality=88)
    print(path)


if __name__ == "__main__":
    main()
