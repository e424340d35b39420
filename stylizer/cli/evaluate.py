"""``stylizer evaluate``: figures and a report of how runs, .tflite files and folders of drawings fare on photos."""

import argparse
from pathlib import Path

from stylizer.errors import AssetError, ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    subjects = parser.add_argument_group("what is evaluated, side by side; repeat them, PATH or NAME=PATH")
    subjects.add_argument("--run", action="append", default=[], metavar="DIR", help="folder of a finished training run")
    subjects.add_argument("--tflite", action="append", default=[], metavar="FILE",
                          help="a .tflite file that `make tflite` wrote; beside its float16 sibling if it is int8")
    subjects.add_argument("--results", action="append", default=[], metavar="NAME=DIR",
                          help="finished drawings of the prepared photos, named like the photos")
    subjects.add_argument("--peer", action="append", default=[], metavar="NAME=FILE[:rgb|bgr][:IN[:OUT]]",
                          help="a .tflite file of another program, the order of its channels and its values of black "
                               "and white (rgb:-1..1:-1..1), such as 'DCT-Net=head.tflite:bgr:0..255:-1..1'")
    parser.add_argument("--style", help="whose painter is the reference (default: as the first run or file says)")
    parser.add_argument("--style-samples", type=Path, metavar="DIR",
                        help="style pictures to compare with (default: those of the run, or painted ones)")
    parser.add_argument("--photos", type=Path, metavar="DIR",
                        help="photos to draw, all of them; if left out those held out of the first run's, or of the "
                             "embedded portraits")
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help="prepared data (default data)")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N photos")
    parser.add_argument("--out", type=Path, metavar="DIR",
                        help="where to write (default: evaluation/ in the run's folder; for none or several runs "
                             "runs/evaluation)")
    parser.add_argument("--workers", type=int, default=2, help="threads that prepare photos (default 2)")


def run(args: argparse.Namespace) -> int:
    import numpy as np

    from stylizer.data.datasets import PreparedDataset
    from stylizer.data.default_data import prepare_photos
    from stylizer.evaluation.evaluation import evaluate
    from stylizer.evaluation.output import METRICS, REPORT, SHEET, write_evaluation
    from stylizer.landmarks.mediapipe_detector import FaceDetector

    if args.limit is not None and args.limit < 1:
        raise ConfigError(f"limit: got {args.limit}; it must be 1 or more")
    subjects, folders = _subjects(args)  # before minutes go into photos
    # held out of what the run was trained with: another number of portraits holds out other people
    seen = next((subject.photos for subject in subjects if subject.photos), None)
    photos = None if args.photos else PreparedDataset.find(args.data / "photos", seen)
    if photos is None or not len(photos.indices("heldout")):
        photos = PreparedDataset.load(prepare_photos(args.photos, out_dir=args.data, workers=args.workers))
    indices = (np.arange(len(photos)) if args.photos else photos.indices("heldout"))[:args.limit]
    for folder in folders:
        folder.require([photos.names[index] for index in indices])
    style = args.style or next((subject.style for subject in subjects if subject.style), None)
    learned = next((subject.samples for subject in subjects if subject.samples and subject.style == style), None)
    samples = _style_samples(args, style, learned)
    out_dir = args.out or (_named(args.run[0])[1] if len(args.run) == 1 else Path("runs")) / "evaluation"
    out_dir.mkdir(parents=True, exist_ok=True)  # a folder that cannot be written to is no news for the end
    with FaceDetector() as detector:
        evaluation = evaluate(subjects, photos, indices, detector.detect, style, samples)
    write_evaluation(evaluation, out_dir)
    _print_table(evaluation.report)
    for name, file in (("figures", METRICS), ("report", REPORT), ("contact sheet", SHEET)):
        print(f"{name:26} {out_dir / file}")
    return 0


def _subjects(args: argparse.Namespace):
    """All that is evaluated, in the order of the help; and the folders of results among it."""
    from stylizer.evaluation.peers import Peer
    from stylizer.evaluation.results import ResultFolder
    from stylizer.evaluation.subjects import peer_subject, results_subject, run_subject, tflite_subject

    peers = [Peer.parse(text) for text in args.peer]
    results = [(name, ResultFolder(path)) for name, path in map(_named, args.results)]
    subjects = [*(run_subject(*_named(text)) for text in args.run),
                *(tflite_subject(*_named(text)) for text in args.tflite),
                *(peer_subject(peer) for peer in peers), *(results_subject(*each) for each in results)]
    if not subjects:
        raise ConfigError("nothing to evaluate; name a run with --run, or see `stylizer evaluate --help`")
    return subjects, [folder for _, folder in results]


def _style_samples(args: argparse.Namespace, style: str | None, fingerprint: str | None):
    """The prepared style samples: those that were named, those that the run learned from, or painted ones.

    Returns:
      PreparedDataset; or why there is none.
    """
    from stylizer.data.datasets import MANIFEST, PreparedDataset
    from stylizer.data.default_data import prepare_styles
    from stylizer.data.painters import PAINTERS

    if args.style_samples and (args.style_samples / MANIFEST).is_file():
        return PreparedDataset.load(args.style_samples)
    if args.style_samples:
        return PreparedDataset.load(prepare_styles(styles=args.style_samples, out_dir=args.data, workers=args.workers))
    if (learned_from := PreparedDataset.find(args.data / "styles", fingerprint)) is not None:
        return learned_from
    if style not in PAINTERS:
        return "name the pictures of the style with --style-samples"
    try:
        return PreparedDataset.load(prepare_styles(style, out_dir=args.data, workers=args.workers))
    except AssetError as e:
        return str(e)


def _named(text: str) -> tuple[str, Path]:
    """(name, path) of "NAME=PATH", or of a path, which is then called as its last part says."""
    name, sign, rest = text.partition("=")
    if sign and not Path(text).exists():
        return name, Path(rest)
    path = Path(text)
    if path.suffix == ".tflite":  # int8-512 alone would not say of which style
        return f"{path.resolve().parent.name} {path.stem}", path
    return path.resolve().name, path


def _print_table(report: dict) -> None:
    from stylizer.evaluation.figures import GROUPS

    subjects = report["subjects"]
    widths = [max(12, len(subject["name"])) for subject in subjects]
    print(" " * 36 + "  ".join(f"{s['name']:>{w}}" for s, w in zip(subjects, widths, strict=True)))
    for figure in (figure for figures in GROUPS.values() for figure in figures):
        if any(figure.key in subject["summary"] for subject in subjects):
            cells = (f"{figure.text(s['summary']) or '-':>{w}}" for s, w in zip(subjects, widths, strict=True))
            print(f"{f'{figure.label} {figure.unit}':36}{'  '.join(cells)}")
    for figure in (figure for figure in GROUPS["Style"] if figure.key in report["style_samples"]):
        print(f"{'style to style, ' + figure.label:36}{figure.text(report['style_samples']):>{widths[0]}}")
    for instrument, reason in report["missing"].items():
        print(f"missing: {instrument}: {reason}")
