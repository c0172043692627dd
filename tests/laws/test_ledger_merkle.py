"""Laws of the tree: every proof holds, and no other does; exhaustive up to 64 leaves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goldseam.ledger import merkle

MOST = 64
LEAVES = [merkle.leaf_hash(bytes([n])) for n in range(MOST)]
ROOTS = [merkle.root(LEAVES[:size]) for size in range(MOST + 1)]
NODES = {(node.level, node.position): node.hash for node in merkle.Frontier().extend(LEAVES)[1]}


def read(places: object) -> list[bytes]:
    return [NODES[place] for place in places]


def by_definition(leaves: list[bytes]) -> bytes:
    """The recursive definition of RFC 6962, section 2.1."""
    if not leaves:
        return merkle.EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


def flipped(value: bytes) -> bytes:
    return bytes([value[0] ^ 1]) + value[1:]


def test_roots_are_those_of_the_definition() -> None:
    for size in range(MOST + 1):
        assert ROOTS[size] == by_definition(LEAVES[:size]) == merkle.root_at(size, read)


def test_every_inclusion_proof_holds_and_every_change_of_it_fails() -> None:
    for size in range(1, MOST + 1):
        for position in range(size):
            proof = merkle.inclusion_proof(position, size, read)
            root, leaf = ROOTS[size], LEAVES[position]
            assert merkle.inclusion_holds(leaf, position, size, proof, root)
            assert not merkle.inclusion_holds(flipped(leaf), position, size, proof, root)
            assert not merkle.inclusion_holds(leaf, position, size, proof, flipped(root))
            assert not merkle.inclusion_holds(leaf, size, size, proof, root)
            assert not merkle.inclusion_holds(leaf, position, size, (*proof, bytes(32)), root)
            if proof:
                assert not merkle.inclusion_holds(leaf, position, size, proof[:-1], root)
                assert not merkle.inclusion_holds(leaf, position, size, (flipped(proof[0]), *proof[1:]), root)
                assert not merkle.inclusion_holds(leaf, position, size, (*proof[:-1], flipped(proof[-1])), root)
                assert not merkle.inclusion_holds(leaf, position, size, (*proof[:-1], proof[-1][:31]), root)


def test_no_leaf_is_shown_at_another_position() -> None:
    for size in range(2, 33):
        for position in range(size):
            proof = merkle.inclusion_proof(position, size, read)
            for other in range(size):
                if other != position:
                    assert not merkle.inclusion_holds(LEAVES[position], other, size, proof, ROOTS[size])


def test_every_consistency_proof_holds_and_every_change_of_it_fails() -> None:
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            proof = merkle.consistency_proof(old, new, read)
            assert merkle.consistency_holds(old, ROOTS[old], new, ROOTS[new], proof)
            assert not merkle.consistency_holds(old, flipped(ROOTS[old]), new, ROOTS[new], proof)
            assert not merkle.consistency_holds(old, ROOTS[old], new, flipped(ROOTS[new]), proof)
            assert not merkle.consistency_holds(old, ROOTS[old], new, ROOTS[new], (*proof, bytes(32)))
            assert not merkle.consistency_holds(new + 1, ROOTS[old], new, ROOTS[new], proof)
            if old < new:
                # A tree four times as high needs a longer path: a proof that ends on the way proves nothing.
                assert not merkle.consistency_holds(old, ROOTS[old], 4 * new, ROOTS[new], proof)
            if old > 1:
                assert not merkle.consistency_holds(old, ROOTS[old - 1], new, ROOTS[new], proof)
            if proof:
                assert not merkle.consistency_holds(old, ROOTS[old], new, ROOTS[new], proof[:-1])
                assert not merkle.consistency_holds(old, ROOTS[old], new, ROOTS[new], proof[1:])
                for place in range(len(proof)):
                    wrong = (*proof[:place], flipped(proof[place]), *proof[place + 1 :])
                    assert not merkle.consistency_holds(old, ROOTS[old], new, ROOTS[new], wrong)


@given(
    position=st.integers(-2, 70),
    size=st.integers(-2, 70),
    proof=st.lists(st.binary(min_size=0, max_size=40), max_size=9),
    leaf=st.sampled_from(LEAVES),
)
def test_made_up_proofs_are_refused_and_never_a_crash(
    position: int, size: int, proof: list[bytes], leaf: bytes
) -> None:
    if (position, size, proof, leaf) != (0, 1, [], LEAVES[0]):
        assert not merkle.inclusion_holds(leaf, position, size, proof, ROOTS[1])
    assert not merkle.consistency_holds(position, bytes(32), size, flipped(bytes(32)), proof)


@given(st.lists(st.integers(0, 20), max_size=6))
def test_a_tree_that_grows_in_batches_is_the_tree_that_grew_at_once(batches: list[int]) -> None:
    frontier, leaves, nodes = merkle.Frontier(), [], []
    for number, count in enumerate(batches):
        batch = [merkle.leaf_hash(b"%d/%d" % (number, n)) for n in range(count)]
        frontier, new = frontier.extend(batch)
        leaves += batch
        nodes += new
    assert (frontier, nodes) == merkle.Frontier().extend(leaves)
    assert len({node[:2] for node in nodes}) == len(nodes)
