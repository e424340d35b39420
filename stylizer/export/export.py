"""A trained run -> models/<style>/: int8 and float16 at 512 and 256 pixels, each checked, with card and thumbnail."""

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

import stylizer
from stylizer.data.atomic_write import write_together
from stylizer.data.datasets import PreparedDataset
from stylizer.data.pictures import encode_picture
from stylizer.errors import DataError
from stylizer.export.card import data_of, licence_of, model_card, read_evaluation
from stylizer.export.conversion import convert
from stylizer.export.metadata import add_metadata
from stylizer.export.operations import require_gpu_operations
from stylizer.export.parity import compare, parity_sheet
from stylizer.models.generator import count_macs
from stylizer.models.pretrained import CARD, KINDS, THUMBNAIL, file_name
from stylizer.models.run_folder import FINAL_WEIGHTS, load_generator, read_run, style_info
from stylizer.models.tflite_file import parse, peak_live_bytes
from stylizer.models.tflite_model import TFLiteModel

SIDES = (512, 256)
CALIBRATION_PHOTOS = 100
COMPARED_PHOTOS = 50
REPORT = "report.json"
_ON_SHEET = 8
_THUMBNAIL_PX = 256


def export_run(run_dir: Path, photos: PreparedDataset, compared: PreparedDataset | None, out_dir: Path,
               licence: str | None = None, shown_face: np.ndarray | None = None) -> dict:
    """Writes all files of a model, or none of them.

    Args:
      run_dir: of a finished training.
      photos: prepared as for training: int8 is calibrated on those it trains with, the thumbnail is a held-out one.
      compared: photos on which the files are compared with the network; those held out of `photos` if None.
      out_dir: gets <kind>-<side>.tflite, card.md, report.json and thumbnail.jpg; made if missing. The sheet of
        compared photos goes to the run, since it shows people.
      licence: of the weights; told from the training data if None.
      shown_face: uint8 [S, S, 3], whose drawing is the thumbnail; a held-out one of `photos` if None.

    Returns:
      What report.json holds: by file its cost and its parity.

    Raises:
      RunError: no finished run; an operation that the mobile GPU does not run.
      DataError: too few photos.
    """
    record, generator = read_run(run_dir), load_generator(run_dir)
    heldout = photos.indices("heldout")
    shown = photos if compared is None else compared
    chosen = heldout if compared is None else np.arange(len(compared))
    calibration = photos.indices("train")[:CALIBRATION_PHOTOS]
    if not len(calibration) or not len(chosen) or not len(heldout):
        raise DataError(f"{photos.folder}: too few photos to calibrate and compare; name a folder with more of them")
    chosen = chosen[:COMPARED_PHOTOS]
    learned_from = [record["datasets"], *record.get("began_with", [])]
    info = style_info(record, generator, licence or licence_of(*learned_from),
                      hashlib.sha256((run_dir / FINAL_WEIGHTS).read_bytes()).hexdigest()[:12],
                      data_of(*learned_from))
    # brushes that a style does not use are work for nothing, and nothing is no range that could be quantized
    generator = generator.with_brushes(generator.brushes_used(_resized(photos, calibration, SIDES[-1])))
    files: dict[str, dict] = {}
    report = {"style": info.style, "run": info.run, "version": stylizer.__version__, "licence": info.licence,
              "data": info.data, "calibrated_on": f"{len(calibration)} of {Path(photos.description).name}",
              "compared_on": f"{len(chosen)} of {Path(shown.description).name}", "files": files}
    contents: dict[Path, bytes] = {}
    with tqdm(total=len(SIDES) * len(KINDS), unit="file", desc=f"export {info.style}") as bar:
        for side in SIDES:
            seen = _resized(shown, chosen, side)
            calibrating = _resized(photos, calibration, side)
            reference = [generator.draw(photo) for photo in seen]
            drawings: dict[str, list[np.ndarray]] = {}
            for kind in KINDS:
                name = file_name(kind, side)
                content = add_metadata(convert(generator, side, kind, calibrating), info)
                require_gpu_operations(content, name)
                model = TFLiteModel(content)
                drawings[kind] = [model.draw(photo) for photo in seen]
                files[name] = {
                    "parameters": generator.count_params(), "macs": count_macs(generator, side), "bytes": len(content),
                    "peak_live_bytes": peak_live_bytes(parse(content)),
                    **vars(compare(reference, drawings[kind]))}
                contents[out_dir / name] = content
                bar.update()
            sheet = parity_sheet(seen[:_ON_SHEET], reference[:_ON_SHEET],
                                 {kind: drawn[:_ON_SHEET] for kind, drawn in drawings.items()})
            contents[run_dir / f"parity-{side}.jpg"] = encode_picture(sheet, ".jpg")
    face = _resized(photos, heldout[:1], SIDES[0])[0] if shown_face is None else shown_face
    contents[out_dir / THUMBNAIL] = encode_picture(
        cv2.resize(generator.draw(face), (_THUMBNAIL_PX, _THUMBNAIL_PX), interpolation=cv2.INTER_AREA), ".jpg")
    card = out_dir / CARD
    previous = card.read_text() if card.is_file() else None
    contents[card] = model_card(report, read_evaluation(run_dir), previous).encode()
    contents[out_dir / REPORT] = json.dumps(report, indent=1).encode()
    out_dir.mkdir(parents=True, exist_ok=True)
    write_together(contents)
    return report


def _resized(photos: PreparedDataset, indices: np.ndarray, side: int) -> list[np.ndarray]:
    pictures = photos.images(indices)
    return [p if p.shape[0] == side else cv2.resize(p, (side, side), interpolation=cv2.INTER_AREA) for p in pictures]
