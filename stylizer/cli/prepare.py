"""``stylizer prepare``: makes aligned photo and style datasets; run it again to go on or to bring them up to date."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = """examples:
  stylizer prepare --style sketch                    embedded portraits and painted pencil sketches
  stylizer prepare --photos ~/faces                  your photos alone
  stylizer prepare --photos ~/faces --styles ~/prints
A drawing in which no face is recognised can be used all the same: put NAME.json beside NAME.png with
  {"format": "stylizer-landmarks", "version": 1, "control_points": [[x, y], ... 68 points in iBUG-68 order]}
where x and y are in 0..1 of the picture's width and height."""
    parser.add_argument("--photos", type=Path, metavar="DIR", help="your photos instead of the embedded portraits")
    parser.add_argument("--photo-count", type=int, default=300, metavar="N",
                        help="embedded portraits to draw (default 300)")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--style", metavar="NAME", help="sketch, watercolor, oilpaint, inkpaint or animation")
    which.add_argument("--styles", type=Path, metavar="DIR", help="your style pictures, 8 or more")
    parser.add_argument("--style-samples", type=int, default=100, metavar="N",
                        help="samples to paint of a style by name (default 100)")
    parser.add_argument("--sample-photos", type=Path, metavar="DIR",
                        help="photos to paint samples of, instead of embedded portraits")
    parser.add_argument("--out", type=Path, default=Path("data"), metavar="DIR",
                        help="where datasets go (default data)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="threads (default 2)")


def run(args: argparse.Namespace) -> int:
    from stylizer.data.default_data import prepare_both, prepare_photos

    if args.style is None and args.styles is None:
        prepare_photos(args.photos, photo_count=args.photo_count, out_dir=args.out, workers=args.workers)
    else:
        prepare_both(style=args.style, styles=args.styles, photos=args.photos, photo_count=args.photo_count,
                     style_samples=args.style_samples, sample_photos=args.sample_photos, out_dir=args.out,
                     workers=args.workers)
    return 0
