"""Networks of other programs in .tflite files, told how they take and give pictures."""

import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from stylizer.errors import ConfigError, ModelError
from stylizer.quiet import quiet

FORM = "NAME=FILE[:SIDE][:rgb|bgr][:LOW..HIGH[:LOW..HIGH]]"

_RANGE = r"-?\d+(?:\.\d+)?\.\.-?\d+(?:\.\d+)?"
_PEER = re.compile(rf"(?P<name>[^=]+)=(?P<file>.+?)(?::(?P<side>\d+))?(?::(?P<order>rgb|bgr))?"
                   rf"(?::(?P<taken>{_RANGE})(?::(?P<given>{_RANGE}))?)?")


@dataclass(frozen=True)
class Peer:
    """A file, and how it takes and gives pictures.

    Attributes:
      name: of the column.
      path: of the .tflite file.
      side: pixels, for files that leave it open; None: as the file says.
      order: of the channels, "rgb" or "bgr", in and out.
      taken, given: the values that black and white have going in and coming out.
    """

    name: str
    path: Path
    side: int | None = None
    order: str = "rgb"
    taken: tuple[float, float] = (-1.0, 1.0)
    given: tuple[float, float] = (-1.0, 1.0)

    @classmethod
    def parse(cls, text: str) -> "Peer":
        """Reads what the command line takes, see FORM: the side is the file's own and the order rgb if left out, the
        first range -1..1, the second one the first.

        Raises:
          ConfigError: another form, or an empty range.
        """
        parts = _PEER.fullmatch(text)
        if parts is None:
            raise ConfigError(f"peer: got {text!r}; the form is {FORM}, such as 'DCT-Net=head.tflite:bgr:0..255:-1..1'")
        taken = _range(parts["taken"] or "-1..1")
        given = _range(parts["given"]) if parts["given"] else taken
        side = int(parts["side"]) if parts["side"] else None
        if taken[0] == taken[1] or given[0] == given[1] or side == 0:
            raise ConfigError(f"peer: got {text!r}; black and white must be two values, and a side more than 0 pixels")
        return cls(parts["name"], Path(parts["file"]), side, parts["order"] or "rgb", taken, given)

    @property
    def conventions(self) -> str:
        (taken_black, taken_white), (given_black, given_white) = self.taken, self.given
        return f"{self.order.upper()} {taken_black:g}..{taken_white:g} in, {given_black:g}..{given_white:g} out"


class PeerModel:
    """Draws with a .tflite file of another program; for one thread.

    Attributes:
      side: pixels of the square that it takes.

    Raises:
      ModelError: missing, refused by the runtime, or not one square RGB picture of floats in and one out.
    """

    def __init__(self, peer: Peer):
        self._peer = peer
        try:
            with quiet():
                self._interpreter = Interpreter(model_content=peer.path.read_bytes(), num_threads=1)
                (taken,) = self._interpreter.get_input_details()
                if peer.side:
                    batch = list(taken["shape"][:-3])
                    self._interpreter.resize_tensor_input(taken["index"], [*batch, peer.side, peer.side, 3])
                self._interpreter.allocate_tensors()
            (taken,), (given,) = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        except OSError as e:
            raise ModelError(f"{peer.path}: cannot be read ({(e.strerror or str(e)).lower()}); "
                             f"the form of a peer is {FORM}") from e
        except (ValueError, RuntimeError) as e:
            raise ModelError(f"{peer.path}: the TFLite runtime refuses it ({e}); "
                             "a peer is a .tflite file with one picture in and one out") from e
        self.side = int(taken["shape"][-2])
        for tensor in (taken, given):
            *batch, height, width, channels = tensor["shape"].tolist()
            if tensor["dtype"] != np.float32 or channels != 3 or height != width or width < 16 or not set(batch) <= {1}:
                raise ModelError(f"{peer.path}: has a tensor {tensor['shape'].tolist()} of {tensor['dtype'].__name__}; "
                                 "a peer takes one picture [side, side, 3] of float32 and gives the like")
        self._shape = taken["shape"]
        self._input, self._output = taken["index"], given["index"]

    def draw(self, photo: np.ndarray) -> np.ndarray:
        """Draws uint8 [S, S, 3] RGB of any side; the result is the same."""
        peer = self._peer
        shrinks = photo.shape[0] > self.side
        picture = photo if photo.shape[0] == self.side else cv2.resize(
            photo, (self.side, self.side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
        if peer.order == "bgr":
            picture = picture[..., ::-1]
        black, white = peer.taken
        values = black + picture.astype(np.float32) * ((white - black) / 255)
        self._interpreter.set_tensor(self._input, values.reshape(self._shape))
        self._interpreter.invoke()
        drawn = self._interpreter.get_tensor(self._output)
        drawn = drawn.reshape(drawn.shape[-3:])
        if peer.order == "bgr":
            drawn = drawn[..., ::-1]
        black, white = peer.given
        drawn = np.clip(np.rint((drawn - black) * (255 / (white - black))), 0, 255).astype(np.uint8)
        if drawn.shape == photo.shape:
            return drawn
        return np.asarray(cv2.resize(drawn, photo.shape[1::-1], interpolation=cv2.INTER_CUBIC))


def _range(text: str) -> tuple[float, float]:
    low, high = text.split("..")
    return float(low), float(high)
