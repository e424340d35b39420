"""``stylizer export --run DIR``: .tflite files of a trained style, checked and compared, into models/."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", type=Path, required=True, metavar="DIR", help="folder of a finished training run")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (default models/STYLE)")
    parser.add_argument("--photos", type=Path, metavar="DIR",
                        help="photos to calibrate on; the embedded portraits if left out")
    parser.add_argument("--compare", type=Path, metavar="DIR",
                        help="photos to compare the files with the network on; held-out ones if left out")
    parser.add_argument("--thumbnail", type=Path, metavar="PHOTO",
                        help="portrait whose drawing is the thumbnail; a held-out photo if left out")
    parser.add_argument("--licence", metavar="TEXT", help="of the weights; told from the training data if left out")
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help="prepared data (default data)")
    parser.add_argument("--workers", type=int, default=2, help="threads that prepare photos (default 2)")


def run(args: argparse.Namespace) -> int:
    """Exit code 0; 1 if a file does not draw what the network draws."""
    from stylizer.data.datasets import PreparedDataset
    from stylizer.data.default_data import prepare_photos
    from stylizer.export.export import export_run
    from stylizer.export.parity import REQUIRED_DB
    from stylizer.models.run_folder import load_generator, read_run

    load_generator(args.run)  # before minutes go into photos
    out_dir = args.out or Path("models") / read_run(args.run)["style"]

    def prepared(folder: Path | None) -> PreparedDataset:
        return PreparedDataset.load(prepare_photos(folder, out_dir=args.data, workers=args.workers))

    report = export_run(args.run, prepared(args.photos), prepared(args.compare) if args.compare else None, out_dir,
                        args.licence, _cut(args.thumbnail) if args.thumbnail else None)
    print(f"{'file':20} {'parameters':>10} {'GMAC':>6} {'kB':>6} {'activations kB':>14} {'PSNR dB':>8} {'least':>6}")
    for name, f in report["files"].items():
        print(f"{name:20} {f['parameters']:10,} {f['macs'] / 1e9:6.2f} {f['bytes'] / 1e3:6.0f} "
              f"{f['peak_live_bytes'] / 1e3:14.0f} {f['psnr_median_db']:8.1f} {f['psnr_least_db']:6.1f}")
    print(f"model          {out_dir}   (card.md, report.json)")
    print(f"look at        {args.run / 'parity-512.jpg'}   (photo, network, files)")
    print(f"draw a photo   stylizer stylize PHOTO OUT.png --style {out_dir.name}")
    poor = [name for name, f in report["files"].items() if f["psnr_median_db"] < REQUIRED_DB]
    if poor:
        print(f"below {REQUIRED_DB:.0f} dB: {', '.join(poor)}; look at the sheet before you use them")
    return 1 if poor else 0


def _cut(path: Path) -> "np.ndarray":
    """The face of a picture as photos are prepared: uint8 [512, 512, 3]."""
    from stylizer.data.aligned_crop import cut_aligned
    from stylizer.data.pictures import PictureError, read_picture
    from stylizer.export.export import SIDES
    from stylizer.geometry.face_alignment import aligned_crop_transform
    from stylizer.landmarks.mediapipe_detector import FaceDetector

    picture = read_picture(path)
    with FaceDetector() as detector:
        faces = detector.detect(picture)
    if not faces:
        raise PictureError(str(path), "no face found; name a portrait")
    points_px = faces[0].control_points * (picture.shape[1], picture.shape[0])
    return cut_aligned(picture, aligned_crop_transform(points_px, SIDES[0]), SIDES[0])
