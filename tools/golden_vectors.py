"""What the Python package makes of some pictures, for the Android app's core to be compared with.

  python tools/golden_vectors.py OUT [--portraits FOLDER]

Twenty scenes made of generated portraits: upright, turned, dark, small, cut by the frame, groups. Writes beside each
SCENE.png what was found and drawn: SCENE.json (meshes in pixels), SCENE-drawn.png (as `stylizer stylize` draws it) and,
for scenes of the network's size, SCENE-once.png (in one pass, as a video's frame) and SCENE-bent.png (the same with the
face bent); and the model files under models/.
"""

import argparse
import json
import shutil
from pathlib import Path

import cv2
import mediapipe
import numpy as np

from stylizer.data.pictures import list_pictures, read_picture, write_picture
from stylizer.inference.stylizer import Stylizer
from stylizer.models.pretrained import find_model
from stylizer.models.tflite_model import TFLiteModel

STYLE = "sketch"
EXAGGERATION = 0.7
SEEDS = range(10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--portraits", type=Path, help="ten pictures of 512x512; left out: generated")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    copy_models(args.out / "models")
    model = TFLiteModel(find_model(STYLE, kind="int8"))
    plain, bending = Stylizer(model), Stylizer(model, exaggerate=EXAGGERATION)
    for n, picture in enumerate(scenes(portraits(args.portraits))):
        write_picture(args.out / f"{n:02}.png", picture)
        drawn, faces = plain(picture, return_faces=True)
        write_picture(args.out / f"{n:02}-drawn.png", drawn)
        meshes = [np.round(face.mesh.astype(np.float64) * face.size, 3).tolist() for face in faces]
        (args.out / f"{n:02}.json").write_text(json.dumps({"meshes": meshes, "exaggeration": EXAGGERATION}))
        if picture.shape[:2] == (model.side, model.side):
            write_picture(args.out / f"{n:02}-once.png", plain.draw(picture, faces, at_once=True))
            write_picture(args.out / f"{n:02}-bent.png", bending.draw(picture, faces, at_once=True))


def portraits(folder: Path | None) -> list[np.ndarray]:
    """Ten of uint8 [512, 512, 3]."""
    if folder is not None:
        return [read_picture(path) for path in list_pictures(folder)[:len(SEEDS)]]
    from stylizer.data.portraits import PortraitGenerator

    generator = PortraitGenerator()
    return [cv2.resize(generator.generate(seed), (512, 512), interpolation=cv2.INTER_AREA) for seed in SEEDS]


def scenes(faces: list[np.ndarray]) -> list[np.ndarray]:
    """Twenty pictures, uint8 [H, W, 3]."""
    turned = [placed(faces[n], (640, 480), scale, angle, x, y) for n, scale, angle, x, y in (
        (0, 0.9, 0, 300, 240), (1, 0.7, 12, 360, 260), (2, 0.6, -16, 220, 250), (3, 0.8, 34, 320, 240),
        (4, 0.75, -38, 330, 235))]
    dark = np.rint(0.45 * faces[5].astype(np.float32)).astype(np.uint8)
    small = placed(faces[6], (800, 600), 0.35, 5, 520, 260)
    cut = np.ascontiguousarray(faces[7][:, 150:])
    groups = [
        np.hstack([placed(faces[n], (320, 540), 0.64, angle, 160, 270) for n, angle in ((7, 4), (8, -6), (9, 0))]),
        np.hstack([placed(faces[2], (512, 512), 0.95, 3, 256, 256), placed(faces[8], (300, 512), 0.5, -8, 150, 280)])]
    return [*faces, *turned, dark, small, cut, *groups]


def placed(face: np.ndarray, size: tuple[int, int], scale: float, angle: float, x: float, y: float) -> np.ndarray:
    """A picture of size (width, height) with a portrait's middle at (x, y), its edges stretched and blurred."""
    middle = face.shape[1] / 2
    matrix = np.array(cv2.getRotationMatrix2D((middle, middle), angle, scale), np.float64)
    matrix[:, 2] += (x - middle, y - middle)
    reduced = cv2.GaussianBlur(face, (0, 0), max(0.3, 0.5 / scale - 0.4))
    inside = cv2.warpAffine(np.ones(face.shape[:2], np.float32), matrix, size)[..., None]
    picture = cv2.warpAffine(reduced, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    ground = cv2.GaussianBlur(picture, (0, 0), 25)
    return np.rint(ground + (picture.astype(np.float32) - ground) * inside).astype(np.uint8)


def copy_models(folder: Path) -> None:
    """The style's and MediaPipe's files."""
    (folder / STYLE).mkdir(parents=True, exist_ok=True)
    for kind in ("int8", "float16"):
        shutil.copy(find_model(STYLE, kind=kind), folder / STYLE)
    modules = Path(mediapipe.__file__).parent / "modules"
    for path in ("face_detection/face_detection_short_range.tflite", "face_landmark/face_landmark.tflite"):
        shutil.copy(modules / path, folder)


if __name__ == "__main__":
    main()
