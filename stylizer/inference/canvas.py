"""Drawing a picture of any size with a network of one size: tiles, and frames around faces.

Tiles overlap by half, and where they overlap they draw the same strokes, so
that they cross-fade without a seam; each keeps clear of its border, where the
network sees padding.
"""

import functools
from typing import Protocol

import cv2
import numpy as np

from stylizer.data.aligned_crop import cut_aligned
from stylizer.geometry.face_alignment import aligned_crop_transform, frame_corners, of_cutout, scale_of, to_cv2
from stylizer.models.tflite_model import StyleInfo

MOST_PIXELS = 6_000_000  # of a canvas: larger photos are drawn smaller
MOST_ENLARGED = 3.0  # tiny faces: beyond this the strokes would vanish when the drawing is reduced again
_FACELESS_TILES = 1.5  # longer side of the canvas of a picture without a face, in tiles
_SHRINKS = 0.85  # a canvas may be so much smaller than wanted if that saves tiles
_OWN_FRAME_RATIO = (0.3, 0.4)  # a face that the canvas shows at less than this share of its size gets a frame
_OWN_FRAME_TILT_DEG = (20.0, 30.0)  # and one that is tilted by more than this
_FEATHER = 0.3  # of half a frame: width of the border that fades
_SMALLEST_CANVAS = 32


class Model(Protocol):
    """What draws: a .tflite file or the network of a run."""

    side: int
    info: StyleInfo

    def draw(self, picture: np.ndarray, moved: np.ndarray | None = None) -> np.ndarray: ...

    def another(self) -> "Model": ...


def frame_of(control_points: np.ndarray, size: tuple[int, int], side: int) -> np.ndarray:
    """Transform [2, 3] from pixels of a picture to the frame, side x side, in which the network knows this face.

    Args:
      control_points: [68, 2] in 0..1.
      size: (height, width) of the picture.
      side: of the network.
    """
    matrix = aligned_crop_transform(np.asarray(control_points) * size[::-1], side)
    excess = scale_of(matrix) / MOST_ENLARGED
    if excess > 1:  # about the frame's middle
        matrix = matrix / excess
        matrix[:, 2] += side / 2 * (1 - 1 / excess)
    return matrix


def canvas_scale(frames: list[np.ndarray], size: tuple[int, int], side: int) -> float:
    """Factor by which a picture is resized so that its largest face has the size that the network knows.

    Args:
      frames: of its faces, largest first.
      size: (height, width) in pixels.
      side: of the network.
    """
    wanted = scale_of(frames[0]) if frames else _FACELESS_TILES * side / max(size)
    wanted = min(wanted, float(np.sqrt(MOST_PIXELS / (size[0] * size[1]))))
    candidates = [wanted]
    for length in size:  # sizes that just fill their tiles
        filled = _tiles(wanted * length, side) * (side // 2) / length
        if _SHRINKS * wanted <= filled < wanted:
            candidates.append(filled)
    return min(candidates, key=lambda s: (_tiles(s * size[0], side) * _tiles(s * size[1], side), -s))


def whole_scale(size: tuple[int, int], side: int) -> float:
    """Factor by which a picture fits into one tile."""
    return side / max(size)


def draw_canvas(model: Model, image: np.ndarray, scale: float, moved: np.ndarray | None = None) -> np.ndarray:
    """Draws a whole picture at a scale.

    Args:
      model: draws.
      image: uint8 [H, W, 3].
      scale: of the canvas.
      moved: similarity [2, 3] along which the picture has moved and its strokes shall, in its pixels; None: at rest.

    Returns:
      uint8 [H, W, 3].
    """
    height, width = image.shape[:2]
    rows, columns = (max(_SMALLEST_CANVAS, round(length * scale)) for length in (height, width))
    down, across = _tiles(rows, model.side), _tiles(columns, model.side)
    step = model.side // 2
    canvas = _resized(image, (columns, rows))
    canvas = cv2.copyMakeBorder(canvas, 0, (down + 1) * step - rows, 0, (across + 1) * step - columns,
                                cv2.BORDER_REFLECT_101)
    if down == across == 1:
        return _resized(model.draw(canvas, _in_tile(moved, scale, 0, 0))[:rows, :columns], (width, height))
    drawn = np.zeros(canvas.shape, np.float32)
    for i in range(down):
        for j in range(across):
            y, x = i * step, j * step
            tile = np.ascontiguousarray(canvas[y:y + model.side, x:x + model.side])
            weight = _fade(model.side, i, down)[:, None, None] * _fade(model.side, j, across)[:, None]
            drawn[y:y + model.side, x:x + model.side] += weight * model.draw(tile, _in_tile(moved, scale, x, y))
    return _resized(np.rint(drawn[:rows, :columns]).astype(np.uint8), (width, height))


def own_share(frame: np.ndarray, scale: float) -> float:
    """How much of a face is to be drawn in a frame of its own, over a canvas of this scale: 0 none, 1 all.

    It rises steadily, so that in a video nothing jumps while a face comes nearer.
    """
    ratio = scale / scale_of(frame)
    tilt = abs(np.degrees(np.arctan2(frame[1, 0], frame[0, 0])))
    small = (_OWN_FRAME_RATIO[1] - ratio) / (_OWN_FRAME_RATIO[1] - _OWN_FRAME_RATIO[0])
    tilted = (tilt - _OWN_FRAME_TILT_DEG[0]) / (_OWN_FRAME_TILT_DEG[1] - _OWN_FRAME_TILT_DEG[0])
    return float(np.clip(max(small, tilted), 0.0, 1.0))


def draw_frame_onto(model: Model, image: np.ndarray, frame: np.ndarray, share: float, onto: np.ndarray) -> None:
    """Draws what `frame` shows of `image` upright and lays it, fading at its border, over the picture `onto`."""
    scale = scale_of(frame)
    if scale < _SHRINKS:
        photo = cut_aligned(image, frame, model.side)
    else:  # nothing to average over: a fifth of the time
        photo = np.asarray(cv2.warpAffine(image, to_cv2(frame), (model.side, model.side), flags=cv2.INTER_LINEAR,
                                          borderMode=cv2.BORDER_REFLECT_101))
    drawn = model.draw(photo)
    reduced = max(8, round(model.side / max(scale, 1.0)))
    if reduced < model.side:  # the way back shrinks: average first
        drawn = _resized(drawn, (reduced, reduced))
        frame = frame * (reduced / model.side)
    corners = frame_corners(frame, reduced)
    left, top = np.floor(np.clip(corners.min(0), 0, onto.shape[1::-1])).astype(int)
    right, bottom = np.ceil(np.clip(corners.max(0), 0, onto.shape[1::-1])).astype(int)
    if right <= left or bottom <= top:
        return
    matrix, size = to_cv2(of_cutout(frame, left, top)), (int(right - left), int(bottom - top))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    # the way back: cv2 takes the transform from destination to source with WARP_INVERSE_MAP
    face = cv2.warpAffine(drawn, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    alpha = share * cv2.warpAffine(feather((reduced, reduced), _FEATHER), matrix, size, flags=flags)[..., None]
    under = onto[top:bottom, left:right]
    under[:] = np.rint(under + alpha * (face.astype(np.float32) - under))


def _in_tile(moved: np.ndarray | None, scale: float, x: int, y: int) -> np.ndarray | None:
    """The motion of a picture in pixels of the tile at (x, y) of its canvas; strokes run on from tile to tile."""
    if moved is None and x == y == 0:
        return None
    matrix = np.eye(2, 3) if moved is None else moved * [1.0, 1.0, scale]
    return matrix - [[0.0, 0.0, x], [0.0, 0.0, y]]


def _tiles(length: float, side: int) -> int:
    """How many tiles, half overlapping, cover a length."""
    return max(1, -(-round(length) // (side // 2)) - 1)


def _fade(side: int, position: int, count: int) -> np.ndarray:
    """Weights [side] of a tile along one axis; those of neighbours add up to 1."""
    half = side // 2
    rise = np.clip((np.arange(half, dtype=np.float32) + 0.5 - half / 4) / (half / 2), 0, 1)
    ones = np.ones(half, np.float32)
    return np.concatenate([rise if position else ones, 1 - rise if position < count - 1 else ones])


@functools.lru_cache(maxsize=8)
def feather(size: tuple[int, int], width: float) -> np.ndarray:
    """float32 [height, width]: 1 in the middle, falling smoothly to 0 at the border within `width` of half a side."""
    v, u = (np.abs((np.arange(n, dtype=np.float32) + 0.5) / n * 2 - 1) for n in size)
    t = np.clip((1 - np.maximum(v[:, None], u[None])) / width, 0, 1)
    return t * t * (3 - 2 * t)


def _resized(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """To (width, height), without aliasing."""
    if image.shape[1::-1] == tuple(size):
        return image
    scale = size[0] / image.shape[1]
    # averaging over areas takes five times as long, and a little smaller it is not needed
    kind = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR if scale > 0.7 else cv2.INTER_AREA
    return cv2.resize(image, size, interpolation=kind)
