"""A folder of finished drawings of the prepared photos, made by whatever program."""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from stylizer.data.pictures import list_pictures, read_picture
from stylizer.errors import DataError

_PREPARED = re.compile(r"-[0-9a-f]{10}$")  # what preparation adds to a photo's name


class ResultFolder:
    """Drawings by the names of their photos, or of the prepared crops; the suffix may be another.

    Args:
      folder: of the drawings, searched with its subfolders.

    Raises:
      DataError: no such folder.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._paths: dict[str, Path] = {}
        self._cut: dict[str, list[Path]] = {}  # by the names of crops, less what preparation added
        for path in list_pictures(folder):
            key = _key(path.relative_to(folder).as_posix())
            self._paths[key] = path
            if _PREPARED.search(key):
                self._cut.setdefault(_PREPARED.sub("", key), []).append(path)

    def __len__(self) -> int:
        return len(self._paths)

    def require(self, photos: Sequence[str]) -> None:
        """Checks that each of the photos has a drawing.

        Raises:
          DataError: some have none, or there are two that may be one's.
        """
        missing = [photo for photo in photos if self._path(photo) is None]
        if missing:
            others = f", nor of {len(missing) - 1} other of the {len(photos)} photos" if len(missing) > 1 else ""
            raise DataError(f"{self._folder}: holds no drawing of {missing[0]}{others}; "
                            "name each drawing like its photo")

    def draw(self, photo: np.ndarray, name: str) -> np.ndarray:
        """The drawing of a prepared photo uint8 [S, S, 3], at its size.

        Raises:
          DataError: there is none, it cannot be read, or is not square as all prepared photos are.
        """
        self.require([name])
        path = self._path(name)
        assert path is not None
        drawn = read_picture(path)
        height, width = drawn.shape[:2]
        if height != width:
            raise DataError(f"{path}: is {width}x{height} pixels; draw the prepared photos (crops/ of the prepared "
                            "dataset), which are square, so that all draw the same")
        if drawn.shape == photo.shape:
            return drawn
        shrinks = height > photo.shape[0]
        return np.asarray(cv2.resize(drawn, photo.shape[1::-1],
                                     interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC))

    def _path(self, photo: str) -> Path | None:
        # preparation drops folders and odd characters from the names of crops
        name = re.sub("[^A-Za-z0-9._-]+", "_", Path(photo).stem)[:60]
        if found := self._paths.get(_key(photo)) or self._paths.get(name):
            return found
        candidates = [path for key in dict.fromkeys((_key(photo), name)) for path in self._cut.get(key, [])]
        if len(candidates) > 1:
            raise DataError(f"{self._folder}: {candidates[0].name} and {candidates[1].name} may both be of {photo}; "
                            "name each drawing like its photo, with its folder")
        return candidates[0] if candidates else None


def _key(name: str) -> str:
    return PurePosixPath(name).with_suffix("").as_posix()
