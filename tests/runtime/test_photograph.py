import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from lineament.errors import BadInputError
from lineament.runtime.photograph import LARGEST_PIXELS, load_photograph

RED, BLUE = (200, 30, 20), (20, 40, 210)


def picture(width=40, height=24) -> Image.Image:
    """Red on the left, blue on the right."""
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    pixels[:, : width // 2], pixels[:, width // 2 :] = RED, BLUE
    return Image.fromarray(pixels)


def close(pixel, colour, tolerance=6):
    return np.abs(np.asarray(pixel, dtype=int) - colour).max() <= tolerance


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif", "bmp", "gif", "ppm", "jp2", "avif"])
def test_common_formats(tmp_path, suffix):
    path = tmp_path / f"p.{suffix}"
    picture().save(path, **({"quality": 95} if suffix in ("jpg", "webp", "avif") else {}))
    image = load_photograph(path)
    assert image.shape == (24, 40, 3) and image.dtype == np.uint8
    assert close(image[12, 4], RED, 12) and close(image[12, 36], BLUE, 12)


def test_the_content_counts_not_the_ending(tmp_path):
    path = tmp_path / "p.jpg"
    picture().save(path, format="PNG")
    assert close(load_photograph(path)[0, 0], RED, 0)


@pytest.mark.parametrize(("orientation", "red_at"), [(3, (12, 36)), (6, (4, 12)), (8, (36, 12))])
def test_exif_rotation(tmp_path, orientation, red_at):
    image = picture()
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(tmp_path / "p.jpg", exif=exif, quality=95)
    upright = load_photograph(tmp_path / "p.jpg")
    assert upright.shape[:2] == ((24, 40) if orientation == 3 else (40, 24))
    assert close(upright[red_at], RED, 12)


def test_cmyk(tmp_path):
    picture().convert("CMYK").save(tmp_path / "p.jpg", quality=95)
    assert close(load_photograph(tmp_path / "p.jpg")[12, 4], RED, 12)


def test_sixteen_bit_grey(tmp_path):
    values = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    Image.fromarray(values).save(tmp_path / "p.png")
    image = load_photograph(tmp_path / "p.png")
    assert image[0, 0].tolist() == [0, 0, 0] and image[-1, -1].tolist() == [255, 255, 255]
    assert np.abs(image[..., 0].astype(int).ravel() - np.arange(256)).max() <= 1


def test_sixteen_bit_colour_png(tmp_path):
    row = b"\0" + struct.pack(">3H", 51400, 7710, 5140) * 8
    header = struct.pack(">IIBBBBB", 8, 4, 16, 2, 0, 0, 0)
    (tmp_path / "p.png").write_bytes(png(header, zlib.compress(row * 4)))
    assert close(load_photograph(tmp_path / "p.png")[2, 2], RED, 1)


def test_palette_with_transparency_lies_on_white(tmp_path):
    image = picture().quantize(4)
    transparent = image.getpixel((0, 0))
    image.save(tmp_path / "p.png", transparency=transparent)
    loaded = load_photograph(tmp_path / "p.png")
    assert close(loaded[12, 4], (255, 255, 255), 0) and close(loaded[12, 36], BLUE, 8)


def test_alpha_lies_on_white(tmp_path):
    image = picture().convert("RGBA")
    image.putalpha(Image.fromarray(np.where(np.arange(40) < 20, 0, 255).astype(np.uint8)[None].repeat(24, 0)))
    image.save(tmp_path / "p.png")
    loaded = load_photograph(tmp_path / "p.png")
    assert close(loaded[12, 4], (255, 255, 255), 0) and close(loaded[12, 36], BLUE, 0)


@pytest.mark.parametrize("mode", ["L", "1", "LA"])
def test_grey_kinds(tmp_path, mode):
    picture().convert(mode).save(tmp_path / "p.png")
    image = load_photograph(tmp_path / "p.png")
    assert image.shape == (24, 40, 3) and (image[..., 0] == image[..., 2]).all()


def test_animation_gives_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, BLUE)]
    frames[0].save(tmp_path / "p.gif", save_all=True, append_images=frames[1:])
    assert close(load_photograph(tmp_path / "p.gif")[4, 4], RED, 2)


def test_colour_profile_is_applied_and_a_broken_one_ignored(tmp_path):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    picture().save(tmp_path / "p.png", icc_profile=b"nonsense")
    assert close(load_photograph(tmp_path / "p.png")[0, 0], RED, 0)
    picture().save(tmp_path / "p.png", icc_profile=lab)
    assert close(load_photograph(tmp_path / "p.png")[0, 0], RED, 0)


def test_one_pixel(tmp_path):
    Image.new("RGB", (1, 1), RED).save(tmp_path / "p.png")
    assert load_photograph(tmp_path / "p.png").tolist() == [[list(RED)]]


def refusal(path) -> str:
    with pytest.raises(BadInputError) as caught:
        load_photograph(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_missing_folder_empty_text(tmp_path):
    assert "does not exist" in refusal(tmp_path / "nothing.jpg")
    assert "is a folder" in refusal(tmp_path)
    (tmp_path / "empty.jpg").touch()
    assert "is empty" in refusal(tmp_path / "empty.jpg")
    (tmp_path / "text.jpg").write_text("dear sir")
    assert "not a photograph" in refusal(tmp_path / "text.jpg")
    (tmp_path / "vector.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    assert "not a photograph" in refusal(tmp_path / "vector.eps")


def test_names_with_newlines_stay_on_one_line(tmp_path):
    name = tmp_path / "a\n'b\".jpg"
    name.write_bytes(b"x")
    assert "not a photograph" in refusal(name)
    assert "does not exist" in refusal("a\0b.jpg")
    assert "cannot be reached" in refusal("a" * 5000)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_cut_short(tmp_path, suffix, share):
    noise = np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    path = tmp_path / f"p.{suffix}"
    Image.fromarray(noise).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert "damaged" in refusal(path) or "not a photograph" in refusal(path)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(header: bytes, data: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [12_000, 20_000, 60_000])
def test_bombs_are_refused_by_their_header(tmp_path, side):
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    (tmp_path / "p.png").write_bytes(png(header, zlib.compress(b"\0" * 1000)))
    assert side * side > LARGEST_PIXELS
    assert "megapixels" in refusal(tmp_path / "p.png")


def test_a_header_that_promises_more_than_there_is(tmp_path):
    header = struct.pack(">IIBBBBB", 3000, 3000, 8, 2, 0, 0, 0)
    (tmp_path / "p.png").write_bytes(png(header, zlib.compress(b"\0" * 1000)))
    assert "damaged" in refusal(tmp_path / "p.png")


def test_floating_point_values_are_refused(tmp_path):
    Image.fromarray(np.ones((4, 4), dtype=np.float32)).save(tmp_path / "p.tif")
    assert "floating-point" in refusal(tmp_path / "p.tif")
