"""The tree: frontiers, and what has no proof."""

from __future__ import annotations

import pytest

from goldseam.ledger import merkle


def test_a_leaf_never_passes_for_a_node() -> None:
    left, right = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


def test_appending_one_by_one_is_extending_by_all() -> None:
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(21)]
    one_by_one, nodes = merkle.Frontier(), []
    for leaf in leaves:
        one_by_one, new = one_by_one.append(leaf)
        nodes += new
    assert (one_by_one, nodes) == merkle.Frontier().extend(leaves)


def test_a_leaf_beyond_the_tree_has_no_proof() -> None:
    with pytest.raises(ValueError, match="has no leaf 3"):
        merkle.inclusion_proof(3, 3, lambda places: [])


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_no_consistency_is_proven_backwards_or_from_nothing(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="consistency proof"):
        merkle.consistency_proof(old, new, lambda places: [])


def test_every_tree_extends_the_empty_one() -> None:
    assert merkle.consistency_holds(0, merkle.EMPTY_ROOT, 5, bytes(32), ())
    assert not merkle.consistency_holds(0, bytes(32), 5, bytes(32), ())


def test_a_frontier_has_a_hash_for_each_one_in_its_size() -> None:
    with pytest.raises(ValueError, match="frontier over 3"):
        merkle.Frontier(3, (bytes(32),))


def test_a_proof_reads_its_nodes_in_one_go() -> None:
    calls = []
    _, nodes = merkle.Frontier().extend(merkle.leaf_hash(bytes([n])) for n in range(100))
    stored = {(node.level, node.position): node.hash for node in nodes}

    def read(places: object) -> list[bytes]:
        calls.append(places)
        return [stored[place] for place in places]

    merkle.inclusion_proof(37, 99, read)
    merkle.consistency_proof(37, 99, read)
    assert len(calls) == 2
