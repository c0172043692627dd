"""Runs: masks as the stretches of pixels that belong to them.

In: boolean arrays, or run lengths as COCO writes them. Out: `Runs`, and areas that masks share.
Never: a mask spread out into pixels, unless asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from goldseam.stats._names import BadVotes
from goldseam.stats._neighbors import Index, pairs_between, ragged

_PIXELS = 1 << 20
"""Pixels worked on at once, so that they stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Masks as runs of pixels: run v covers the pixels `start[v]` (included) to `end[v]` (excluded) of mask `mask[v]`.

    `size` (n_masks,) is the number of pixels of each mask's image. Runs lie in order of mask and start and do not touch.
    Pixels are counted in whatever order the masks were given; masks that are compared need the same one.
    """

    size: Index
    mask: Index
    start: Index
    end: Index

    def __post_init__(self) -> None:
        for name in ("size", "mask", "start", "end"):
            array = np.array(getattr(self, name), dtype=np.int64)
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        mask, start, end = self.mask, self.start, self.end
        if not mask.shape == start.shape == end.shape or self.size.ndim != 1 or mask.ndim != 1:
            raise BadVotes("Runs need three 1-D arrays of one length, mask, start and end, and one size per mask.")
        if len(mask) and (mask.min() < 0 or mask.max() >= len(self.size)):
            raise BadVotes(f"A run belongs to mask {int(mask.max())}, but there are {len(self.size)} masks.")
        if (start < 0).any() or (start >= end).any() or (end > self.size[mask]).any():
            raise BadVotes("A run needs 0 <= start < end <= the size of its mask.")
        same = mask[1:] == mask[:-1]
        if (mask[1:] < mask[:-1]).any() or (same & (start[1:] <= end[:-1])).any():
            raise BadVotes("Runs must lie in order of mask and start, and be a pixel apart or more.")

    @classmethod
    def from_masks(cls, masks: NDArray[Any] | Sequence[ArrayLike]) -> Runs:
        """Make runs of boolean masks: an array (n_masks, ...), or a list of arrays of any shapes; row by row.

        Examples
        --------
        >>> Runs.from_masks([[[False, True], [True, False]]]).start.tolist()
        [1]
        """
        if isinstance(masks, np.ndarray):
            return cls._of_stack(masks)
        stacks = [cls._of_stack(np.asarray(mask)[None]) for mask in masks]
        return cls.together(stacks)

    @classmethod
    def from_counts(cls, counts: Sequence[ArrayLike]) -> Runs:
        """Make runs of run lengths as COCO writes them: for each mask, numbers of pixels out, in, out ... in turn.

        Examples
        --------
        >>> runs = Runs.from_counts([[2, 3, 1], [0, 4, 2]])
        >>> runs.areas().tolist()
        [3, 4]
        """
        arrays = [np.asarray(one, dtype=np.int64).reshape(-1) for one in counts]
        many = np.array([len(one) for one in arrays], dtype=np.int64)
        flat = np.concatenate(arrays) if arrays else np.empty(0, dtype=np.int64)
        if (flat < 0).any():
            raise BadVotes("A run length is negative; numbers of pixels, 0 or more, would be right.")
        mask = np.repeat(np.arange(len(arrays)), many)
        begin = np.cumsum(many) - many
        reach = np.cumsum(flat)
        before = np.concatenate([[0], reach])[begin]
        size = np.bincount(mask, weights=flat, minlength=len(arrays)).astype(np.int64)
        inside = ((np.arange(len(flat)) - begin[mask]) % 2 == 1) & (flat > 0)
        end = (reach - before[mask])[inside]
        return cls.joined(size, mask[inside], end - flat[inside], end)

    @classmethod
    def together(cls, parts: Sequence[Runs]) -> Runs:
        """Return the masks of several, one after another."""
        shift = np.cumsum([0, *(part.n_masks for part in parts)])
        none = np.empty(0, dtype=np.int64)
        return cls(
            size=np.concatenate([none, *(part.size for part in parts)]),
            mask=np.concatenate([none, *(part.mask + by for part, by in zip(parts, shift[:-1], strict=True))]),
            start=np.concatenate([none, *(part.start for part in parts)]),
            end=np.concatenate([none, *(part.end for part in parts)]),
        )

    @property
    def n_masks(self) -> int:
        """Number of masks, also those without a pixel."""
        return len(self.size)

    def take(self, places: Index) -> Runs:
        """Return the masks at these places, in this order."""
        many = np.bincount(self.mask, minlength=self.n_masks)
        begin = np.cumsum(many) - many
        mask, place = ragged(many[places])
        rows = begin[places][mask] + place
        return Runs(self.size[places], mask, self.start[rows], self.end[rows])

    def areas(self) -> Index:
        """Return the number of pixels in each mask."""
        return np.bincount(self.mask, weights=self.end - self.start, minlength=self.n_masks).astype(np.int64)

    def to_masks(self, *shape: int) -> NDArray[np.bool_]:
        """Return boolean masks (n_masks, *shape); all masks need that many pixels."""
        n_pixels = int(np.prod(shape))
        if (self.size != n_pixels).any():
            raise BadVotes(f"Masks of the shape {shape} have {n_pixels} pixels; these have {np.unique(self.size)[:5]}.")
        steps = np.zeros(self.n_masks * n_pixels + 1, dtype=np.int8)
        np.add.at(steps, self.mask * n_pixels + self.start, np.int8(1))
        np.add.at(steps, self.mask * n_pixels + self.end, np.int8(-1))
        inside = np.cumsum(steps[:-1], dtype=np.int8) > 0
        return np.asarray(inside.reshape(self.n_masks, *shape))

    @classmethod
    def _of_stack(cls, stack: NDArray[Any]) -> Runs:
        if stack.ndim < 2:
            raise BadVotes(f"Masks need the shape (n_masks, ...), with pixels; these have {stack.shape}.")
        flat = stack.reshape(len(stack), math.prod(stack.shape[1:])).astype(bool, copy=False)
        wide = flat.shape[1] + 2  # a pixel out on both sides closes every run
        changes = [np.empty(0, dtype=np.int64)]
        step = max(_PIXELS // wide, 1)
        for start in range(0, len(flat), step):
            part = flat[start : start + step]
            padded = np.zeros((len(part), wide), dtype=bool)
            padded[:, 1:-1] = part
            line = padded.ravel()
            changes.append(np.flatnonzero(line[1:] != line[:-1]) + start * wide)
        mask, place = np.divmod(np.concatenate(changes), wide)
        size = np.full(len(flat), flat.shape[1], dtype=np.int64)
        return cls(size, mask[0::2], place[0::2], place[1::2])

    @classmethod
    def joined(cls, size: Index, mask: Index, start: Index, end: Index) -> Runs:
        """Make runs of stretches of pixels, in order, of which some touch: these become one."""
        opens = np.ones(len(mask), dtype=bool)
        opens[1:] = (mask[1:] != mask[:-1]) | (start[1:] > end[:-1])
        closes = np.append(opens[1:], np.ones(min(len(mask), 1), dtype=bool))
        return cls(size, mask[opens], start[opens], end[closes])


def shared_pixels(a: Runs, b: Runs) -> Index:
    """Return how many pixels each mask of `a` shares with each of `b`: (n_a, n_b)."""
    shared = np.zeros(a.n_masks * b.n_masks, dtype=np.int64)
    one_image_a, one_image_b = np.zeros_like(a.mask), np.zeros_like(b.mask)
    for one, two in pairs_between(one_image_a, a.start, a.end, one_image_b, b.start, b.end):
        length = np.minimum(a.end[one], b.end[two]) - np.maximum(a.start[one], b.start[two])
        cell = a.mask[one] * b.n_masks + b.mask[two]
        shared += np.bincount(cell, weights=length, minlength=len(shared)).astype(np.int64)
    return shared.reshape(a.n_masks, b.n_masks)
