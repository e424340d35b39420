"""Reading a prepared dataset: aligned crops with control points and head pose, as `preparation` wrote them.

A dataset is a folder:

- ``crops/*.jpg``: aligned faces, square;
- ``landmarks.npz``: ``points`` float32 [N, 68, 2], normalised in the crop, and ``pose`` float32 [N, 3], degrees;
- ``manifest.json``: what each row is and where it came from; written last, so that with it a dataset is complete;
- ``contact_sheet.jpg``, to look at; ``progress.jsonl``, for resuming.
"""

import hashlib
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np

from stylizer.data.pictures import PictureError, read_picture
from stylizer.errors import DataError

VERSION = 1
CROPS, LANDMARKS, MANIFEST = "crops", "landmarks.npz", "manifest.json"

Kind = Literal["photos", "style"]
Split = Literal["train", "heldout"]


class PreparedDataset:
    """A prepared dataset; get one by `load`.

    Attributes:
      folder: where it is.
      kind: "photos" or "style".
      image_size: side of the crops in pixels.
      points: float32 [N, 68, 2], control points (x, y) in [0, 1] of the crop.
      pose: float32 [N, 3], (yaw, pitch, roll) in degrees, of the aligned crop.
      names: N names of the source pictures.
      description: of the source, such as the folder that the pictures came from.
      fingerprint: hex; changes with any picture, point or setting of the dataset.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any], points: np.ndarray, pose: np.ndarray,
                 fingerprint: str, memory_budget_bytes: int):
        self.folder = folder
        self.kind: Kind = manifest["kind"]
        self.image_size: int = manifest["image_size"]
        self.points = points
        self.pose = pose
        self.fingerprint = fingerprint
        self.description: str = manifest["source"]
        self._items: list[dict[str, Any]] = manifest["items"]
        self.names: list[str] = [item["source"] for item in self._items]
        crop_bytes = 3 * self.image_size**2
        self._kept = (np.empty((len(self), self.image_size, self.image_size, 3), np.uint8)
                      if len(self) * crop_bytes <= memory_budget_bytes else None)
        self._is_kept = np.zeros(len(self), bool)
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: Path | str, memory_budget_bytes: int = 2 * 1024**3) -> "PreparedDataset":
        """Opens and checks a dataset; crops are read at first use.

        Args:
          folder: as given to `prepare_pictures`.
          memory_budget_bytes: if all decoded crops fit in it, they are kept; else each use reads them anew.

        Raises:
          DataError: no dataset there, of another version, damaged or incomplete.
        """
        folder = Path(folder)
        path = folder / MANIFEST
        again = "prepare it again with `stylizer prepare`"
        try:
            content = path.read_bytes()
        except OSError as e:
            raise DataError(f"{folder} is no prepared dataset: {path.name} cannot be read "
                            f"({(e.strerror or str(e)).lower()}); {again}") from e
        try:
            manifest = json.loads(content)
            version = manifest["version"]
        except (ValueError, KeyError, TypeError) as e:
            raise DataError(f"{path} is damaged; {again}") from e
        if version != VERSION:
            raise DataError(f"{path} has version {version!r}, this release reads {VERSION}; {again}")
        try:
            landmarks = (folder / LANDMARKS).read_bytes()
            if hashlib.sha256(landmarks).hexdigest() != manifest["landmarks_sha256"]:
                raise ValueError(f"{LANDMARKS} is not the one that the manifest was written with")
            with np.load(folder / LANDMARKS, allow_pickle=False) as arrays:
                points, pose = arrays["points"], arrays["pose"]
            count = len(manifest["items"])
            if (points.shape, pose.shape, str(points.dtype)) != ((count, 68, 2), (count, 3), "float32"):
                raise ValueError(f"{LANDMARKS} holds points {list(points.shape)} for {count} items")
            missing = [item["file"] for item in manifest["items"] if not (folder / item["file"]).is_file()]
            if missing:
                raise ValueError(f"{len(missing)} crops are missing, {missing[0]} the first")
            return cls(folder, manifest, points, pose, hashlib.sha256(content).hexdigest(), memory_budget_bytes)
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise DataError(f"the dataset in {folder} is damaged ({e}); {again}") from e

    @classmethod
    def find(cls, folder: Path, fingerprint: str | None) -> "PreparedDataset | None":
        """The dataset of that fingerprint among the folders in `folder`; those that cannot be read are passed over."""
        for manifest in sorted(folder.glob(f"*/{MANIFEST}")):
            try:
                dataset = cls.load(manifest.parent)
            except DataError:  # somebody else's trouble
                continue
            if dataset.fingerprint == fingerprint:
                return dataset
        return None

    def __len__(self) -> int:
        return len(self._items)

    def indices(self, split: Split) -> np.ndarray:
        """Rows of a split, int64 ascending; style datasets have "train" only."""
        return np.array([i for i, item in enumerate(self._items) if item["split"] == split], np.int64)

    def images(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Crops of the given rows, uint8 [n, image_size, image_size, 3], RGB; safe to call from several threads.

        Raises:
          DataError: a crop is missing or not the one that was prepared.
        """
        rows = np.asarray(indices, np.int64).reshape(-1)
        if self._kept is None:
            return np.stack([self._read(row) for row in rows]) if len(rows) else self._none()
        with self._lock:
            absent = [row for row in np.unique(rows) if not self._is_kept[row]]
            if absent:
                with ThreadPoolExecutor(2) as pool:
                    for row, crop in zip(absent, pool.map(self._read, absent), strict=True):
                        self._kept[row] = crop
                        self._is_kept[row] = True
        return self._kept[rows]

    def _none(self) -> np.ndarray:
        return np.empty((0, self.image_size, self.image_size, 3), np.uint8)

    def _read(self, row: int) -> np.ndarray:
        item = self._items[row]
        path = self.folder / item["file"]
        try:
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() != item["sha256"]:
                raise PictureError(str(path), "not the crop that was prepared")
            crop = read_picture(content)
            if crop.shape != (self.image_size, self.image_size, 3):
                raise PictureError(str(path), f"{crop.shape[1]}x{crop.shape[0]} pixels instead of {self.image_size}")
        except (OSError, PictureError) as e:
            reason = e.reason if isinstance(e, PictureError) else (e.strerror or str(e)).lower()
            raise DataError(f"{path} is damaged ({reason}); prepare the dataset again with `stylizer prepare`") from e
        return crop
