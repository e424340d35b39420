"""``stylizer stylize INPUT OUTPUT``: a picture, a folder, a video, a camera or standard input, drawn in a style."""

import argparse
import glob
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stylizer.errors import ConfigError, DataError
from stylizer.models.pretrained import KINDS, find_model

PIPE = "-"
SCREEN = "screen"
_SHEET_PICTURES, _SHEET_CELL_PX = 60, 256
_WRITABLE = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="INPUT", help="picture, folder (recursive), 'glob*', video, camera:0, or - "
                                                       "for standard input")
    parser.add_argument("output", metavar="OUTPUT", help="picture, folder (keeps the names), video, - for standard "
                                                         "output, or screen for a window")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--style", default="sketch", help="an exported style, see `stylizer styles` (default sketch)")
    source.add_argument("--model", type=Path, metavar="FILE", help="a .tflite file that `make tflite` wrote")
    source.add_argument("--run", type=Path, metavar="DIR", help="a finished training run, before its export")
    parser.add_argument("--size", type=int, choices=(512, 256),
                        help="of the style's network: 256 is four times faster, its strokes are coarser (default 512)")
    parser.add_argument("--kind", choices=KINDS,
                        help="of the style's files: float16 draws as the network does, int8 a little worse and twice "
                             "as fast (default float16 for pictures, int8 for videos and cameras)")
    parser.add_argument("--faces", default="all", help="all | largest (default all)")
    parser.add_argument("--background", default="stylize", help="stylize | keep | blur | plain (default stylize)")
    parser.add_argument("--strength", type=float, default=1.0, metavar="0..1", help="0 the photo, 1 the drawing")
    parser.add_argument("--exaggerate", type=float, default=0.0, metavar="-1..1",
                        help="bends faces toward the style's geometry, or away from it")
    parser.add_argument("--keep-color", type=float, default=0.0, metavar="0..1", help="of the photo's colours")
    parser.add_argument("--expose", type=float, default=0.0, metavar="0..1",
                        help="evens out dim or flat photos before they are drawn")
    parser.add_argument("--require-face", action="store_true",
                        help="refuse pictures without a face instead of drawing them whole")
    parser.add_argument("--side-by-side", action="store_true", help="photo and drawing beside each other")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="for folders: a contact sheet of all pictures")
    parser.add_argument("--timings", type=Path, metavar="FILE", help="milliseconds by stage, as JSON")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1), metavar="N",
                        help="processor cores to use (default 2)")


def run(args: argparse.Namespace) -> int:
    """Exit code 0; 1 if some pictures of a folder could not be drawn (the others are)."""
    from stylizer.data.atomic_write import write_atomically
    from stylizer.inference.camera import PREFIX
    from stylizer.inference.screen import Screen

    if args.threads < 1:
        raise ConfigError(f"threads: got {args.threads}; it must be 1 or more")
    screen = Screen() if args.output == SCREEN else None
    from stylizer.inference.video_reader import VIDEO_SUFFIXES  # after the window, see Screen

    moving = args.input.startswith(PREFIX) or Path(args.input).suffix.lower() in VIDEO_SUFFIXES
    if args.input != PIPE:
        _require_another_output(Path(args.input), args.output)
    stylizer = _load(args, moving)
    if moving:
        code = _draw_video(args, stylizer, screen)
    elif args.input == PIPE or (Path(args.input).exists() and not Path(args.input).is_dir()):
        code = _draw_picture(args, stylizer)
    else:
        code = _draw_folder(args, stylizer)
    if args.timings:
        write_atomically(args.timings, json.dumps(stylizer.timings.report(), indent=1).encode())
    return code


def _load(args: argparse.Namespace, moving: bool):
    from stylizer.inference.stylizer import Options, Stylizer
    from stylizer.models.run_folder import RunModel
    from stylizer.models.tflite_model import TFLiteModel

    for name in ("size", "kind"):
        if getattr(args, name) and (args.model or args.run):
            raise ConfigError(f"{name}: got {getattr(args, name)} beside a model that has its own; "
                              f"leave --{name} out")
    options = Options(args.faces, args.background, args.strength, args.exaggerate, args.keep_color, args.expose)
    if args.run:
        return Stylizer(RunModel(args.run), options)
    kind = args.kind or ("int8" if moving else "float16")
    path = args.model or find_model(args.style, args.size or 512, kind)
    return Stylizer(TFLiteModel(path, threads=1 if moving else args.threads), options)


def _draw_picture(args: argparse.Namespace, stylizer) -> int:
    from stylizer.data.pictures import PictureError, encode_picture, read_picture

    if args.output != PIPE:
        _require_picture_name(Path(args.output))
    try:
        image = read_picture(sys.stdin.buffer.read() if args.input == PIPE else Path(args.input))
    except PictureError as e:
        if args.input == PIPE:
            raise DataError(f"standard input: {e.reason}; pipe a JPEG, PNG or WebP picture into it") from e
        raise
    result = _drawn(args, stylizer, image, "standard input" if args.input == PIPE else args.input)
    if args.output == PIPE:
        sys.stdout.buffer.write(encode_picture(result, ".png"))
        sys.stdout.buffer.flush()
    else:
        _write_picture(Path(args.output), result)
    return 0


def _draw_folder(args: argparse.Namespace, stylizer) -> int:
    from tqdm import tqdm

    from stylizer.data.contact_sheet import contact_sheet, fit_cell, in_rows
    from stylizer.data.pictures import read_picture

    root, sources = _pictures(args.input)
    folder = Path(args.output)
    _require_another_output(root, args.output)  # which a pattern may hide
    _require_folder(folder)
    if args.sheet:
        _require_picture_name(args.sheet)
    failed: list[str] = []
    shown: list = []
    for source in tqdm(sources, unit="picture", desc="stylize"):
        target = folder / source.relative_to(root)
        if target.suffix.lower() not in _WRITABLE:
            target = target.with_name(f"{target.name}.png")
        try:
            image = read_picture(source)
            result = _drawn(args, stylizer, image, str(source))
        except DataError as e:
            failed.append(str(e))
            continue
        _write_picture(target, result)
        if args.sheet and len(shown) < 2 * _SHEET_PICTURES:
            shown += [fit_cell(picture, _SHEET_CELL_PX) for picture in (image, result)]  # sixty large ones fill memory
    if shown:
        _write_picture(args.sheet, contact_sheet(in_rows(shown, 8), cell_px=_SHEET_CELL_PX))  # four couples a row
    for message in failed:
        print(f"left out: {message}")
    print(f"drew {len(sources) - len(failed)} of {len(sources)} pictures: {folder}")
    return 1 if failed else 0


def _draw_video(args: argparse.Namespace, stylizer, screen) -> int:
    from tqdm import tqdm

    from stylizer.inference.camera import PREFIX, Camera
    from stylizer.inference.stream import draw_stream
    from stylizer.inference.stylizer import MOST_TRACKED_FACES
    from stylizer.inference.video_reader import VideoReader
    from stylizer.landmarks.face_tracker import FaceTracker

    live = args.input.startswith(PREFIX)
    faces = 1 if args.faces == "largest" else MOST_TRACKED_FACES
    frames = 0
    with (Camera(args.input) if live else VideoReader(Path(args.input)) as reader,
          FaceTracker(faces) as tracker, _sink(args, reader, None if live else Path(args.input), screen) as show,
          tqdm(total=reader.expected_frames, unit="frame", desc="stylize") as bar):
        try:
            for frame in draw_stream(reader, stylizer, tracker, args.threads):
                with stylizer.timings.stage("write"):
                    if not show(_beside(args, frame.photo, frame.drawing), frame.time_s):
                        break
                frames += 1
                bar.update()
        except KeyboardInterrupt:
            if not live:  # the file is not whole: nothing of it is kept
                raise
    if reader.damaged:
        print(f"{args.input}: is damaged; drew the {frames} frames that could be read")
    print(f"drew {frames} frames: {args.output}")
    return 0


@contextmanager
def _sink(args: argparse.Namespace, reader, sound: Path | None, screen) -> Iterator[Callable]:
    """Where frames go: show(frame, time_s) -> whether to go on."""
    if screen:
        yield lambda frame, time_s: screen.show(frame)
        return
    from stylizer.inference.video_writer import VideoWriter

    Path(args.output).parent.mkdir(parents=True, exist_ok=True)
    width = reader.width * (2 if args.side_by_side else 1)
    with VideoWriter(Path(args.output), width, reader.height, reader.fps, audio_from=sound) as writer:
        def write(frame, time_s) -> bool:
            writer.write(frame, time_s)
            return True

        yield write
    if writer.sound == "lost":
        print(f"{args.input}: its sound cannot be read; {args.output} has none")


def _drawn(args: argparse.Namespace, stylizer, image, name: str):
    result, faces = stylizer(image, return_faces=True)
    if not faces and args.require_face:
        raise DataError(f"{name}: no face found; leave --require-face out to draw it as a whole")
    return _beside(args, image, result)


def _beside(args: argparse.Namespace, photo, drawing):
    import numpy as np

    return np.concatenate([photo, drawing], 1) if args.side_by_side else drawing


def _pictures(name: str) -> tuple[Path, list[Path]]:
    """The pictures of a folder or glob, and the folder that their names are relative to."""
    from stylizer.data.pictures import list_pictures

    if Path(name).is_dir():
        root, found = Path(name), list_pictures(Path(name))
    elif glob.has_magic(name):
        fixed = Path(name)
        while glob.has_magic(str(fixed)):
            fixed = fixed.parent
        root, found = fixed, sorted(Path(path) for path in glob.glob(name, recursive=True) if Path(path).is_file())
    else:
        raise DataError(f"{name}: no such file or folder; name a picture, a folder, a video or camera:0")
    if not found:
        raise DataError(f"{name}: holds no pictures; name a folder of JPEG, PNG or WebP photos")
    return root, found


def _require_another_output(source: Path, output: str) -> None:
    if Path(output).resolve() == source.resolve():
        raise DataError(f"{output}: is the input; name another output, the photos are not overwritten")


def _require_picture_name(path: Path) -> None:
    if path.suffix.lower() not in _WRITABLE:
        raise DataError(f"{path}: cannot be written as {path.suffix or 'a file without a suffix'}; "
                        f"end the name in one of {', '.join(sorted(_WRITABLE))}")


def _require_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder}: is a file; name a folder for the drawings")
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise DataError(f"{folder}: is not writable; name another output folder")


def _write_picture(path: Path, picture) -> None:
    from stylizer.data.pictures import write_picture

    path.parent.mkdir(parents=True, exist_ok=True)
    write_picture(path, picture)
