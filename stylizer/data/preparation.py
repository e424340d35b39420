"""Turning a pile of pictures into a prepared dataset: aligned faces, control points, head pose, a train/held-out split.

The dataset's format is described in `datasets`. Each finished picture is noted in ``progress.jsonl`` at once, so an
interrupted preparation goes on where it stopped, and a later one only looks at what is new or changed.
"""

import hashlib
import io
import itertools
import json
import os
import re
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from tqdm import tqdm

from stylizer.data.aligned_crop import cut_aligned
from stylizer.data.atomic_write import write_atomically, write_together
from stylizer.data.contact_sheet import contact_sheet, in_rows
from stylizer.data.datasets import CROPS, LANDMARKS, MANIFEST, VERSION, Kind, Split
from stylizer.data.pictures import PICTURE_SUFFIXES, PictureError, encode_picture, list_pictures, read_picture
from stylizer.errors import DataError
from stylizer.geometry.face_alignment import aligned_crop_transform, apply_transform
from stylizer.landmarks.head_pose import estimate_pose
from stylizer.landmarks.mediapipe_detector import Face, FaceDetector
from stylizer.landmarks.topology import CONTROL_POINT_COUNT, draw_control_points

PROGRESS, CONTACT_SHEET = "progress.jsonl", "contact_sheet.jpg"
MIN_STYLE_PICTURES = 8
MIN_FACE_PX = 32  # a smaller face would be a blur in the crop
HELDOUT_FRACTION, MIN_HELDOUT, MAX_HELDOUT = 0.1, 8, 64
SHEET_PICTURES = 64

# what the manifest says of each picture, besides its identity and split
_RECORDED = {"file": 0, "sha256": 0, "source": 0, "source_sha256": 0, "confidence": 0, "mesh_from": 0}.keys()

LazyPicture = tuple[str, Callable[[], np.ndarray]]  # a name, and what draws the picture: uint8 [H, W, 3] RGB


class Detector(Protocol):
    """What preparation needs of a face detector."""

    def detect(self, image: np.ndarray) -> list[Face]: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Preparation:
    """What came of a preparation.

    Attributes:
      folder: of the dataset.
      kind: "photos" or "style".
      train, heldout: how many pictures are in each split.
      left_out: reason -> how many pictures.
    """

    folder: Path
    kind: Kind
    train: int
    heldout: int
    left_out: dict[str, int]

    def __str__(self) -> str:
        looked_at = self.train + self.heldout + sum(self.left_out.values())
        used = f"{self.train + self.heldout} of {looked_at} pictures used"
        if self.kind == "photos":
            used += f" ({self.train} to train, {self.heldout} held out)"
        reasons = "; ".join(f"{count} left out: {reason}" for reason, count in self.left_out.items())
        return (f"{self.kind}: {used}{'; ' + reasons if reasons else ''}\n"
                f"{self.kind}: look at {self.folder / CONTACT_SHEET}")


def prepare_pictures(kind: Kind, source: Path | Iterable[LazyPicture], out_dir: Path, *, image_size: int = 512,
                     workers: int = 2, limit: int | None = None, description: str | None = None,
                     skip: Path | None = None, draw_points: bool = True,
                     detector: Callable[[], Detector] = FaceDetector) -> Preparation:
    """Makes or brings up to date the prepared dataset in `out_dir`, and prints what came of it.

    The largest face of each picture is used. Beside a style picture ``NAME.png``, a file ``NAME.json`` may give the
    face's control points, for drawings in which MediaPipe sees no face; it is preferred to what MediaPipe sees:
    ``{"format": "stylizer-landmarks", "version": 1, "control_points": [[x, y], ... 68]}``, in the order of
    `landmarks.topology`, in [0, 1] of the upright picture's width and height.

    Args:
      kind: "photos" are split into train and held-out people, "style" pictures are all for training.
      source: a folder, searched with its subfolders; or pictures drawn on demand, in any thread, each the same
        whenever its name is.
      out_dir: created if missing.
      image_size: side of the crops in pixels.
      workers: threads.
      limit: looks at the first so many pictures only.
      description: of the source, for the manifest and messages; by default the folder's path.
      skip: a folder below the source that is not looked into; prepared datasets never are.
      draw_points: shows the control points on the contact sheet.
      detector: makes one face detector a thread.

    Raises:
      DataError: nothing to prepare, too few usable pictures, a full disk.
    """
    if image_size < 16 or workers < 1:
        raise ValueError(f"image_size must be 16 or more and workers 1 or more, got {image_size} and {workers}")
    settings = f"{VERSION} {kind} {image_size}"
    if isinstance(source, str | os.PathLike):
        folder = Path(source)
        where = description or str(folder)
        paths = [path for path in list_pictures(folder) if not _is_ours(path, folder, skip)]
        if not paths:
            raise DataError(f"no pictures in {where}: looked for {', '.join(sorted(PICTURE_SUFFIXES))}")
        names: set[str] | None = {path.relative_to(folder).as_posix() for path in paths}
        items: Iterable[_Item] = (_FileItem(path.relative_to(folder).as_posix(), path, kind) for path in paths)
        total: int | None = len(paths)
    else:
        where = description or "pictures drawn on demand"
        names = None
        total = len(source) if isinstance(source, Sequence) else None
        items = (_DrawnItem(name, draw) for name, draw in source)
    if limit is not None:
        items = itertools.islice(items, limit)
        total = limit if total is None else min(limit, total)
    try:
        (out_dir / CROPS).mkdir(parents=True, exist_ok=True)
        progress = _Progress(out_dir / PROGRESS, settings)
        entries = []
        finished = _prepare_all(items, out_dir, image_size, settings, progress.done, workers, detector)
        with closing(finished), tqdm(total=total, desc=kind, unit="picture", file=sys.stderr,
                                     mininterval=0.2 if sys.stderr.isatty() else 15) as bar:
            for entry in finished:
                progress.add(entry)
                entries.append(entry)
                bar.update()
        used = [entry for entry in entries if "file" in entry]
        _require_enough(kind, where, len(used), entries)
        preparation = _write_dataset(kind, where, out_dir, image_size, used, entries, draw_points)
        progress.forget_superseded(entries, names)
    except OSError as e:
        raise DataError(f"cannot write to {out_dir}: {e.strerror or e}; make room or choose another folder and run "
                        "the same command again, finished pictures are kept") from e
    print(preparation)
    return preparation


def identities(names: Sequence[str], hashes: Sequence[str]) -> list[str]:
    """Who is in each picture: the part of the file's name before ``__``, or else the picture by itself.

    Pictures with the same hash, and the people that they are filed under, are one identity.
    """
    stems = [Path(name).stem for name in names]
    people = [stem.split("__")[0] if "__" in stem else name for stem, name in zip(stems, names, strict=True)]
    same_as: dict[str, str] = {}

    def root(person: str) -> str:
        while person in same_as:
            person = same_as[person]
        return person

    first_with: dict[str, str] = {}
    for person, content in zip(people, hashes, strict=True):
        a, b = sorted((root(person), root(first_with.setdefault(content, person))))
        if a != b:
            same_as[b] = a
    return [root(person) for person in people]


def split_by_identity(people: Sequence[str]) -> list[Split]:
    """Holds out about a tenth of the pictures, whole people at a time, at least 8 and at most 64 pictures.

    Who is held out depends on a hash of the name, so adding pictures hardly moves anybody from one side to the other.
    At least half of the pictures stay for training, whatever that leaves to hold out.
    """
    counts = Counter(people)
    rank = {person: int(_sha256(person.encode("utf-8", "surrogateescape"))[:12], 16) / 16**12 for person in counts}
    room = min(MAX_HELDOUT, len(people) // 2)
    heldout: set[str] = set()
    taken = 0
    for person in sorted(counts, key=lambda p: rank[p]):
        if rank[person] >= HELDOUT_FRACTION and taken >= MIN_HELDOUT:
            break
        if taken + counts[person] <= room:
            heldout.add(person)
            taken += counts[person]
    return ["heldout" if person in heldout else "train" for person in people]


def read_sidecar(path: Path) -> np.ndarray:
    """Control points of a sidecar file, float64 [68, 2] in [0, 1] of the upright picture.

    Raises:
      PictureError: it is not as described in `prepare_pictures`.
    """
    try:
        sidecar = json.loads(path.read_bytes())
        if (sidecar["format"], sidecar["version"]) != ("stylizer-landmarks", 1):
            raise ValueError
        points = np.array(sidecar["control_points"], np.float64)
        if points.shape != (CONTROL_POINT_COUNT, 2) or not np.all((points > -0.5) & (points < 1.5)):
            raise ValueError  # NaN fails the comparison, too
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as e:
        raise PictureError(str(path), "malformed landmark file beside it") from e
    return points


def _is_ours(path: Path, folder: Path, skip: Path | None) -> bool:
    """Whether a picture in `folder` is a product of ours: people do keep the data folder among their photos."""
    inside = path.relative_to(folder).parents
    return any((folder / parent / PROGRESS).is_file() for parent in inside if parent != Path(".")) or (
        skip is not None and path.resolve().is_relative_to(skip.resolve()))


class _Item(Protocol):
    """A picture to prepare. `key` names its content for as long as that does not change."""

    name: str

    def key(self) -> str: ...

    def read(self) -> tuple[np.ndarray, str]:
        """The picture and the hash of its source."""
        ...

    def sidecar(self) -> Path | None: ...


class _FileItem:
    def __init__(self, name: str, path: Path, kind: Kind):
        self.name = name
        self._path = path
        self._sidecar = path.with_suffix(".json") if kind == "style" else None
        self._content: bytes | None = None

    def key(self) -> str:
        try:
            self._content = self._path.read_bytes()
            beside = self.sidecar()
            return _sha256(self._content + (beside.read_bytes() if beside else b""))
        except OSError as e:
            raise PictureError(self.name, f"cannot be read ({(e.strerror or str(e)).lower()})") from e

    def read(self) -> tuple[np.ndarray, str]:
        content, self._content = self._content or self._path.read_bytes(), None
        return read_picture(content), _sha256(content)

    def sidecar(self) -> Path | None:
        return self._sidecar if self._sidecar and self._sidecar.is_file() else None


class _DrawnItem:
    def __init__(self, name: str, draw: Callable[[], np.ndarray]):
        self.name = name
        self._draw = draw

    def key(self) -> str:
        return "drawn"

    def read(self) -> tuple[np.ndarray, str]:
        image = self._draw()
        return image, _sha256(image.tobytes())

    def sidecar(self) -> Path | None:
        return None


class _Progress:
    """What is known of pictures that were looked at: one JSON object a line, appended as they are finished."""

    def __init__(self, path: Path, settings: str):
        self._path = path
        self._settings = settings
        self.done: dict[str, dict[str, Any]] = {}
        self._outdated: list[dict[str, Any]] = []
        for line in path.read_text(errors="replace").splitlines() if path.exists() else ():
            try:
                entry = json.loads(line)
                if "reason" not in entry and not entry.keys() >= _RECORDED | {"points", "pose"}:
                    continue
                if entry["settings"] == settings:
                    self.done[entry["key"]] = entry
                else:
                    self._outdated.append(entry)
            except (ValueError, KeyError, TypeError):  # the last line of an interrupted preparation
                continue
        self._rewrite()

    def add(self, entry: dict[str, Any]) -> None:
        if self.done.get(entry["key"]) is not entry:
            self.done[entry["key"]] = entry
            with open(self._path, "a") as file:
                file.write(json.dumps(entry) + "\n")

    def forget_superseded(self, entries: list[dict[str, Any]], names: set[str] | None) -> None:
        """Deletes crops of pictures that have changed or are gone, but not of those that a limit left aside."""
        current = {entry["source"]: entry["key"] for entry in entries}
        keep = {}
        for key, entry in self.done.items():
            name = entry["source"]
            if current.get(name, key) == key and (names is None or name in names):
                keep[key] = entry
        kept_files = {entry.get("file") for entry in keep.values()}
        for entry in [*self._outdated, *self.done.values()]:
            file = entry.get("file")
            if isinstance(file, str) and file not in kept_files:
                (self._path.parent / CROPS / Path(file).name).unlink(missing_ok=True)
        self.done, self._outdated = keep, []
        self._rewrite()

    def _rewrite(self) -> None:
        lines = [json.dumps(entry) + "\n" for entry in [*self._outdated, *self.done.values()]]
        write_atomically(self._path, "".join(lines).encode())


def _prepare_all(items: Iterable["_Item"], out_dir: Path, image_size: int, settings: str,
                 done: dict[str, dict[str, Any]], workers: int,
                 detector: Callable[[], Detector]) -> Generator[dict[str, Any], None, None]:
    """Entries for all items, in their order, `workers` at a time; few are in memory at once."""
    of_thread = threading.local()
    detectors: list[Detector] = []

    def detect(image: np.ndarray) -> list[Face]:
        if not hasattr(of_thread, "detector"):
            of_thread.detector = detector()
            detectors.append(of_thread.detector)
        return of_thread.detector.detect(image)

    def prepare(item: "_Item") -> dict[str, Any]:
        return _prepare_one(item, out_dir, image_size, settings, done, detect)

    try:
        with ThreadPoolExecutor(workers) as pool:
            pending: deque[Future[dict[str, Any]]] = deque()
            try:
                for item in items:
                    pending.append(pool.submit(prepare, item))
                    if len(pending) > 2 * workers:
                        yield pending.popleft().result()
                while pending:
                    yield pending.popleft().result()
            except BaseException:  # Ctrl-C and a full disk, too: begin no other picture
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        for each in detectors:
            each.close()


def _prepare_one(item: "_Item", out_dir: Path, image_size: int, settings: str, done: dict[str, dict[str, Any]],
                 detect: Callable[[np.ndarray], list[Face]]) -> dict[str, Any]:
    """The entry of one picture, whose crop is then on the disk; or of one left out, with the reason."""
    entry: dict[str, Any] = {"settings": settings, "source": item.name}
    try:
        entry["key"] = _sha256("\n".join((settings, item.name, item.key())).encode("utf-8", "surrogateescape"))
        known = done.get(entry["key"])
        if known and _is_intact(known, out_dir):
            return known
        image, entry["source_sha256"] = item.read()
        height, width = image.shape[:2]
        points, confidence, mesh_from = _control_points(item, image, detect)
        points_px = points * (width, height)
        if np.ptp(points_px[:, 0]) < MIN_FACE_PX:
            raise PictureError(item.name, f"the face is under {MIN_FACE_PX} pixels wide")
        transform = aligned_crop_transform(points_px, image_size)
        in_crop = apply_transform(points_px, transform) / image_size
        if np.linalg.det(transform[:, :2]) < 1e-9 or np.abs(in_crop).max() > 10:
            raise PictureError(item.name, "the control points are not those of a face")
        crop = encode_picture(cut_aligned(image, transform, image_size), ".jpg")
        file = f"{CROPS}/{re.sub('[^A-Za-z0-9._-]+', '_', Path(item.name).stem)[:60]}-{entry['key'][:10]}.jpg"
        write_atomically(out_dir / file, crop)
        return entry | {
            "file": file,
            "sha256": _sha256(crop),
            "points": np.round(in_crop, 6).tolist(),
            "pose": np.round(estimate_pose(in_crop, (image_size, image_size)), 3).tolist(),
            "confidence": round(confidence, 4),
            "mesh_from": mesh_from,
        }
    except PictureError as e:
        return {"key": ""} | entry | {"reason": e.reason}


def _control_points(item: "_Item", image: np.ndarray,
                    detect: Callable[[np.ndarray], list[Face]]) -> tuple[np.ndarray, float, str]:
    sidecar = item.sidecar()
    if sidecar is not None:
        return read_sidecar(sidecar), 1.0, "sidecar"
    faces = detect(image)
    if not faces:
        raise PictureError(item.name, "no face found")
    return faces[0].control_points.astype(np.float64), faces[0].confidence, "mediapipe"


def _is_intact(entry: dict[str, Any], out_dir: Path) -> bool:
    """Whether a noted picture needs no further work: its crop is there as written, or it was left out."""
    if "reason" in entry:
        return True
    try:
        return _sha256((out_dir / entry["file"]).read_bytes()) == entry["sha256"]
    except (OSError, KeyError):
        return False


def _require_enough(kind: Kind, where: str, used: int, entries: list[dict[str, Any]]) -> None:
    needed = MIN_STYLE_PICTURES if kind == "style" else 1
    if used >= needed:
        return
    if not entries:
        raise DataError(f"no pictures in {where}")
    reasons = Counter(entry["reason"] for entry in entries if "reason" in entry).most_common(1)
    why = f", most left out because: {reasons[0][0]} ({reasons[0][1]})" if reasons else ""
    advice = ("add pictures with one clear face each, or put the control points beside them"
              if kind == "style" else "add photos with a clear face")
    raise DataError(f"{used or 'none'} of the {len(entries)} {kind} pictures in {where} can be used, "
                    f"at least {needed} needed{why}; {advice}")


def _write_dataset(kind: Kind, where: str, out_dir: Path, image_size: int, used: list[dict[str, Any]],
                   entries: list[dict[str, Any]], draw_points: bool) -> Preparation:
    people = identities([entry["source"] for entry in used], [entry["source_sha256"] for entry in used])
    splits = split_by_identity(people) if kind == "photos" else ["train"] * len(used)
    points = np.array([entry["points"] for entry in used], np.float32)
    landmarks = io.BytesIO()
    np.savez(landmarks, points=points, pose=np.array([entry["pose"] for entry in used], np.float32))
    left_out = [{"source": entry["source"], "reason": entry["reason"]} for entry in entries if "reason" in entry]
    manifest = {
        "version": VERSION,
        "kind": kind,
        "image_size": image_size,
        "source": where,
        "landmarks_sha256": _sha256(landmarks.getvalue()),
        "items": [{name: entry[name] for name in _RECORDED} | {"split": split, "identity": person}
                  for entry, split, person in zip(used, splits, people, strict=True)],
        "left_out": left_out,
    }
    shown = [read_picture(out_dir / entry["file"]) for entry in used[:SHEET_PICTURES]]
    if draw_points:
        shown = [draw_control_points(crop, face) for crop, face in zip(shown, points, strict=False)]
    sheet = contact_sheet(in_rows(shown, 8), cell_px=160)
    write_together({
        out_dir / LANDMARKS: landmarks.getvalue(),
        out_dir / CONTACT_SHEET: encode_picture(sheet, ".jpg", quality=88),
        out_dir / MANIFEST: (json.dumps(manifest, indent=1) + "\n").encode(),
    })
    reasons = Counter(each["reason"] for each in left_out)
    return Preparation(out_dir, kind, splits.count("train"), splits.count("heldout"), dict(reasons.most_common()))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
