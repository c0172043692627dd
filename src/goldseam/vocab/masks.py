"""Masks: which pixels of an image belong to an object, as run lengths in the way of COCO.

In: run lengths, as numbers or as COCO's compressed text. Out: `Masks`. Never: pixels; `encode` makes arrays of them.

Pixels are counted down the columns, from the left column to the right one. Run lengths are numbers of pixels out, in, out
... in turn; the first may be 0. The compressed text writes each, less the one two places before it (from the fourth on), in
groups of five bits with a bit that says whether more follow, as characters from '0' on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from goldseam.vocab.errors import BadAnswer
from goldseam.vocab.marks import check_many
from goldseam.vocab.names import LabelName

MAX_PIXELS = 2**28
MAX_COUNTS = 1_000_000
"""A mask has at most so many runs, and its text at most so many characters."""
_FIRST = ord("0")
_LONGEST = 12
"""Groups of five bits that one run length may take."""


def counts_to_text(counts: Sequence[int]) -> str:
    """Return run lengths as COCO's compressed text.

    Examples
    --------
    >>> counts_to_text([5, 3, 992])
    '53Po0'
    """
    found: list[str] = []
    for place, count in enumerate(counts):
        left = count - counts[place - 2] if place > 2 else count
        while True:
            group, left = left & 0x1F, left >> 5
            more = left != (-1 if group & 0x10 else 0)
            found.append(chr(_FIRST + (group | 0x20 if more else group)))
            if not more:
                break
    return "".join(found)


def counts_of_text(text: str) -> tuple[int, ...]:
    """Return the run lengths of COCO's compressed text.

    Raises
    ------
    BadAnswer
        If a character is none of its 64, or the text ends within a number.
    """
    counts: list[int] = []
    value, shift = 0, 0
    for character in text:
        code = ord(character) - _FIRST
        if not 0 <= code < 64 or shift >= 5 * _LONGEST:
            raise BadAnswer("The counts of a mask are COCO's compressed run lengths, characters from '0' to 'o'.")
        value |= (code & 0x1F) << shift
        shift += 5
        if code & 0x20:
            continue
        if code & 0x10:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value, shift = 0, 0
    if shift:
        raise BadAnswer("The counts of a mask end within a number.")
    return tuple(counts)


def check_counts(counts: Iterable[int], width: int, height: int) -> None:
    """Refuse run lengths that are not the one way to write a mask of this size with at least a pixel.

    Raises
    ------
    BadAnswer
        If a run is negative, or empty in another place than the first, or all do not add up to the image's pixels.
    """
    listed = list(counts)
    if any(count < (0 if place == 0 else 1) for place, count in enumerate(listed)):
        raise BadAnswer("Each run of a mask has at least one pixel; only the first may have none.")
    if sum(listed) != width * height:
        raise BadAnswer(f"The runs of a mask of {width} x {height} add up to {width * height:,}; got {sum(listed):,}.")
    if len(listed) < 2:
        raise BadAnswer("A mask has at least one pixel; leave an empty one out.")


@dataclass(frozen=True, slots=True)
class Mask:
    """The pixels of one object on an image of `width` x `height`; `counts` is COCO's compressed text."""

    width: int
    height: int
    counts: str
    label: LabelName

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1 or self.width * self.height > MAX_PIXELS:
            raise BadAnswer(f"A mask has 1 to {MAX_PIXELS:,} pixels; got {self.width} x {self.height}.")
        if len(self.counts) > MAX_COUNTS:
            raise BadAnswer(f"The counts of a mask have at most {MAX_COUNTS:,} characters; got {len(self.counts):,}.")
        counts = counts_of_text(self.counts)
        check_counts(counts, self.width, self.height)
        if counts_to_text(counts) != self.counts:
            raise BadAnswer("The counts of a mask are written in a longer way than COCO writes them.")

    @property
    def runs(self) -> tuple[int, ...]:
        """The run lengths: numbers of pixels out, in, out ... in turn."""
        return counts_of_text(self.counts)


@dataclass(frozen=True, slots=True)
class Masks:
    """The masks of an image, one an object, sorted by label; none is a legal answer."""

    masks: tuple[Mask, ...]

    def __post_init__(self) -> None:
        check_many(self.masks, "masks")
        order = sorted(self.masks, key=lambda mask: (mask.label, mask.width, mask.height, mask.counts))
        object.__setattr__(self, "masks", tuple(order))
