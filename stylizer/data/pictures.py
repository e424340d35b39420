"""Reading any picture a user may have as uint8 RGB, listing the pictures of a folder, writing one safely."""

import io
import os
import threading
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

from stylizer.data.atomic_write import write_atomically
from stylizer.errors import DataError

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".heic",
                              ".heif"})
MIN_SIDE_PX = 20
MAX_SIDE_PX = 4096  # larger pictures are reduced to this on reading
MAX_PIXELS = 178_956_970  # Pillow's guard against decompression bombs: twice its MAX_IMAGE_PIXELS

_LARGE_PIXELS = 24_000_000
_large_picture = threading.Lock()  # one large picture at a time: each may take a gigabyte while it is decoded
_SRGB = ImageCms.createProfile("sRGB")

# Pillow warns of pictures between 89 and 178 megapixels, which we read, and of odd metadata, which nobody asked for.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module="PIL")


class PictureError(DataError):
    """One picture cannot be used. `reason` says why without naming it, so that reasons can be counted."""

    def __init__(self, name: str, reason: str):
        super().__init__(f"{name}: {reason}")
        self.reason = reason


def list_pictures(folder: Path) -> list[Path]:
    """Files in `folder` and below that have a picture's suffix, sorted by path; hidden ones are skipped.

    Raises:
      DataError: the folder is missing, or is a file.
    """
    if not folder.exists():
        raise DataError(f"folder {folder} does not exist; check the path")
    if not folder.is_dir():
        raise DataError(f"{folder} is a file; name the folder that holds the pictures")
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(parent, name) for name in files
                  if not name.startswith(".") and Path(name).suffix.lower() in PICTURE_SUFFIXES]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def read_picture(source: Path | str | bytes, max_side_px: int = MAX_SIDE_PX) -> np.ndarray:
    """Decodes a picture: the first frame, upright by its EXIF orientation, in sRGB, transparent parts over white.

    Embedded colour profiles are honoured, CMYK's included; 16-bit grey is reduced to 8 bits.

    Args:
      source: path, or the file's content.
      max_side_px: larger pictures are reduced so that their longer side has this many pixels.

    Returns:
      uint8 [H, W, 3], RGB.

    Raises:
      PictureError: missing, empty, truncated or corrupt, no picture, a side under MIN_SIDE_PX, over MAX_PIXELS.
    """
    name = "picture" if isinstance(source, bytes) else str(source)
    if not isinstance(source, bytes):
        try:
            source = Path(source).read_bytes()
        except OSError as e:
            raise PictureError(name, f"cannot be read ({(e.strerror or str(e)).lower()})") from e
    if not source:
        raise PictureError(name, "the file is empty")
    try:
        with Image.open(io.BytesIO(source)) as picture:
            width, height = picture.size
            if min(width, height) < MIN_SIDE_PX:
                raise PictureError(name, f"smaller than {MIN_SIDE_PX} pixels")
            if width * height > _LARGE_PIXELS:
                with _large_picture:
                    return _decode(picture, max_side_px)
            return _decode(picture, max_side_px)
    except PictureError:
        raise
    except Image.UnidentifiedImageError as e:
        heic = source[4:8] == b"ftyp" and source[8:11] in (b"hei", b"mif", b"hev")
        raise PictureError(name, "HEIC is not supported, convert it to JPEG" if heic else "not a picture") from e
    except Image.DecompressionBombError as e:
        raise PictureError(name, f"larger than {MAX_PIXELS // 1_000_000} megapixels, reduce it first") from e
    except MemoryError as e:
        raise PictureError(name, "too large for the memory of this machine, reduce it first") from e
    except Exception as e:  # what Pillow's decoders raise on damaged files is not bounded: struct.error, SyntaxError...
        reason = "truncated" if "truncated" in str(e).lower() else "corrupt"
        raise PictureError(name, f"the file is {reason}") from e


def write_picture(path: Path, image: np.ndarray, quality: int = 95) -> None:
    """Writes uint8 RGB [H, W, 3] as the suffix says (JPEG without chroma subsampling); whole or not at all.

    Raises:
      ValueError: another dtype or shape, a suffix that Pillow does not know.
      OSError: the disk is full, the folder missing.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image must be uint8 [H, W, 3], got {image.dtype} {list(image.shape)}")
    write_atomically(path, encode_picture(image, path.suffix, quality))


def encode_picture(image: np.ndarray, suffix: str, quality: int = 95) -> bytes:
    """The content of the file that `write_picture` writes."""
    kind = Image.registered_extensions().get(suffix.lower())
    if kind is None:
        raise ValueError(f"no picture format has the suffix {suffix!r}")
    encoded = io.BytesIO()
    options = {"quality": quality, "subsampling": 0} if kind == "JPEG" else {"quality": quality}
    Image.fromarray(image).save(encoded, format=kind, **options)
    return encoded.getvalue()


def _decode(picture: Image.Image, max_side_px: int) -> np.ndarray:
    picture.draft(None, (max_side_px, max_side_px))  # JPEG decodes at a half, quarter or eighth for nothing
    picture.load()
    profile = picture.info.get("icc_profile")
    try:
        upright = ImageOps.exif_transpose(picture)
    except Exception:  # damaged EXIF: the pixels are fine all the same
        upright = picture
    if upright.mode in ("RGB", "L", "CMYK", "RGBA"):  # reduce before converting: a fraction of the memory
        upright.thumbnail((max_side_px, max_side_px), Image.Resampling.BOX, reducing_gap=None)
    rgb = _to_srgb(_to_8_bits(upright), profile)
    rgb.thumbnail((max_side_px, max_side_px), Image.Resampling.BOX)
    return np.array(rgb)


def _to_8_bits(picture: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits or float -> 8 bits; Pillow's own conversion would clip everything above 255 to white."""
    if picture.mode not in ("I", "F") and not picture.mode.startswith("I;16"):
        return picture
    grey = np.asarray(picture, np.float32)
    largest = grey.max()
    white = next((w for w in (1.0 if picture.mode == "F" else 255.0, 255.0, 65535.0) if largest <= w), largest)
    return Image.fromarray(np.clip(np.rint(grey * (255.0 / white)), 0, 255).astype(np.uint8))


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture).convert("RGB")
    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, _SRGB, outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError):
            pass  # a damaged profile: go on as if there were none
    return picture.convert("RGB")
