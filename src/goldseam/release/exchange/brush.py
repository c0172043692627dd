"""Label Studio's run lengths of brush masks: bits that say how many bits a length has, then runs of equal and of other bytes.

In: pixels. Out: the bytes, and back. Never: a mask of another size than was said.

A stream begins with the number of values (32 bits), the bits of a value less 1 (5 bits) and four sizes of lengths less 1 (4
bits each). Each run is one bit (equal values or not), two bits (which of the sizes), the length less 1, and its value or
values. Values are bytes: red, green, blue and opacity of each pixel, row by row.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from goldseam.vocab.errors import BadValue

WORD = 8
SIZES = (4, 8, 16, 16)
"""Bits of a length: the shortest that holds it is used."""
CHANNELS = 4
ON = 255


def to_bytes(pixels: NDArray[np.bool_]) -> list[int]:
    """Return the stream of a mask (height, width), all four bytes of a pixel alike."""
    values = np.repeat(np.where(pixels.ravel(), ON, 0).astype(np.int64), CHANNELS)
    bits = [_bits(len(values), 32), _bits(WORD - 1, 5), *(_bits(size - 1, 4) for size in SIZES)]
    edges = np.flatnonzero(np.diff(values)) + 1
    most = 1 << SIZES[-1]
    for start, end in zip([0, *edges.tolist()], [*edges.tolist(), len(values)], strict=True):
        for begin in range(start, end, most):
            length = min(most, end - begin) - 1
            size = next(place for place, bits_of in enumerate(SIZES) if length < 1 << bits_of)
            bits += ["1", _bits(size, 2), _bits(length, SIZES[size]), _bits(int(values[begin]), WORD)]
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    return [int(text[place : place + 8], 2) for place in range(0, len(text), 8)]


def _bits(value: int, n: int) -> str:
    return format(value, f"0{n}b")


def from_bytes(stream: Sequence[int], width: int, height: int) -> NDArray[np.bool_]:
    """Return the mask (height, width) of a stream: the pixels that are not wholly transparent.

    Raises
    ------
    BadValue
        If the stream is cut short, or of an image of another size.
    """
    text = "".join(_bits(int(one) & 0xFF, 8) for one in stream)
    place = 0

    def take(n: int) -> int:
        nonlocal place
        if place + n > len(text):
            raise BadValue("The run lengths of a brush mask are cut short.")
        place += n
        return int(text[place - n : place], 2)

    n_values, word = take(32), take(5) + 1
    sizes = [take(4) + 1 for _ in range(4)]
    if n_values != width * height * CHANNELS:
        raise BadValue(
            f"A brush mask of {width} x {height} pixels has {width * height * CHANNELS} values; got {n_values}."
        )
    values = np.zeros(n_values, np.int64)
    done = 0
    while done < n_values:
        equal, length = take(1), take(sizes[take(2)]) + 1
        if equal:
            values[done : done + length] = take(word)
        else:
            values[done : done + length] = [take(word) for _ in range(min(length, n_values - done))]
        done += length
    return np.asarray(values.reshape(height, width, CHANNELS)[..., -1] > 0)
