"""Which two datasets a user gets: their own folders, or embedded portraits and samples of our painters."""

import functools
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from stylizer.data.pictures import PictureError, list_pictures, read_picture
from stylizer.data.portraits import drawn_on_demand
from stylizer.data.preparation import LazyPicture, prepare_pictures
from stylizer.data.style_samples import FIRST_STYLE_SEED, make_style_samples
from stylizer.data.style_samples import styles as known_styles
from stylizer.errors import ConfigError
from stylizer.landmarks.mediapipe_detector import FaceDetector

FIRST_PHOTO_SEED = 0


def portrait_source(count: int, first_seed: int = FIRST_PHOTO_SEED) -> list[LazyPicture]:
    """`count` embedded portraits for `prepare_pictures`; the network is loaded when the first one is drawn.

    Raises:
      ConfigError: so many that they would run into the seeds of the style samples, which show other people.
    """
    if first_seed + count > FIRST_STYLE_SEED:
        raise ConfigError(f"photo_count: got {count}; at most {FIRST_STYLE_SEED - first_seed} portraits can be drawn")

    draw = drawn_on_demand()
    return [(f"portrait-{seed:07d}", functools.partial(draw, seed)) for seed in range(first_seed, first_seed + count)]


def prepare_photos(photos: Path | None = None, *, photo_count: int = 300, out_dir: Path = Path("data"),
                   workers: int = 2) -> Path:
    """Prepares the photos in a folder, or else embedded portraits. Returns the dataset's folder.

    Raises:
      ConfigError: `photo_count` or `workers` is not positive.
      DataError: see `prepare_pictures`.
      AssetError: the portrait generator could not be fetched.
    """
    _require_positive(photo_count=photo_count, workers=workers)
    if photos is not None:
        folder = out_dir / "photos" / _own_name(photos)
        prepare_pictures("photos", photos, folder, workers=workers, skip=out_dir / "samples")
        return folder
    folder = out_dir / "photos" / "portraits"
    prepare_pictures("photos", portrait_source(photo_count), folder, workers=workers,
                     description=f"{photo_count} embedded portraits")
    return folder


def prepare_styles(style: str | None = None, styles: Path | None = None, *, style_samples: int = 100,
                   sample_photos: Path | None = None, out_dir: Path = Path("data"), workers: int = 2) -> Path:
    """Prepares the style pictures in a folder, or else paints samples of a known style. Returns the dataset's folder.

    Args:
      style: one of our painters'; any name, or none, if `styles` is given.
      styles: folder of style pictures; landmark files beside them are honoured.
      style_samples: how many pictures are painted; at most so many if there are fewer `sample_photos`.
      sample_photos: folder of photos that are painted instead of embedded portraits; other people than those in the
        photos, or the style is learned from answers.
      out_dir: datasets go to ``styles/`` in it, painted samples to ``samples/``.
      workers: threads.

    Raises:
      ConfigError: an unknown style, `style_samples` or `workers` not positive.
      DataError, AssetError: as in `prepare_photos`.
    """
    _require_positive(style_samples=style_samples, workers=workers)
    if styles is not None:
        folder = out_dir / "styles" / _own_name(styles)
        prepare_pictures("style", styles, folder, workers=workers)
        return folder
    _require_known(style)
    assert style is not None
    name, over = style, ""
    if sample_photos is not None:
        name, over = f"{style}-{_own_name(sample_photos)}", f" over {sample_photos.expanduser().resolve().name}"
    samples = out_dir / "samples" / name
    count = _paint_samples(style, style_samples, samples, sample_photos, workers)
    folder = out_dir / "styles" / name
    prepare_pictures("style", samples, folder, workers=workers, limit=count,
                     description=f"{count} {style} samples{over}" if over else f"{count} painted {style} samples")
    return folder


def prepare_both(*, style: str | None = None, photos: Path | None = None, styles: Path | None = None,
                 photo_count: int = 300, style_samples: int = 100, sample_photos: Path | None = None,
                 out_dir: Path = Path("data"), workers: int = 2) -> tuple[Path, Path]:
    """The two datasets of a run, `prepare_photos` and `prepare_styles`; what is already prepared is kept.

    Returns:
      (folder of the photo dataset, folder of the style dataset).
    """
    if styles is None:
        _require_known(style)  # before minutes are spent on the photos
        if sample_photos is not None:
            list_pictures(sample_photos)
    _require_positive(style_samples=style_samples)

    def prepare_style_side() -> Path:
        return prepare_styles(style, styles, style_samples=style_samples, sample_photos=sample_photos,
                              out_dir=out_dir, workers=workers)

    # a folder of the user's own first: if it cannot be used, that is known before minutes go into the other side
    styles_dir = prepare_style_side() if styles is not None else None
    photos_dir = prepare_photos(photos, photo_count=photo_count, out_dir=out_dir, workers=workers)
    return photos_dir, styles_dir or prepare_style_side()


def _paint_samples(style: str, count: int, folder: Path, photos: Path | None, workers: int) -> int:
    """Returns how many there are."""
    detectors: list[FaceDetector] = []  # loaded for the first sample that is not there yet

    def detect(image: np.ndarray) -> np.ndarray | None:
        if not detectors:
            detectors.append(FaceDetector())
        faces = detectors[0].detect(image)
        return faces[0].control_points if faces else None

    pictures = None if photos is None else _readable(photos)
    try:
        return len(make_style_samples(style, count, folder, detect, photos=pictures, workers=workers))
    finally:
        for detector in detectors:
            detector.close()


def _readable(folder: Path) -> Iterator[tuple[str, np.ndarray]]:
    for path in list_pictures(folder):
        try:
            yield path.relative_to(folder).as_posix(), read_picture(path)
        except PictureError as e:
            print(f"left out: {e}")


def _own_name(folder: Path) -> str:
    """A name of its own for each folder of a user, though two may be called "photos"."""
    absolute = folder.expanduser().resolve()
    return f"{absolute.name or 'root'}-{hashlib.sha256(os.fsencode(absolute)).hexdigest()[:8]}"


def _require_known(style: str | None) -> None:
    if style not in known_styles():
        raise ConfigError(f"style: got {style!r}; choose one of {', '.join(known_styles())}, "
                          "or name a folder of pictures with --styles")


def _require_positive(**settings: int) -> None:
    for name, value in settings.items():
        if value < 1:
            raise ConfigError(f"{name}: got {value}; it must be 1 or more")
