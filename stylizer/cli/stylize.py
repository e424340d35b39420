"""``stylizer stylize IN OUT --run DIR``: a photo, or a folder of photos, drawn in a trained style."""

import argparse
from pathlib import Path

from tqdm import tqdm

from stylizer.errors import DataError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", type=Path, metavar="IN", help="a photo, or a folder of photos (searched recursively)")
    parser.add_argument("output", type=Path, metavar="OUT", help="a picture, or a folder that keeps the names")
    parser.add_argument("--run", type=Path, required=True, metavar="DIR", help="folder of a finished training run")


def run(args: argparse.Namespace) -> int:
    """Exit code 0; 1 if some pictures of a folder could not be read (the others are drawn)."""
    from stylizer.data.pictures import list_pictures, read_picture, write_picture
    from stylizer.inference.stylize import stylize
    from stylizer.landmarks.mediapipe_detector import FaceDetector
    from stylizer.models.run_folder import load_generator

    if not args.input.exists():
        raise DataError(f"{args.input}: no such file or folder; name a photo or a folder of photos")
    folder = args.input.is_dir()
    sources = list_pictures(args.input) if folder else [args.input]
    if not sources:
        raise DataError(f"{args.input}: holds no pictures; name a folder of JPEG, PNG or WebP photos")
    if args.output.resolve() == args.input.resolve():
        raise DataError(f"{args.output}: is the input; name another output, the photos are not overwritten")
    generator = load_generator(args.run)

    failed = []
    with FaceDetector() as detector:
        for source in tqdm(sources, unit="photo", disable=not folder):
            target = args.output / source.relative_to(args.input).with_suffix(".png") if folder else args.output
            try:
                image = read_picture(source)
            except DataError as e:
                if not folder:
                    raise
                failed.append(str(e))
                continue
            faces = detector.detect(image)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_picture(target, stylize(generator, image, faces[0].control_points if faces else None))
            if not faces:
                tqdm.write(f"{source}: no face found; drawn as a whole picture")
    for message in failed:
        print(f"left out: {message}")
    print(f"drew {len(sources) - len(failed)} of {len(sources)} pictures: {args.output}")
    return 1 if failed else 0
