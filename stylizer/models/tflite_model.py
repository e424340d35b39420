"""A style in a .tflite file: what its metadata says, and drawing with it. Needs no TensorFlow.

Shapes, value ranges and quantisation come from the file, never from here.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from tensorflow_lite_support.metadata import metadata_schema_py_generated as metadata_schema

from stylizer.errors import ModelError
from stylizer.models.strokes import Strokes
from stylizer.models.tflite_file import metadata_buffer, parse
from stylizer.quiet import quiet

IMAGE, GRAIN, DRAWING = "image", "grain", "drawing"  # names of the tensors
CUSTOM = "stylizer"  # name of our own part of the metadata: JSON of StyleInfo
GRAIN_TILE = "stylizer.grain"  # and of the picture that its strokes come from
_RGB = metadata_schema.ColorSpaceType.RGB


@dataclass(frozen=True)
class StyleInfo:
    """What a model file says of itself.

    Attributes:
      style: such as "sketch".
      licence: of the weights, in words.
      run: hash of the training run that made it.
      data: what it was trained on, in words.
      offset: float32 [68, 2]: where the style's faces have their control points, less where people have them, both in
        aligned frames (0..1 of the side); zeros where unknown. `Stylizer` exaggerates by it.
      grain: int8 [n, n], strokes for flat areas, to be repeated over a picture.
      grain_scale: what one level of it means to the network.
    """

    style: str
    licence: str
    run: str
    data: str
    offset: np.ndarray
    grain: np.ndarray
    grain_scale: float

    def to_json(self) -> bytes:
        """All but the grain."""
        fields = {**vars(self), "offset": np.round(self.offset, 5).tolist()}
        del fields["grain"]
        return json.dumps(fields).encode()

    @classmethod
    def from_json(cls, content: bytes, grain: bytes) -> "StyleInfo":
        """Raises ValueError, KeyError or TypeError for what `to_json` did not write."""
        fields = json.loads(content)
        offset, scale = np.asarray(fields["offset"], np.float32), float(fields["grain_scale"])
        side = round(len(grain) ** 0.5)
        if offset.shape != (68, 2) or not np.isfinite(offset).all():
            raise ValueError(f"offset has shape {list(offset.shape)}")
        if not side or side * side != len(grain) or not scale > 0:
            raise ValueError(f"a grain of {len(grain)} values is not square, or its scale {scale} not positive")
        return cls(**{name: str(fields[name]) for name in ("style", "licence", "run", "data")}, offset=offset,
                   grain=np.frombuffer(grain, np.int8).reshape(side, side), grain_scale=scale)


@dataclass(frozen=True)
class Normalization:
    """The network takes (v - mean) / std of a value v in 0..255."""

    mean: float
    std: float


def read_info(content: bytes, name: str) -> tuple[StyleInfo, Normalization]:
    """The metadata of a .tflite file.

    Args:
      content: the file. name: for error messages.

    Raises:
      ModelError: no .tflite file, damaged, or not one that `stylizer export` wrote.
    """
    try:
        metadata = metadata_buffer(parse(content))
    except ValueError as e:
        raise ModelError(f"{name}: {e}; name a .tflite file that `make tflite` wrote") from e
    if metadata is None:
        raise ModelError(f"{name}: is a .tflite file without metadata, so of another program; "
                         "name one that `make tflite` wrote")
    try:
        graph = metadata_schema.ModelMetadataT.InitFromPackedBuf(bytearray(metadata), 0).subgraphMetadata[0]
        custom = {c.name.decode(): np.asarray(c.data, np.uint8).tobytes() for c in graph.customMetadata or ()}
        tensor = graph.inputTensorMetadata[0]
        options = next(unit.options for unit in tensor.processUnits
                       if unit.optionsType == metadata_schema.ProcessUnitOptions.NormalizationOptions)
        if tensor.content.contentProperties.colorSpace != _RGB:
            raise ValueError("its pictures are not RGB")
        normalization = Normalization(float(options.mean[0]), float(options.std[0]))
        if not normalization.std > 0:
            raise ValueError(f"its normalisation divides by {normalization.std}")
        return StyleInfo.from_json(custom[CUSTOM], custom[GRAIN_TILE]), normalization
    except Exception as e:  # a foreign file may break at any of these
        raise ModelError(f"{name}: its metadata is not what `make tflite` writes ({str(e) or type(e).__name__}); "
                         "export the model again") from e


class TFLiteModel:
    """Draws square pictures with a .tflite file; for one thread at a time, `another` makes more.

    Args:
      source: path, or the content of the file.
      threads: of the runtime.

    Attributes:
      side: pixels of the pictures it draws.
      info: what the file says of itself.
      is_int8: integers in and out.

    Raises:
      ModelError: missing, unreadable, or not of `stylizer export`.
    """

    def __init__(self, source: Path | bytes, threads: int = 1):
        name = "model" if isinstance(source, bytes) else str(source)
        try:
            content = source if isinstance(source, bytes) else source.read_bytes()
        except OSError as e:
            raise ModelError(f"{name}: cannot be read ({(e.strerror or str(e)).lower()}); "
                             "name a .tflite file that `make tflite` wrote") from e
        self._content = content
        self._threads = threads
        self.info, normalization = read_info(content, name)
        try:
            with quiet():
                self._interpreter = Interpreter(model_content=content, num_threads=threads)
                self._interpreter.allocate_tensors()
            inputs = {tensor["name"]: tensor for tensor in self._interpreter.get_input_details()}
            taken, grain, (given,) = inputs[IMAGE], inputs[GRAIN], self._interpreter.get_output_details()
            side = int(taken["shape"][1])
            if ([t["shape"].tolist() for t in (taken, given, grain)]
                    != [[1, side, side, 3]] * 2 + [[1, side // 2, side // 2, 4]]):
                raise ValueError(f"draws {taken['shape'].tolist()}")
        except (ValueError, KeyError, RuntimeError) as e:
            raise ModelError(f"{name}: the TFLite runtime refuses it ({e}); export the model again") from e
        self.side = side
        self.is_int8 = taken["dtype"] == np.int8
        self._input, self._grain, self._output = taken["index"], grain["index"], given["index"]
        levels = (np.arange(256) - normalization.mean) / normalization.std
        if self.is_int8:
            scale, zero = taken["quantization"]
            levels = np.clip(np.rint(levels / scale + zero), -128, 127).astype(np.int8).view(np.uint8)
            scale, zero = given["quantization"]
            values = 255.0 * scale * (np.arange(256, dtype=np.uint8).view(np.int8) - float(zero))
            self._to_pixel = np.clip(np.rint(values), 0, 255).astype(np.uint8)
        self._to_level = levels if self.is_int8 else levels.astype(np.float32)
        self._strokes = Strokes(self.info.grain, self.info.grain_scale, side, grain["quantization"])

    def another(self) -> "TFLiteModel":
        """The same model for another thread."""
        return TFLiteModel(self._content, self._threads)

    def draw(self, picture: np.ndarray, moved: np.ndarray | None = None) -> np.ndarray:
        """Draws uint8 [side, side, 3] RGB; the result is the same.

        Args:
          picture: to be drawn.
          moved: similarity [2, 3] along which what it shows has moved, in pixels: its strokes move along. None: not.
        """
        if picture.shape != (self.side, self.side, 3) or picture.dtype != np.uint8:
            raise ValueError(f"picture must be uint8 [{self.side}, {self.side}, 3], "
                             f"got {picture.dtype} {list(picture.shape)}")
        levels = cv2.LUT(picture, self._to_level)
        self._interpreter.set_tensor(self._input, (levels.view(np.int8) if self.is_int8 else levels)[None])
        self._interpreter.set_tensor(self._grain, self._strokes.under(moved)[None])
        self._interpreter.invoke()
        drawn = self._interpreter.get_tensor(self._output)[0]
        if self.is_int8:
            return cv2.LUT(drawn.view(np.uint8), self._to_pixel)
        return cv2.convertScaleAbs(drawn, alpha=255.0)
