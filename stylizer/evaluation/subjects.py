"""What can be measured: whatever draws a prepared photo. Each kind says what it is, and costs what it costs."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from stylizer.data.painters import Painter
from stylizer.errors import ModelError
from stylizer.evaluation.cost import size_of
from stylizer.evaluation.peers import Peer, PeerModel
from stylizer.evaluation.results import ResultFolder
from stylizer.geometry.camera_motion import CameraMotion
from stylizer.models.generator import count_macs
from stylizer.models.pretrained import file_name
from stylizer.models.run_folder import FINAL_WEIGHTS, RunModel, read_run
from stylizer.models.tflite_model import TFLiteModel

REFERENCE = "reference"  # kind of what is always measured beside the others
NOTHING, PAINTER = "nothing", "painter"

Draw = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Subject:
    """One column of the table.

    Attributes:
      name: of its own within an evaluation.
      kind: "run", "tflite", "peer", "results" or "reference".
      source: what it is, in words.
      draw: (prepared photo uint8 [S, S, 3], its name) -> drawing uint8 [S, S, 3], RGB.
      film: begins a film and returns what draws its frames, uint8 [S, S, 3], in their order; None where there are
        finished drawings only.
      draw_float: the same network at float16, where it has been exported beside an int8 file.
      cost: "parameters", "macs" of one drawing, and "bytes", as far as they are known.
      file: content of a .tflite file to be timed.
      style: where it says so itself.
      samples, photos: fingerprints of the style dataset and of the photos that it learned from.
    """

    name: str
    kind: str
    source: str
    draw: Callable[[np.ndarray, str], np.ndarray]
    film: Callable[[], Draw] | None = None
    draw_float: Draw | None = None
    cost: dict[str, int] = field(default_factory=dict)
    file: bytes | None = None
    style: str | None = None
    samples: str | None = None
    photos: str | None = None


def run_subject(name: str, run_dir: Path) -> Subject:
    """The network of a finished run, before export.

    Raises:
      RunError: no run there, or it has not finished.
    """
    record, model = read_run(run_dir), RunModel(run_dir)
    generator = model.generator
    weights = (run_dir / FINAL_WEIGHTS).read_bytes()
    return Subject(name, "run", f"network of a run before export, weights {_hash(weights)}",
                   _whatever_its_name(model.draw), lambda: _following(model),
                   cost={"parameters": generator.count_params(), "macs": count_macs(generator), "bytes": len(weights)},
                   style=record["style"], samples=record.get("styles"), photos=record.get("photos"))


def tflite_subject(name: str, path: Path) -> Subject:
    """A file that `stylizer export` wrote.

    Raises:
      ModelError: it is not.
    """
    try:
        model = TFLiteModel(path)
    except ModelError as e:
        raise ModelError(f"{e}; a file of another program is named with --peer") from e
    content = path.read_bytes()
    sibling = path.with_name(file_name("float16", model.side))
    compared = model.is_int8 and sibling.is_file()
    draw = _at_side(model.draw, model.side)
    return Subject(name, "tflite", f"exported, {'int8' if model.is_int8 else 'float'}, {model.side} px, of run "
                                   f"{model.info.run}, file {_hash(content)}",
                   _whatever_its_name(draw), lambda: _following(model),
                   _at_side(TFLiteModel(sibling).draw, model.side) if compared else None,
                   size_of(content), content, model.info.style)


def peer_subject(peer: Peer) -> Subject:
    """A .tflite file of another program. Raises ModelError as PeerModel does."""
    model = PeerModel(peer)
    content = peer.path.read_bytes()
    return Subject(peer.name, "peer", f"{peer.path.name}, {model.side} px, {peer.conventions}, file {_hash(content)}",
                   _whatever_its_name(model.draw), lambda: model.draw, cost=size_of(content), file=content)


def results_subject(name: str, folder: ResultFolder) -> Subject:
    """Finished drawings in a folder."""
    return Subject(name, "results", f"{len(folder)} pictures in a folder", folder.draw)


def nothing() -> Subject:
    """The photo itself: what doing nothing scores."""
    def same(photo: np.ndarray) -> np.ndarray:
        return photo

    return Subject(NOTHING, REFERENCE, "the photo itself: what doing nothing scores", _whatever_its_name(same),
                   lambda: same)


def painter_subject(painter: Painter) -> Subject:
    """Our painter on other paper with other strokes than in the painting that all are compared with."""
    def paint_again(photo: np.ndarray) -> np.ndarray:
        return painter.paint(photo, 1)

    return Subject(PAINTER, REFERENCE, "a second painting by our painter, about the best that can be hoped for",
                   _whatever_its_name(paint_again), style=painter.name)


def _whatever_its_name(draw: Draw) -> Callable[[np.ndarray, str], np.ndarray]:
    return lambda photo, name: draw(photo)


def _following(model: RunModel | TFLiteModel) -> Draw:
    """Draws frame after frame, the strokes moving with what the frames show."""
    motion = CameraMotion()

    def draw(frame: np.ndarray) -> np.ndarray:
        moved = motion.follow(frame) * (1.0, 1.0, model.side / frame.shape[0])  # in pixels of what the network sees
        return _at_side(lambda seen: model.draw(seen, moved), model.side)(frame)

    return draw


def _at_side(draw: Draw, side: int) -> Draw:
    """Draws pictures of any side by a network of one, and brings the drawing to the photo's size."""
    def resized(photo: np.ndarray) -> np.ndarray:
        if photo.shape[0] == side:
            return draw(photo)
        small = cv2.resize(photo, (side, side), interpolation=cv2.INTER_AREA)
        return cv2.resize(draw(small), photo.shape[1::-1], interpolation=cv2.INTER_CUBIC)

    return resized


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
