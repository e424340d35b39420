"""Style pictures for a user who has none: portraits of nobody, bent to the style's geometry, then painted.

The geometry is bent first, so that between photos and style there is the gap in shape that alignment is about, and
the strokes of the painting stay as the painter made them.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from stylizer.data.aligned_crop import cut_aligned
from stylizer.data.atomic_write import write_together
from stylizer.data.painters import PAINTERS, FaceGeometry, Painter
from stylizer.data.pictures import encode_picture
from stylizer.data.portraits import drawn_on_demand
from stylizer.errors import ConfigError, DataError
from stylizer.geometry.face_alignment import aligned_crop_transform
from stylizer.geometry.thin_plate_spline import warp

# Seeds of portraits: photos take those from 0, style samples those from here on, so that no person is in both.
FIRST_STYLE_SEED = 1_000_000

# The bend is made at this multiple of the sample's size, so that enlarged eyes stay sharp.
OVERSAMPLING = 1.5

Detect = Callable[[np.ndarray], np.ndarray | None]


def styles() -> dict[str, str]:
    """Style name -> one-line description."""
    return {name: painter.description for name, painter in PAINTERS.items()}


def make_style_samples(style: str, count: int, out_dir: Path, detect: Detect, *, first_seed: int = FIRST_STYLE_SEED,
                       size_px: int = 512, photos: Iterable[tuple[str, np.ndarray]] | None = None,
                       workers: int = 2, progress: bool = True) -> list[Path]:
    """Paints `count` samples into `out_dir`, each with its control points; those already there are kept.

    Sample N is ``NNNN.png``, uint8 RGB [size_px, size_px, 3], beside it ``NNNN.json``, the landmark file described in
    `stylizer.data.preparation.prepare_pictures`, with the points of the bent face. Portraits in which no face is
    found leave a gap in the numbering. A second run with the same arguments paints only what is missing.

    Args:
      style: one of `styles()`.
      count: of samples; at most so many if `photos` are given.
      out_dir: created if missing.
      detect: uint8 RGB [H, W, 3] -> control points of its face, [68, 2] normalised, or None; called by one thread
        at a time.
      first_seed: of the portraits; the painter's hand is seeded by it, too.
      size_px: side of the samples.
      photos: (name, uint8 RGB [H, W, 3]) to paint instead of the generator's portraits.
      workers: threads.
      progress: shows a bar with the time that is left.

    Returns:
      paths of the samples, in order.

    Raises:
      ConfigError: unknown style, count below 1.
      DataError: no face in any photo, or in too many portraits.
      AssetError: the portrait generator could not be fetched.
    """
    painter = PAINTERS.get(style)
    if painter is None:
        raise ConfigError(f"style: there is no painter {style!r}; use one of {', '.join(PAINTERS)}, "
                          "or name a folder of pictures")
    if count < 1:
        raise ConfigError(f"style samples: expected a count of 1 or more, got {count}")
    out_dir.mkdir(parents=True, exist_ok=True)
    source = _portraits(first_seed, count) if photos is None else _pictures(photos)
    one_at_a_time = threading.Lock()

    def detect_alone(image: np.ndarray) -> np.ndarray | None:
        with one_at_a_time:
            return detect(image)

    def paint(number: int, name: str, draw: Callable[[], np.ndarray]) -> tuple[Path, dict[Path, bytes] | None]:
        """Where sample `number` is, and what is to be written for it; None where there is no face."""
        path, seed = out_dir / f"{number:04d}.png", first_seed + number
        origin = {"style": style, "source": name, "seed": seed, "size_px": size_px}
        if _is_done(path, origin):
            return path, {}
        drawn = _sample(painter, draw(), detect_alone, seed, size_px)
        if drawn is None:
            return path, None
        sidecar = {"format": "stylizer-landmarks", "version": 1,
                   "control_points": np.round(drawn[1], 6).tolist(), "painted": origin}
        return path, {path: encode_picture(drawn[0], ".png"), path.with_suffix(".json"): json.dumps(sidecar).encode()}

    samples: list[Path] = []
    begun: deque[Future] = deque()
    numbered = enumerate(source)
    with (tqdm(total=count, desc=f"painting {style}", unit="sample", disable=not progress) as bar,
          ThreadPoolExecutor(workers) as pool):
        while len(samples) < count:
            room = min(workers, count - len(samples)) - len(begun)
            begun += [pool.submit(paint, number, *each) for number, each in islice(numbered, room)]
            if not begun:
                break
            path, files = begun.popleft().result()
            if files is None:
                continue
            write_together(files)
            samples.append(path)
            bar.update()
    if not samples or (photos is None and len(samples) < count):
        raise DataError(f"{style} samples in {out_dir}: faces were found in only {len(samples)} pictures, {count} were "
                        "asked for; " + ("try another first seed" if photos is None else "give photos that show faces"))
    return samples


def bend_face(image: np.ndarray, control_points: np.ndarray, geometry: FaceGeometry,
              seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Gives the face in a square picture a style's geometry.

    Args:
      image: uint8 [S, S, 3].
      control_points: [68, 2] normalised.
      geometry: of the style.
      seed: of its variation.

    Returns:
      uint8 [S, S, 3] and the control points in it, float64 [68, 2].
    """
    bent_points = geometry.bend(control_points, seed)
    source, target = (tf.constant(points[None], tf.float32) for points in (control_points, bent_points))
    bent = warp(tf.constant(image[None], tf.float32), source, target).numpy()[0]
    return np.rint(np.clip(bent, 0, 255)).astype(np.uint8), bent_points


def _sample(painter: Painter, image: np.ndarray, detect: Detect, seed: int,
            size_px: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The painting of the face in `image` and its control points; None where there is no face."""
    points = detect(image)
    if points is None:
        return None
    height, width = image.shape[:2]
    large_px = round(OVERSAMPLING * size_px)
    points_px = np.asarray(points, np.float64) * (width, height)
    transform = np.asarray(aligned_crop_transform(points_px, large_px), np.float64)
    in_crop = (points_px @ transform[:, :2].T + transform[:, 2]) / large_px
    bent, bent_points = bend_face(cut_aligned(image, transform, large_px), in_crop, painter.geometry, seed)
    bent = cv2.resize(bent, (size_px, size_px), interpolation=cv2.INTER_AREA)
    return painter.paint(bent, seed), bent_points


def _portraits(first_seed: int, count: int) -> Iterator[tuple[str, Callable[[], np.ndarray]]]:
    draw = drawn_on_demand()
    for seed in range(first_seed, first_seed + 2 * count + 10):
        yield f"portrait {seed}", partial(draw, seed)


def _pictures(photos: Iterable[tuple[str, np.ndarray]]) -> Iterator[tuple[str, Callable[[], np.ndarray]]]:
    for name, image in photos:
        yield name, partial(np.asarray, image)


def _is_done(path: Path, origin: dict[str, object]) -> bool:
    """Whether sample `path` is there, whole, and was painted from `origin`."""
    try:
        sidecar = json.loads(path.with_suffix(".json").read_bytes())
        return sidecar["painted"] == origin and path.is_file() and cv2.imread(str(path)) is not None
    except (OSError, ValueError, KeyError, TypeError):
        return False
