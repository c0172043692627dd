"""Vectors of the Merkle tree, as the Certificate Transparency project published them for RFC 6962 (and RFC 9162).

Leaves, roots and proofs are those of `merkle_tree_test` and `merkle_verifier_test` of
https://github.com/google/certificate-transparency, repeated by https://github.com/transparency-dev/merkle.
"""

from __future__ import annotations

import pytest

from goldseam.edge import keys
from goldseam.ledger import checkpoint, merkle

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]

ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}

INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}

CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def stored() -> merkle.Reader:
    _, nodes = merkle.Frontier().extend(HASHES)
    found = {merkle.Place(node.level, node.position): node.hash for node in nodes}
    return lambda places: [found[place] for place in places]


@pytest.mark.parametrize("size", sorted(ROOTS))
def test_the_root_over_the_first_leaves_is_the_published_one(size: int) -> None:
    assert merkle.root(HASHES[:size]).hex() == ROOTS[size]
    assert merkle.root_at(size, stored()).hex() == ROOTS[size]


@pytest.mark.parametrize(("position", "size"), sorted(INCLUSION))
def test_the_inclusion_proof_is_the_published_one(position: int, size: int) -> None:
    proof = merkle.inclusion_proof(position, size, stored())
    assert [part.hex() for part in proof] == INCLUSION[position, size]
    assert merkle.inclusion_holds(HASHES[position], position, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new"), sorted(CONSISTENCY))
def test_the_consistency_proof_is_the_published_one(old: int, new: int) -> None:
    proof = merkle.consistency_proof(old, new, stored())
    assert [part.hex() for part in proof] == CONSISTENCY[old, new]
    assert merkle.consistency_holds(old, bytes.fromhex(ROOTS[old]), new, bytes.fromhex(ROOTS[new]), proof)


def test_a_key_line_of_the_signed_note_documentation_is_read() -> None:
    """The example key of Go's package golang.org/x/mod/sumdb/note, which defined the format."""
    line = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = checkpoint.parse_key(line)
    assert (key.name, key.id.hex(), key.line) == ("PeterNeumann", "c74f20a3", line)


def test_a_signed_checkpoint_has_these_bytes_for_ever() -> None:
    key = keys.SigningKey("log.example/one", bytes(range(32)))
    note = key.sign_checkpoint(checkpoint.Checkpoint("log.example/one", 8, bytes.fromhex(ROOTS[8])))
    assert note == (
        "log.example/one\n"
        "8\n"
        "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
        "\n"
        "— log.example/one vm73pXMy0dqqN6wgg2tgbtSANtTfhO5KL/UIgvccX+vzsqvQDDGYIJ95Of+Mx3eHI6iZPv/511vQXYqp66aUogtJMQ8=\n"
    )
    assert key.line == "log.example/one+be6ef7a5+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
