"""Images: what a file is by its pixels, whatever its name says."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from goldseam.formats import images
from goldseam.formats.images import ImageFacts, pixels, probe
from goldseam.vocab.errors import BadValue


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def noise(mode: str = "L", size: tuple[int, int] = (40, 30)) -> Image.Image:
    values = np.random.default_rng(1).integers(0, 256, (size[1], size[0]), dtype=np.uint8)
    return Image.fromarray(values).convert(mode)


@pytest.mark.parametrize("form", sorted(images.MEDIA_TYPES))
def test_every_known_type_is_told_from_its_bytes(form: str) -> None:
    assert probe(encoded(noise("RGB"), form)) == ImageFacts(images.MEDIA_TYPES[form], 40, 30)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"not an image", "Not an image of a known type"),
        (b"<svg onload='alert(1)'/>", "Not an image of a known type"),
        (encoded(noise("RGB"), "TIFF"), "Not an image of a known type"),
        (encoded(noise("RGB"), "JPEG")[:300], "broken or cut short"),
        (encoded(noise())[:200], "broken or cut short"),
        (encoded(noise())[:60], "broken or cut short|Not an image"),
    ],
)
def test_what_is_not_an_image_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(BadValue, match=message):
        probe(data)


def test_an_image_with_a_changed_byte_in_its_pixels_is_refused() -> None:
    data = bytearray(encoded(noise()))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(BadValue, match="broken"):
        probe(bytes(data))


@pytest.mark.parametrize("side", [20_000, 2**31 - 1])
def test_a_bomb_is_refused_by_its_head(side: int) -> None:
    """A PNG that claims a huge size in a few bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    data = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )
    with pytest.raises(BadValue, match="pixels"):
        probe(data)


def test_pixels_are_gray_values_from_black_to_white() -> None:
    halves = np.zeros((10, 10), dtype=np.uint8)
    halves[:, 5:] = 255
    assert pixels(encoded(Image.fromarray(halves)), 2).tolist() == [0, 1, 0, 1]
    assert pixels(encoded(Image.fromarray(halves)), 2).dtype == np.float32


def test_eight_by_eight_stays_as_it_is() -> None:
    values = np.arange(64, dtype=np.uint8).reshape(8, 8) * 4
    assert np.array_equal(pixels(encoded(Image.fromarray(values)), 8) * 255, values.reshape(-1))


@pytest.mark.parametrize(("mode", "value"), [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0))])
def test_what_is_transparent_shows_white(mode: str, value: tuple[int, ...]) -> None:
    assert pixels(encoded(Image.new(mode, (4, 4), value)), 2).tolist() == [1, 1, 1, 1]


def test_sixteen_bits_are_scaled_and_not_cut() -> None:
    values = np.full((4, 4), 32_768, dtype=np.uint16)
    assert pixels(encoded(Image.fromarray(values)), 1)[0] == pytest.approx(0.5, abs=0.01)


def test_a_turn_in_the_cameras_notes_is_carried_out() -> None:
    halves = np.zeros((8, 8), dtype=np.uint8)
    halves[:4] = 255
    exif = Image.Exif()
    exif[0x0112] = 3  # turned by half
    assert pixels(encoded(Image.fromarray(halves), exif=exif), 2).tolist() == [0, 0, 1, 1]
