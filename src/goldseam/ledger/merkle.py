"""The Merkle tree over the log: roots, and proofs that need no trust in whoever keeps the log (RFC 6962, RFC 9162).

In: leaf hashes, and a reader of stored nodes. Out: roots, nodes to store, proofs, and whether a proof holds.
Never: a stored tree; only complete subtrees are ever stored, and they never change.

A place is (level, position): the root of the complete subtree over the leaves from `position * 2**level` up to, but
without, `(position + 1) * 2**level`.

References
----------
Laurie, Langley, Kasper: Certificate Transparency, RFC 6962, 2013. Laurie, Messeri, Stradling: RFC 9162, 2021.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class Place(NamedTuple):
    """Where a complete subtree stands."""

    level: int
    position: int


class Node(NamedTuple):
    """A complete subtree's root, to be stored; level 0 has the leaf hashes."""

    level: int
    position: int
    hash: bytes


Reader = Callable[[Sequence[Place]], Sequence[bytes]]
"""Returns the stored hashes of these places, in their order; one call per proof."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf; its prefix keeps a leaf from ever passing for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: roots of its largest complete subtrees, left to right. All that appending needs."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError(f"A frontier over {self.size} leaves has as many hashes as ones in its binary form.")

    def append(self, leaf: bytes) -> tuple[Frontier, tuple[Node, ...]]:
        """Return the frontier with one leaf hash more, and the nodes that are complete now."""
        frontier, nodes = self.extend((leaf,))
        return frontier, tuple(nodes)

    def extend(self, leaves: Iterable[bytes]) -> tuple[Frontier, list[Node]]:
        """Return the frontier with these leaf hashes appended, and the nodes that are complete now."""
        size, edge = self.size, list(self.hashes)
        nodes: list[Node] = []
        sha256 = hashlib.sha256
        for leaf in leaves:
            node, index = leaf, size
            nodes.append(Node(0, index, node))
            level = 0
            while index & 1:
                node = sha256(b"\x01" + edge.pop() + node).digest()
                index >>= 1
                level += 1
                nodes.append(Node(level, index, node))
            edge.append(node)
            size += 1
        return Frontier(size, tuple(edge)), nodes

    @property
    def root(self) -> bytes:
        """The root over all leaves."""
        return _fold(self.hashes)


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over these leaf hashes."""
    return Frontier().extend(leaves)[0].root


def root_at(size: int, read: Reader) -> bytes:
    """Return the root that the tree had when it held `size` leaves."""
    return frontier_at(size, read).root


def frontier_at(size: int, read: Reader) -> Frontier:
    """Return the frontier that the tree had when it held `size` leaves."""
    return Frontier(size, tuple(read(_complete(0, size))))


def inclusion_proof(position: int, size: int, read: Reader) -> tuple[bytes, ...]:
    """Return the proof that the leaf at `position` is under the root of the first `size` leaves.

    Raises
    ------
    ValueError
        If the tree of that size has no such leaf.
    """
    if not 0 <= position < size:
        raise ValueError(f"A tree of {size} leaves has no leaf {position}.")
    ranges: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if position < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return _roots(reversed(ranges), read)


def consistency_proof(old_size: int, new_size: int, read: Reader) -> tuple[bytes, ...]:
    """Return the proof that the first `old_size` of `new_size` leaves are what they were.

    Raises
    ------
    ValueError
        If the old tree is larger than the new one, or empty: nothing needs to be proven of an empty tree.
    """
    if not 0 < old_size <= new_size:
        raise ValueError(
            f"A consistency proof goes from at least one leaf to as many or more; got {old_size}, {new_size}."
        )
    ranges: list[tuple[int, int]] = []
    start, end = 0, new_size
    # Whether the old tree is one whole subtree here: then its own root is known to the verifier and left out.
    is_known = True
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
            is_known = False
    if not is_known:
        ranges.append((start, end))
    return _roots(reversed(ranges), read)


def inclusion_holds(leaf: bytes, position: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether the proof shows this leaf hash at this position under this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= position < size or not _are_hashes((leaf, root, *proof)):
        return False
    first, last, node = position, size - 1, leaf
    for part in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            node = node_hash(part, node)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            node = node_hash(node, part)
        first, last = first >> 1, last >> 1
    return last == 0 and node == root


def consistency_holds(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether the proof shows that the new tree extends the old one (RFC 9162, 2.1.4.2)."""
    if not 0 <= old_size <= new_size or not _are_hashes((old_root, new_root, *proof)):
        return False
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if old_size == new_size:
        return not proof and old_root == new_root
    # A whole subtree on the left: the old root itself opens the proof.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        return False
    return _follow(old_size - 1, new_size - 1, path) == (old_root, new_root)


def _follow(first: int, last: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    """Return the old and the new root that a consistency path leads to; None if it has another length."""
    while first & 1:
        first, last = first >> 1, last >> 1
    old = new = path[0]
    for part in path[1:]:
        if last == 0:
            return None
        if first & 1 or first == last:
            old, new = node_hash(part, old), node_hash(part, new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new = node_hash(new, part)
        first, last = first >> 1, last >> 1
    return (old, new) if last == 0 else None


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


def _split(size: int) -> int:
    """Return the largest power of two below `size`: how many leaves the left subtree holds."""
    return 1 << ((size - 1).bit_length() - 1)


def _complete(start: int, end: int) -> list[Place]:
    """Return the complete subtrees that cover a range of leaves, largest first; `start` is aligned to the first."""
    places = []
    while start < end:
        level = (end - start).bit_length() - 1
        places.append(Place(level, start >> level))
        start += 1 << level
    return places


def _roots(ranges: Iterable[tuple[int, int]], read: Reader) -> tuple[bytes, ...]:
    """Return the root over each range, with one reading of all the nodes."""
    covers = [_complete(start, end) for start, end in ranges]
    hashes = iter(read([place for cover in covers for place in cover]))
    return tuple(_fold([next(hashes) for _ in cover]) for cover in covers)


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees, largest first."""
    if not hashes:
        return EMPTY_ROOT
    node = hashes[-1]
    for left in reversed(hashes[:-1]):
        node = node_hash(left, node)
    return node
