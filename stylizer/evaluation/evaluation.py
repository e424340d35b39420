"""Several things that draw, measured on the same photos by the same instruments: the figures of the report."""

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf
from tqdm import tqdm

import stylizer
from stylizer.data.datasets import PreparedDataset
from stylizer.data.painters import PAINTERS
from stylizer.data.pictures import encode_picture
from stylizer.errors import ConfigError
from stylizer.evaluation.cost import load, times_ms
from stylizer.evaluation.fidelity import landmarks, perceptual_distances, tones
from stylizer.evaluation.instruments import Instruments
from stylizer.evaluation.subjects import NOTHING, PAINTER, REFERENCE, Subject, nothing, painter_subject
from stylizer.evaluation.summary import summarise
from stylizer.landmarks.mediapipe_detector import Face
from stylizer.metrics.distribution import fid, kid
from stylizer.metrics.flicker import flicker
from stylizer.metrics.identity import FaceRecognizer, cosine, rank1
from stylizer.metrics.inception import inception_features

FLICKER_PHOTOS = 3  # each is drawn nine times
THUMBNAIL_PX = 256
KID_FID, LPIPS, IDENTITY = "KID and FID", "LPIPS", "identity"  # instruments that need weights
_THUMBNAIL_QUALITY = 85
_BATCH = 10
_LEAST_FOR_STYLE = 2  # pictures in a set that has a covariance

Detect = Callable[[np.ndarray], list[Face]]


@dataclass(frozen=True)
class Evaluation:
    """What came of it.

    Attributes:
      report: what metrics.json holds: "summary" is that of the first subject, "subjects" has all of them with their
        rows for each picture, "missing" says which instruments were out of reach and why.
      thumbnails: JPEG of each photo's drawing by the subject's name; "nothing" has the photos.
    """

    report: dict
    thumbnails: dict[str, list[bytes]]


def evaluate(subjects: Sequence[Subject], photos: PreparedDataset, indices: Sequence[int] | np.ndarray,
             detect: Detect, style: str | None = None, samples: PreparedDataset | str = "") -> Evaluation:
    """Draws prepared photos with each subject, and with two references: the photo itself and our painter.

    Args:
      subjects: at least one, of different names.
      photos: prepared photos. indices: which of them.
      detect: face detector, for photos and drawings alike.
      style: its painter, if it has one, is the reference of likeness.
      samples: the prepared style pictures that drawings are compared with as a set; or why there are none.

    Raises:
      ConfigError: two subjects of one name.
      DataError: as a subject's `draw`.
    """
    painter = PAINTERS.get(style or "")
    everyone = [*subjects, nothing(), *([painter_subject(painter)] if painter else [])]
    names = [subject.name for subject in everyone]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ConfigError(f"two of what is evaluated are called {', '.join(sorted(twice))}; name them NAME=PATH")
    instruments = Instruments()
    if isinstance(samples, str):
        instruments.missing[KID_FID] = samples
    bench = _Bench(instruments, detect, painter.paint if painter else None)
    seen = {subject.name: _Seen() for subject in everyone}
    for index in tqdm(list(indices), unit="photo", desc="evaluate"):
        photo = photos.images(np.array([index]))[0]
        bench.measure(photo, photos.names[index], photos.points[index], everyone, seen)
    summaries = {name: summarise(each.rows) for name, each in seen.items()}
    for name, summary in summaries.items():
        summary |= _retrieval(seen[name], seen[NOTHING])
    floor = _style(samples, instruments, seen, summaries)
    for subject in everyone:
        summaries[subject.name] |= subject.cost
    for subject in tqdm(everyone, unit="subject", desc="flicker"):
        if subject.film:
            moved = photos.images(np.asarray(indices)[:FLICKER_PHOTOS])
            summaries[subject.name]["flicker"] = float(np.mean([flicker(subject.film(), photo) for photo in moved]))
    reference = _time(everyone, summaries)
    _beside_references(summaries)
    return Evaluation(
        {"version": stylizer.__version__, "tensorflow": tf.__version__, "python": platform.python_version(),
         "style": style, "photos": Path(photos.description).name, "photo_count": len(seen[NOTHING].rows),
         "style_samples": floor, "speed_reference": reference, "missing": instruments.missing,
         "summary": summaries[names[0]],
         "subjects": [{"name": subject.name, "kind": subject.kind, "source": subject.source,
                       "summary": summaries[subject.name], "pictures": seen[subject.name].rows}
                      for subject in everyone]},
        {name: each.thumbnails for name, each in seen.items()})


@dataclass
class _Seen:
    """Of one subject, photo by photo."""

    rows: list[dict] = field(default_factory=list)
    thumbnails: list[bytes] = field(default_factory=list)
    features: list[np.ndarray] = field(default_factory=list)
    embeddings: list[np.ndarray] = field(default_factory=list)


class _Bench:
    """Measures all drawings of one photo together: the networks that measure like batches."""

    def __init__(self, instruments: Instruments, detect: Detect,
                 paint: Callable[[np.ndarray, int], np.ndarray] | None):
        self._instruments = instruments
        self._detect = detect
        self._paint = paint
        self._recognizer: FaceRecognizer | None = None

    def measure(self, photo: np.ndarray, name: str, points: np.ndarray, subjects: Sequence[Subject],
                seen: dict[str, _Seen]) -> None:
        """Adds a photo uint8 [S, S, 3] with control points [68, 2] to what was seen of each subject."""
        painted = self._paint(photo, 0) if self._paint else None
        drawings = [subject.draw(photo, name) for subject in subjects]
        faces = [next(iter(self._detect(picture)), None) for picture in (photo, *drawings)]
        rows = [{"photo": name, **landmarks(photo, faces[0], after), **tones(photo, drawn, painted, points)}
                for drawn, after in zip(drawings, faces[1:], strict=True)]
        self._compare(photo, painted, drawings, subjects, rows)
        features = self._instruments.use(KID_FID, lambda: inception_features(drawings))
        at_photo = faces[0].control_points if faces[0] else points
        whose = [face.control_points if face else at_photo for face in faces[1:]]
        embeddings = self._instruments.use(IDENTITY, lambda: self._embed([photo, *drawings], [at_photo, *whose]))
        for n, subject in enumerate(subjects):
            one = seen[subject.name]
            one.rows.append(rows[n])
            one.thumbnails.append(_thumbnail(drawings[n]))
            if features is not None:
                one.features.append(features[n])
            if embeddings is not None:
                rows[n]["identity_cosine"] = float(cosine(embeddings[0], embeddings[n + 1]))
                one.embeddings.append(embeddings[n + 1])

    def _compare(self, photo: np.ndarray, painted: np.ndarray | None, drawings: list[np.ndarray],
                 subjects: Sequence[Subject], rows: list[dict]) -> None:
        """Couples of pictures: drawing and photo, drawing and painting, int8 and float."""
        couples, figures = [], []
        for drawn, subject, row in zip(drawings, subjects, rows, strict=True):
            couples.append((drawn, photo))
            figures.append((row, "lpips_content"))
            if painted is not None:
                couples.append((drawn, painted))
                figures.append((row, "lpips_drawn"))
            if subject.draw_float:
                unrounded = subject.draw_float(photo)
                row["float_psnr_db"] = float(cv2.PSNR(unrounded, drawn))
                couples.append((drawn, unrounded))
                figures.append((row, "lpips_float"))
        distances = self._instruments.use(LPIPS, lambda: perceptual_distances(couples))
        for (row, figure), distance in zip(figures, distances or (), strict=False):
            row[figure] = distance

    def _embed(self, pictures: list[np.ndarray], points: list[np.ndarray]) -> list[np.ndarray]:
        if self._recognizer is None:
            self._recognizer = FaceRecognizer()
        return [self._recognizer.embed(picture, each) for picture, each in zip(pictures, points, strict=True)]


def _retrieval(seen: _Seen, photos: _Seen) -> dict[str, float]:
    if not seen.embeddings:
        return {}
    return {"rank_1_percent": 100 * float(rank1(np.stack(seen.embeddings), np.stack(photos.embeddings)))}


def _style(samples: PreparedDataset | str, instruments: Instruments, seen: dict[str, _Seen],
           summaries: dict[str, dict[str, float]]) -> dict:
    """Adds the distances from the style samples to the summaries. Returns what the samples are, and the floor."""
    if isinstance(samples, str):
        return {}
    told: dict = {"description": Path(samples.description).name, "count": len(samples)}
    if KID_FID in instruments.missing:
        return told
    batches = [np.arange(len(samples))[i:i + _BATCH] for i in range(0, len(samples), _BATCH)]
    features = np.concatenate([inception_features(samples.images(batch))
                               for batch in tqdm(batches, unit="batch", desc="style samples")])
    halves = features[::2], features[1::2]
    if min(map(len, halves)) >= _LEAST_FOR_STYLE:
        (told["kid"], told["kid_deviation"]), told["fid"] = kid(*halves), fid(*halves)
        told["halves"] = [len(half) for half in halves]
    for name, each in seen.items():
        if len(each.features) < _LEAST_FOR_STYLE:
            instruments.missing[KID_FID] = f"one photo is no set; give {_LEAST_FOR_STYLE} or more"
            continue
        drawn = np.stack(each.features)
        summaries[name]["kid"], summaries[name]["kid_deviation"] = kid(drawn, features)
        summaries[name]["fid"] = fid(drawn, features)
    return told


def _time(subjects: Sequence[Subject], summaries: dict[str, dict[str, float]]) -> str | None:
    """Adds milliseconds of all files; returns whose speed is 1: the first peer's, or else the first file's."""
    timed = [subject for subject in subjects if subject.file]
    if not timed:
        return None
    reference = next((subject for subject in timed if subject.kind == "peer"), timed[0])
    taken = times_ms([load(subject.file).invoke for subject in timed if subject.file])
    ratios = taken[:, [timed.index(reference)]] / taken  # of neighbours in time: the machine's mood cancels out
    for n, subject in enumerate(timed):
        summaries[subject.name] |= {"ms": float(np.median(taken[:, n])),
                                    "times_as_fast": float(np.median(ratios[:, n]))}
    return reference.name


def _beside_references(summaries: dict[str, dict[str, float]]) -> None:
    """Adds what doing nothing, and what the painter himself would score, and the ratios to doing nothing."""
    unchanged, again = summaries[NOTHING], summaries.get(PAINTER, {})
    # before the loop, which adds to these two as well
    beside = {"lpips_photo": unchanged.get("lpips_drawn"), "lpips_painted_again": again.get("lpips_drawn"),
              "tone_error_photo_luma": unchanged.get("tone_error_luma")}
    for summary in summaries.values():
        summary |= {name: value for name, value in beside.items() if value is not None}
        for figure, ratio in (("lpips_drawn", "lpips_ratio"), ("kid", "kid_ratio"), ("fid", "fid_ratio")):
            if figure in summary and unchanged[figure] > 0:
                summary[ratio] = summary[figure] / unchanged[figure]


def _thumbnail(picture: np.ndarray) -> bytes:
    small = np.asarray(cv2.resize(picture, (THUMBNAIL_PX, THUMBNAIL_PX), interpolation=cv2.INTER_AREA))
    return encode_picture(small, ".jpg", _THUMBNAIL_QUALITY)


def is_reference(subject: dict) -> bool:
    """Whether a subject of the report is not in the contest."""
    return subject["kind"] == REFERENCE
