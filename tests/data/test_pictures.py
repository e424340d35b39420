"""Reading whatever a user may have: modes, orientation, profiles, damage, sizes; listing; writing safely."""

import errno
import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from stylizer.data.pictures import PictureError, encode_picture, list_pictures, read_picture, write_picture
from stylizer.errors import DataError


def _ramp(height=40, width=60):
    """A smooth picture, uint8 [H, W, 3], no two corners alike."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 255 // (width - 1), y * 255 // (height - 1), np.full_like(x, 90)], -1).astype(np.uint8)


def _encoded(image, kind="PNG", **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def test_png_is_read_exactly():
    np.testing.assert_array_equal(read_picture(_encoded(Image.fromarray(_ramp()))), _ramp())


def test_path_and_content_give_the_same(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(_encoded(Image.fromarray(_ramp())))
    np.testing.assert_array_equal(read_picture(path), read_picture(path.read_bytes()))
    np.testing.assert_array_equal(read_picture(str(path)), _ramp())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(orientation):
    upright = _ramp()
    as_stored = {
        1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1],
        5: upright.transpose(1, 0, 2), 6: np.rot90(upright), 7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = _encoded(Image.fromarray(np.ascontiguousarray(as_stored)), exif=exif)
    np.testing.assert_array_equal(read_picture(content), upright)


def test_damaged_exif_is_passed_over():
    content = _encoded(Image.fromarray(_ramp()), exif=b"Exif\0\0MM\0*\xff\xff\xff\xffrubbish")
    np.testing.assert_array_equal(read_picture(content), _ramp())


@pytest.mark.parametrize("value", [0, 100, 255])
def test_16_bit_grey_keeps_its_tone(value):
    stored = np.full((30, 30), value * 257, np.uint16)
    stored[0, 0] = 65535
    read = read_picture(_encoded(Image.fromarray(stored)))
    assert read.shape == (30, 30, 3) and (read[5:, 5:] == value).all() and (read[0, 0] == 255).all()


def test_16_bit_colour_png():
    rows = b"".join(b"\0" + struct.pack(">3H", 200 * 257, 100 * 257, 50 * 257) * 24 for _ in range(24))

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 24, 24, 16, 2, 0, 0, 0)
    content = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
               + chunk(b"IEND", b""))
    assert (read_picture(content) == (200, 100, 50)).all()


def test_float_grey():
    read = read_picture(_encoded(Image.fromarray(np.full((30, 30), 0.5, np.float32)), "TIFF"))
    assert np.abs(read.astype(int) - 127.5).max() <= 1


def test_grey_and_black_and_white():
    assert (read_picture(_encoded(Image.new("L", (30, 30), 77))) == 77).all()
    assert (read_picture(_encoded(Image.new("1", (30, 30), 1))) == 255).all()


def test_transparent_parts_are_white():
    image = Image.new("RGBA", (30, 30), (200, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 15, 30))
    image.paste((0, 0, 0, 128), (0, 0, 15, 15))
    read = read_picture(_encoded(image))
    assert (read[20, 5] == 255).all() and np.abs(read[5, 5].astype(int) - 127).max() <= 1
    assert tuple(read[20, 25]) == (200, 0, 0)
    assert (read_picture(_encoded(Image.new("LA", (30, 30), (0, 0)))) == 255).all()


def test_palette_with_a_transparent_colour():
    image = Image.new("P", (30, 30), 1)
    image.putpalette([0, 0, 0, 10, 200, 30])
    image.paste(0, (0, 0, 15, 30))
    assert tuple(read_picture(_encoded(image))[5, 25]) == (10, 200, 30)
    assert (read_picture(_encoded(image, transparency=0))[5, 5] == 255).all()


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk(kind):
    image = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    red, green, blue = read_picture(_encoded(image, kind))[16, 16].astype(int)
    assert red > 240 and green < 15 and blue < 15


def test_colour_profile_is_converted_to_srgb():
    # a profile whose red primary is sRGB's green: swapping is unmistakable
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, green = srgb.index(b"rXYZ"), srgb.index(b"gXYZ")
    swapped = bytearray(srgb)
    swapped[red:red + 4], swapped[green:green + 4] = b"gXYZ", b"rXYZ"
    content = _encoded(Image.new("RGB", (30, 30), (255, 0, 0)), icc_profile=bytes(swapped))
    red, green, blue = read_picture(content)[0, 0].astype(int)
    assert green > 240 and red < 15
    as_is = _encoded(Image.new("RGB", (30, 30), (255, 0, 0)), icc_profile=b"rubbish")
    assert tuple(read_picture(as_is)[0, 0]) == (255, 0, 0)


def test_first_frame_of_an_animation():
    frames = [Image.new("RGB", (30, 30), color) for color in ("red", "blue")]
    assert tuple(read_picture(_encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))[0, 0]) == (255, 0, 0)


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "the file is empty"),
    (b"this is a text file", "not a picture"),
    (b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC is not supported, convert it to JPEG"),
    (_encoded(Image.fromarray(_ramp(200, 200)), "JPEG")[:1500], "the file is truncated"),
    (_encoded(Image.fromarray(_ramp(200, 200)))[:400], "the file is truncated"),
    (_encoded(Image.new("RGB", (19, 400))), "smaller than 20 pixels"),
    (_encoded(Image.new("1", (16000, 16000))), "larger than 178 megapixels, reduce it first"),
])
def test_what_cannot_be_read_is_told_in_one_line(tmp_path, content, reason):
    path = tmp_path / "my picture.jpg"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_picture(path)
    assert str(caught.value) == f"{path}: {reason}"
    assert isinstance(caught.value, PictureError) and caught.value.reason == reason


def test_any_flipped_byte_gives_a_picture_or_a_data_error():
    rng = np.random.default_rng(0)
    for kind in ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"):
        content = _encoded(Image.fromarray(_ramp()), kind)
        for _ in range(40):
            damaged = bytearray(content)
            damaged[rng.integers(len(content))] = rng.integers(256)
            try:
                assert read_picture(bytes(damaged)).dtype == np.uint8
            except DataError as e:
                assert "\n" not in str(e)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(DataError, match="nowhere.png: cannot be read .no such file"):
        read_picture(tmp_path / "nowhere.png")
    with pytest.raises(DataError, match="cannot be read .is a directory"):
        read_picture(tmp_path)


def test_twenty_pixels_are_enough():
    assert read_picture(_encoded(Image.fromarray(_ramp(20, 20)))).shape == (20, 20, 3)


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "kind"), [("RGB", "JPEG"), ("RGB", "PNG"), ("L", "PNG"), ("P", "PNG")])
def test_a_hundred_megapixels_are_reduced(mode, kind):
    read = read_picture(_encoded(Image.new(mode, (12000, 9000), 0), kind))
    assert read.shape == (3072, 4096, 3)


def test_large_pictures_are_averaged_not_decimated():
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    read = read_picture(_encoded(Image.fromarray(stripes)), max_side_px=100)
    assert read.shape == (100, 100, 3) and np.abs(read.astype(int) - 127.5).max() <= 1


def test_listing_is_recursive_sorted_and_skips_what_is_hidden(tmp_path):
    for name in ("b.JPG", "a.png", "sub/c.webp", "notes.txt", "._b.jpg", ".cache/d.png", "a.json"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert [p.relative_to(tmp_path).as_posix() for p in list_pictures(tmp_path)] == ["a.png", "b.JPG", "sub/c.webp"]


def test_listing_a_missing_folder_or_a_file(tmp_path):
    with pytest.raises(DataError, match="folder .*nowhere does not exist"):
        list_pictures(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="is a file; name the folder"):
        list_pictures(tmp_path / "file")


def test_written_jpeg_is_close_and_without_chroma_subsampling(tmp_path):
    path = tmp_path / "a.jpg"
    edge = np.zeros((64, 64, 3), np.uint8)
    edge[:, 31:] = (255, 0, 0)  # an odd edge of colour, which subsampling smears
    write_picture(path, edge)
    assert np.abs(read_picture(path).astype(int) - edge).max() < 40
    with Image.open(path) as picture:
        assert [layer[1:3] for layer in picture.layer] == [(1, 1)] * 3
    assert os.listdir(tmp_path) == ["a.jpg"]


def test_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    write_picture(path, _ramp())

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_picture(path, 255 - _ramp())
    np.testing.assert_array_equal(read_picture(path), _ramp())
    assert os.listdir(tmp_path) == ["a.png"]


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(ValueError, match="uint8"):
        write_picture(tmp_path / "a.png", _ramp().astype(np.float32))
    with pytest.raises(ValueError, match="suffix '.xyz'"):
        encode_picture(_ramp(), ".xyz")
