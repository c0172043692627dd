"""Images: what a file is, and its pixels.

In: the bytes of a file. Out: its facts, or gray values. Never: a size or a type believed before the pixels are decoded.
"""

from __future__ import annotations

import struct
import warnings
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from goldseam.vocab.errors import BadValue

MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
}
"""What every browser shows; other formats stay closed, since each reader is one more way in."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp")
MAX_PIXELS = 50_000_000
DEEP_MODES = {"I;16": 65_535.0, "I;16B": 65_535.0, "I;16L": 65_535.0, "I": 65_535.0, "F": 1.0}


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image file turned out to be; the size is in pixels, as stored."""

    media_type: str
    width: int
    height: int


def probe(data: bytes) -> ImageFacts:
    """Return what the image is, after decoding all of it.

    Raises
    ------
    BadValue
        If it is not an image of a known type, is broken or cut short, or has more than 50 million pixels.
    """
    image = _decoded(data)
    return ImageFacts(MEDIA_TYPES[image.format or ""], image.width, image.height)


def pixels(data: bytes, side: int) -> NDArray[np.float32]:
    """Return the image shrunk to `side` x `side` gray values from 0 (black) to 1 (white), row by row.

    What is transparent shows white; a turn in the camera's notes is carried out.

    Raises
    ------
    BadValue
        As `probe`.
    """
    image = ImageOps.exif_transpose(_decoded(data))
    if image.mode in DEEP_MODES:
        deep = np.asarray(image, dtype=np.float64) / DEEP_MODES[image.mode]
        gray = Image.fromarray(np.clip(deep * 255, 0, 255).astype(np.uint8))
    elif image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        gray = Image.alpha_composite(white, layer).convert("L")
    else:
        gray = image.convert("L")
    small = gray.resize((side, side), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32).reshape(-1) / np.float32(255)


def region(data: bytes, box: tuple[int, int, int, int], side: int) -> NDArray[np.uint8]:
    """Return a part of the image in color, (height, width, 3), shrunk so that no side is longer than `side`.

    `box` is left, top, right and bottom in pixels as stored; a turn in the camera's notes is left as it is.

    Raises
    ------
    BadValue
        As `probe`, and if the box is empty or leaves the image.
    """
    image = _decoded(data)
    left, top, right, bottom = box
    if not (0 <= left < right <= image.width and 0 <= top < bottom <= image.height):
        raise BadValue(f"The box lies on the image of {image.width} x {image.height} pixels, and is not empty.")
    part = image.crop(box)
    scale = min(1.0, side / max(part.size))
    size = (max(1, round(part.width * scale)), max(1, round(part.height * scale)))
    if part.mode in DEEP_MODES:
        deep = np.asarray(part, dtype=np.float64) / DEEP_MODES[part.mode]
        part = Image.fromarray(np.clip(deep * 255, 0, 255).astype(np.uint8))
    return np.asarray(part.convert("RGB").resize(size, Image.Resampling.BOX))


def _decoded(data: bytes) -> Image.Image:
    if not data:
        raise BadValue("The file is empty, not an image.")
    try:
        with warnings.catch_warnings():
            # The bound below is tighter than the library's, which only warns.
            warnings.simplefilter("ignore")
            image = Image.open(BytesIO(data), formats=tuple(MEDIA_TYPES))
            n_pixels = image.width * image.height
            if n_pixels > MAX_PIXELS:
                raise BadValue(f"The image has {n_pixels:,} pixels; at most {MAX_PIXELS:,} are allowed.")
            image.load()
    except UnidentifiedImageError as error:
        known = ", ".join(name for name in MEDIA_TYPES)
        raise BadValue(f"Not an image of a known type ({known}).") from error
    except Image.DecompressionBombError as error:
        raise BadValue(f"The image has more than {MAX_PIXELS:,} pixels.") from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError, struct.error) as error:
        raise BadValue(f"The image is broken or cut short: {error}.") from error
    return image


def png(gray: NDArray[np.uint8]) -> bytes:
    """Return gray values (height, width), 0 black to 255 white, as a PNG file."""
    buffer = BytesIO()
    Image.fromarray(gray).save(buffer, "PNG", optimize=False)
    return buffer.getvalue()
