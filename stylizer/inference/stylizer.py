"""Photo in, drawing out: detect faces, align, draw, paste back.

    from stylizer import Stylizer
    stylizer = Stylizer.from_pretrained("sketch")
    drawing = stylizer(image)
"""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from stylizer.errors import ConfigError
from stylizer.inference.background import BACKGROUNDS, PersonMask, behind
from stylizer.inference.canvas import (
    Model,
    canvas_scale,
    draw_canvas,
    draw_frame_onto,
    frame_of,
    own_share,
    whole_scale,
)
from stylizer.inference.exaggeration import exaggerate
from stylizer.inference.exposure import Exposure, curve, exposure_of
from stylizer.inference.timings import Timings
from stylizer.landmarks.mediapipe_detector import Face, FaceDetector
from stylizer.models.pretrained import find_model
from stylizer.models.tflite_model import TFLiteModel

MOST_FACES = 20
MOST_TRACKED_FACES = 4


@dataclass(frozen=True)
class Options:
    """What is drawn, and how much of it.

    Attributes:
      faces: "all" or "largest": which faces are bent by `exaggerate` and get frames of their own where needed.
      background: "stylize"; or what is to be seen behind the people: "keep" the photo, "blur" it, "plain" paper.
      strength: 0 is the photo, 1 the drawing.
      exaggerate: -1..1, bends faces toward the style's mean geometry, or away from it.
      keep_color: 0 has the style's colours, 1 the photo's.
      expose: 0 draws the photo as it is exposed; up to 1, dim and flat ones are evened out first, skin with all else.

    Raises:
      ConfigError: a value that is none of these.
    """

    faces: str = "all"
    background: str = "stylize"
    strength: float = 1.0
    exaggerate: float = 0.0
    keep_color: float = 0.0
    expose: float = 0.0

    def __post_init__(self) -> None:
        for name, words in (("faces", ("all", "largest")), ("background", BACKGROUNDS)):
            if getattr(self, name) not in words:
                raise ConfigError(f"{name}: got {getattr(self, name)!r}; choose one of {', '.join(words)}")
        for name, low in (("strength", 0), ("exaggerate", -1), ("keep_color", 0), ("expose", 0)):
            if not low <= getattr(self, name) <= 1:
                raise ConfigError(f"{name}: got {getattr(self, name)}; it must lie between {low} and 1")


class Stylizer:
    """Draws pictures of any size in one style. For one thread at a time; `another` makes one for a further thread.

    Args:
      model: such as `TFLiteModel(Path("models/sketch/int8-512.tflite"))`.
      options: see Options; or as keywords.

    Raises:
      ConfigError: an option's value.
    """

    def __init__(self, model: Model, options: Options | None = None, **changes):
        self.model = model
        self.options = replace(options or Options(), **changes)
        self.timings = Timings()
        self._detector: FaceDetector | None = None
        self._person = PersonMask()
        self._paper: np.ndarray | None = None

    @classmethod
    def from_pretrained(cls, style: str, side: int = 512, threads: int = 1, kind: str = "float16",
                        **options) -> "Stylizer":
        """A style of models/, by name.

        Args:
          side: 512 or 256 pixels. threads: processor cores to use.
          kind: "float16", or "int8", which is a little worse and twice as fast, for live pictures.
          options: those of Options.

        Raises:
          ModelError: no such style or size.
          ConfigError: an option's value, or another kind.
        """
        return cls(TFLiteModel(find_model(style, side, kind), threads), **options)

    @classmethod
    def from_file(cls, path: Path | str, threads: int = 1, **options) -> "Stylizer":
        """A .tflite file that `make tflite` wrote. Raises as `from_pretrained` does."""
        return cls(TFLiteModel(Path(path), threads), **options)

    def another(self) -> "Stylizer":
        """The same for another thread; the timings are shared."""
        twin = Stylizer(self.model.another(), self.options)
        twin.timings = self.timings
        return twin

    def __call__(self, image: np.ndarray, return_faces: bool = False) -> np.ndarray | tuple[np.ndarray, list[Face]]:
        """Draws one picture.

        Args:
          image: uint8 [H, W, 3], RGB.
          return_faces: give the faces of the photo, too, largest first, with landmarks.

        Returns:
          uint8 [H, W, 3], RGB, of the same size and framing; with `return_faces` a couple of it and list[Face].

        Raises:
          ValueError: another shape or dtype.
        """
        with self.timings.stage("detect"):
            faces = self.detect(image)
        drawn = self.draw(image, faces)
        return (drawn, faces) if return_faces else drawn

    def detect(self, image: np.ndarray) -> list[Face]:
        """Faces of one picture, largest first; at most one if `faces` is "largest"."""
        if self._detector is None:
            self._detector = FaceDetector(MOST_FACES if self.options.faces == "all" else 1)
        return self._detector.detect(image)

    def draw(self, image: np.ndarray, faces: list[Face], at_once: bool = False,
             moved: np.ndarray | None = None, exposure: Exposure | None = None) -> np.ndarray:
        """Draws a picture whose faces are known.

        Args:
          image: uint8 [H, W, 3], RGB.
          faces: as `detect` or a tracker gives them.
          at_once: one pass of the network for the whole picture, as a video needs it, instead of tiles in which the
            largest face has the size that the network knows.
          moved: similarity [2, 3] along which a video has moved so far, in pixels: strokes move along.
          exposure: by which `expose` goes; the picture's own if None, a video's is steadier.

        Returns:
          uint8 [H, W, 3], RGB.
        """
        options, size = self.options, (image.shape[0], image.shape[1])
        points = [face.control_points for face in faces]
        if options.expose and exposure is None:
            exposure = self.exposure(image, faces)
        if options.exaggerate:
            with self.timings.stage("exaggerate"):
                for n, control_points in enumerate(points):
                    image, points[n] = exaggerate(image, control_points, self.model.info.offset, options.exaggerate)
        frames = [frame_of(control_points, size, self.model.side) for control_points in points]
        scale = whole_scale(size, self.model.side) if at_once else canvas_scale(frames, size, self.model.side)
        seen = image if exposure is None else cv2.LUT(image, curve(exposure, options.expose))
        with self.timings.stage("draw"):
            drawn = draw_canvas(self.model, seen, scale, moved)
            for frame in reversed(frames):  # the largest on top
                if share := own_share(frame, scale):
                    draw_frame_onto(self.model, seen, frame, share, drawn)
        with self.timings.stage("compose"):
            return self._composed(image, drawn, faces)

    def exposure(self, image: np.ndarray, faces: list[Face]) -> Exposure:
        """How a picture, uint8 [H, W, 3], is exposed around its faces; see `draw`."""
        size, side = (image.shape[0], image.shape[1]), self.model.side
        with self.timings.stage("expose"):
            return exposure_of(image, [frame_of(face.control_points, size, side) for face in faces], side)

    def _composed(self, image: np.ndarray, drawn: np.ndarray, faces: list[Face]) -> np.ndarray:
        options = self.options
        if options.keep_color:
            drawn = _colored(drawn, image, options.keep_color)
        if options.background != "stylize":
            mask = self._person(image, faces)
            under = behind(options.background, image, mask, self._paper_color()).astype(np.float32)
            drawn = np.rint(under + mask * (drawn - under)).astype(np.uint8)
        if options.strength < 1:
            drawn = cv2.addWeighted(drawn, options.strength, image, 1 - options.strength, 0)
        return drawn

    def _paper_color(self) -> np.ndarray:
        """What the network makes of white."""
        if self._paper is None:
            white = np.full([self.model.side, self.model.side, 3], 255, np.uint8)
            self._paper = np.rint(self.model.draw(white).mean((0, 1))).astype(np.uint8)
        return self._paper


def _colored(drawn: np.ndarray, photo: np.ndarray, amount: float) -> np.ndarray:
    """The drawing's lightness with so much of the photo's colour (CIELAB)."""
    lab, colors = (cv2.cvtColor(picture, cv2.COLOR_RGB2LAB) for picture in (drawn, photo))
    lab[..., 1:] = cv2.addWeighted(lab[..., 1:], 1 - amount, colors[..., 1:], amount, 0)
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
