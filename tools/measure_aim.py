"""What keeps a run from its style: the pictures that its training aims at, or how well the network draws them?

Training aims at photos that are simplified as the style does it, in its tones and strokes. This measures those
pictures beside what the network draws, on photos of the run's own prepared data: KID to the style samples, LPIPS to our
painter's own painting, and LPIPS between the two. Where the aim is good and the drawing is not, more short steps help;
where the aim is no better, they can't. Writes aim.jpg (photo, aim, drawing) into the run folder.

  python tools/measure_aim.py runs/watercolor [--data data] [--photos 40]
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from tqdm import tqdm

from stylizer.config import config_from_dict
from stylizer.data.contact_sheet import contact_sheet
from stylizer.data.datasets import PreparedDataset
from stylizer.data.painters import PAINTERS
from stylizer.data.pictures import write_picture
from stylizer.errors import DataError, StylizerError
from stylizer.evaluation.fidelity import perceptual_distances
from stylizer.metrics.distribution import kid
from stylizer.metrics.inception import inception_features
from stylizer.models.run_folder import load_generator, read_run
from stylizer.training.aim import aim
from stylizer.training.trainer import fit_look

LPIPS_PHOTOS, SHOWN = 10, 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="run folder")
    parser.add_argument("--data", type=Path, default=Path("data"), help="where its data was prepared (default data)")
    parser.add_argument("--photos", type=int, default=40, help="how many photos, held-out ones first (default 40)")
    args = parser.parse_args()

    run = read_run(args.run)
    photos = _prepared(args.data / "photos", run["photos"])
    styles = _prepared(args.data / "styles", run["styles"])
    rows = np.concatenate([photos.indices("heldout"), photos.indices("train")])[:args.photos]
    face, surroundings, way, grain = fit_look(photos, styles, config_from_dict(run["config"], str(args.run)))
    generator = load_generator(args.run)
    originals = list(photos.images(rows))
    sets = {
        "photo": originals,
        "aim": [aim(photo, points, way, grain, face, surroundings)
                for photo, points in zip(tqdm(originals, desc="aim", unit="photo"), photos.points[rows], strict=True)],
        "drawn": [generator.draw(photo) for photo in tqdm(originals, desc="draw", unit="photo")],
    }
    reference = inception_features(styles.images(np.arange(len(styles))))
    painter = PAINTERS.get(run["style"])
    painted = [painter.paint(photo, 0) for photo in originals[:LPIPS_PHOTOS]] if painter else []

    def far(pictures: list[np.ndarray], others: list[np.ndarray]) -> float:
        return float(np.mean(perceptual_distances(list(zip(pictures, others, strict=False)))))

    distances = {name: kid(inception_features(pictures), reference) for name, pictures in sets.items()}
    nothing = distances["photo"][0]
    for name, (mean, deviation) in distances.items():
        lpips = f"   LPIPS to the painter {far(sets[name], painted):.3f}" if painter else ""
        print(f"{name:6} KID {mean / nothing:.3f} ± {deviation / nothing:.3f} of doing nothing{lpips}")
    apart = far(sets["aim"][:LPIPS_PHOTOS], sets["drawn"])
    print(f"LPIPS between aim and drawing {apart:.3f}; KID over {len(rows)} photos, LPIPS over {LPIPS_PHOTOS}")
    sheet = contact_sheet(list(zip(*sets.values(), strict=True))[:SHOWN], column_labels=list(sets), cell_px=512)
    write_picture(args.run / "aim.jpg", sheet)
    print(f"look at {args.run / 'aim.jpg'}: photo, what training aims at, what is drawn")


def _prepared(folder: Path, fingerprint: str) -> PreparedDataset:
    """The dataset in `folder` that the run was trained on."""
    dataset = PreparedDataset.find(folder, fingerprint)
    if dataset is not None:
        return dataset
    raise DataError(f"{folder}: none of the datasets there is the run's ({fingerprint[:12]}); name the folder that "
                    "it was trained from with --data")


if __name__ == "__main__":
    try:
        main()
    except StylizerError as e:
        print(f"measure_aim: error: {e}", file=sys.stderr)
        sys.exit(2)
