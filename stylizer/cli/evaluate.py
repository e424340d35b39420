"""``stylizer evaluate --run DIR``: figures and a sheet of how a run draws photos that it has not seen."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", type=Path, required=True, metavar="DIR", help="folder of a finished training run")
    parser.add_argument("--photos", type=Path, metavar="DIR",
                        help="photos to draw, all of them; the held-out embedded portraits if left out")
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help="prepared data (default data)")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N photos")
    parser.add_argument("--out", type=Path, metavar="DIR",
                        help="where to write (default: evaluation/ in the run's folder)")
    parser.add_argument("--workers", type=int, default=2, help="threads that prepare photos (default 2)")


def run(args: argparse.Namespace) -> int:
    import numpy as np

    from stylizer.data.datasets import PreparedDataset
    from stylizer.data.default_data import prepare_photos
    from stylizer.evaluation.fidelity import evaluate
    from stylizer.landmarks.mediapipe_detector import FaceDetector
    from stylizer.models.run_folder import load_generator, read_run

    generator, record = load_generator(args.run), read_run(args.run)
    photos = PreparedDataset.load(prepare_photos(args.photos, out_dir=args.data, workers=args.workers))
    indices = np.arange(len(photos)) if args.photos else photos.indices("heldout")
    out_dir = args.out or args.run / "evaluation"
    with FaceDetector() as detector:
        report = evaluate(generator.draw, photos, indices[:args.limit], detector.detect,
                          record["style"], out_dir)
    for name, value in report["summary"].items():
        print(f"{name:26} {value:.4g}")
    print(f"{'figures':26} {out_dir / 'metrics.json'}")
    print(f"{'contact sheet':26} {out_dir / 'sheet.jpg'}")
    return 0
