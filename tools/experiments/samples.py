"""Style samples of an experiment: those that trials learn from, and others that their drawings are compared with.

Either our painter's, over embedded portraits, of which there are as many as one likes; or pictures of one's own, half
of which are kept for comparing.
"""

import shutil
from pathlib import Path
from typing import Protocol

import numpy as np

from stylizer.data.datasets import PreparedDataset
from stylizer.data.painters import PAINTERS, Painter
from stylizer.data.preparation import prepare_pictures
from stylizer.data.style_samples import FIRST_STYLE_SEED, make_style_samples
from stylizer.errors import DataError
from stylizer.landmarks.mediapipe_detector import FaceDetector

FIRST_REFERENCE_SEED = FIRST_STYLE_SEED + 100_000  # people painted for comparison: training has those before
REFERENCES = 100


class Samples(Protocol):
    """Where style samples come from.

    style: its name.
    painter: of the style, if it is one of ours.
    references: how many there are to compare with, for the record.
    """

    style: str
    painter: Painter | None
    references: int | str

    def to_learn_from(self, count: int) -> list[str]:
        """Words of ``stylizer train`` for that many; more of them include fewer."""
        ...

    def to_compare_with(self) -> PreparedDataset:
        """Others, which no trial learns from."""
        ...


class PaintedSamples:
    """Our painter's. work: a folder for them."""

    def __init__(self, style: str, work: Path):
        self.painter: Painter | None = PAINTERS[style]
        self.references: int | str = REFERENCES
        self.style, self._work = style, work

    def to_learn_from(self, count: int) -> list[str]:
        return ["--style", self.style, "--style-samples", str(count)]

    def to_compare_with(self) -> PreparedDataset:
        detector = FaceDetector()

        def control_points(image: np.ndarray) -> np.ndarray | None:
            faces = detector.detect(image)
            return faces[0].control_points if faces else None

        painted = self._work / "measured" / "samples" / self.style
        make_style_samples(self.style, REFERENCES, painted, control_points, first_seed=FIRST_REFERENCE_SEED)
        references = self._work / "measured" / "styles" / self.style
        prepare_pictures("style", painted, references, description=f"{REFERENCES} {self.style} samples")
        return PreparedDataset.load(references)


class OwnSamples:
    """Pictures in a folder, in an order of chance: the first half of those with a face to learn from, the rest to
    compare with. work: a folder for what is made of them."""

    painter: Painter | None = None
    references: int | str = "half of the pictures"

    def __init__(self, folder: Path, work: Path):
        self.style, self._folder, self._work = folder.resolve().name, folder, work
        self._halves: tuple[list[str], list[str]] | None = None

    def to_learn_from(self, count: int) -> list[str]:
        """As `Samples`.

        Raises:
          DataError: there are fewer.
        """
        there = self._split()[0]
        if count > len(there):
            raise DataError(f"{self._folder}: {count} pictures to learn from are asked for, half of those with a face "
                            f"are {len(there)}; name fewer with --counts")
        return ["--style", self.style, "--styles", str(self._copied(f"{self.style}-{count}", there[:count]))]

    def to_compare_with(self) -> PreparedDataset:
        copied = self._copied(f"{self.style}-others", self._split()[1])
        references = self._work / "measured" / "styles" / f"{self.style}-others"
        prepare_pictures("style", copied, references, description=f"half of {self._folder.name}")
        return PreparedDataset.load(references)

    def _split(self) -> tuple[list[str], list[str]]:
        if self._halves is None:
            whole = self._work / "measured" / "styles" / f"{self.style}-all"
            prepare_pictures("style", self._folder, whole, description=str(self._folder))
            names = PreparedDataset.load(whole).names
            names = [names[n] for n in np.random.default_rng(0).permutation(len(names))]
            self._halves = names[:len(names) // 2], names[len(names) // 2:]
        return self._halves

    def _copied(self, name: str, pictures: list[str]) -> Path:
        """A folder with these pictures alone, and what is said of where their faces are."""
        folder = self._work / "samples" / name
        shutil.rmtree(folder, ignore_errors=True)
        for picture in pictures:
            for source in (self._folder / picture, (self._folder / picture).with_suffix(".json")):
                if source.is_file():
                    target = folder / source.relative_to(self._folder)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(source, target)
        return folder
