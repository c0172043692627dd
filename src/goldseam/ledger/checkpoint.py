"""Checkpoints: a signed root over all entries so far, as a note that existing verifiers read.

In: a root and a signer passed as a function. Out: the text of a signed note, or the checkpoint in a note that holds.
Never: a private key, or an algorithm other than Ed25519.

References
----------
C2SP tlog-checkpoint (https://c2sp.org/tlog-checkpoint) and signed-note (https://c2sp.org/signed-note).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from goldseam.ledger.merkle import HASH_BYTES

ED25519 = b"\x01"
KEY_BYTES = 32
SIGNATURE_BYTES = 64
KEY_ID_BYTES = 4
DASH = "\u2014"
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
NAME = re.compile(r"[^\s+]+")

Signer = Callable[[bytes], bytes]
"""Message to signature."""

Check = Callable[[bytes, bytes, bytes], bool]
"""Public key, message, signature: whether the signature is that key's."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: its name, how many entries it holds, and the root over them."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin:
            raise ValueError(f"The origin of a log is one line of text; got {self.origin!r}.")
        if self.size < 0 or len(self.root) != HASH_BYTES:
            raise ValueError(f"A checkpoint has a size of at least 0 and a root of {HASH_BYTES} bytes.")

    def body(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{_encode(self.root)}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note, not yet checked."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with the name it signs under."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"A key's name has no spaces and no '+'; got {self.name!r}.")
        if len(self.public) != KEY_BYTES:
            raise ValueError(f"An Ed25519 public key has {KEY_BYTES} bytes; got {len(self.public)}.")

    @property
    def id(self) -> bytes:
        """The four bytes that name the key in a note."""
        digest = hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()
        return digest[:KEY_ID_BYTES]

    @property
    def line(self) -> str:
        """The verifier line: `name+id+key`; what a stranger needs to check this log."""
        return f"{self.name}+{self.id.hex()}+{_encode(ED25519 + self.public)}"


def key_line(name: str, public_key: bytes) -> str:
    """Return the verifier line of a public key."""
    return Key(name, public_key).line


def parse_key(line: str) -> Key:
    """Return the key of a verifier line.

    Raises
    ------
    ValueError
        If the line is of another form, or its id does not belong to its key.
    """
    parts = line.strip().split("+", 2)
    if len(parts) != 3:
        raise ValueError("A verifier line is written name+id+key.")
    name, key_id, encoded = parts
    data = _decode(encoded, "the key of the verifier line")
    if data[:1] != ED25519:
        raise ValueError("The verifier line is not of an Ed25519 key.")
    key = Key(name, data[1:])
    if key.line != line.strip():
        raise ValueError(f"The id {key_id!r} in the verifier line does not belong to its key.")
    return key


def sign(checkpoint: Checkpoint, key_name: str, signer: Signer, public_key: bytes) -> str:
    """Return the checkpoint as a note with one signature."""
    body = checkpoint.body()
    signature = signer(body.encode())
    return f"{body}\n{DASH} {key_name} {_encode(Key(key_name, public_key).id + signature)}\n"


def parse(note: str) -> tuple[Checkpoint, tuple[Signature, ...]]:
    """Return the checkpoint in a note and its signatures, none of them checked.

    Raises
    ------
    ValueError
        If the note is of another form.
    """
    body, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise ValueError("A signed note is a text, an empty line and signature lines.")
    lines = body.split("\n")
    if len(lines) != 3:
        raise ValueError("A checkpoint has three lines: origin, size and root.")
    origin, size, root = lines
    if not SIZE.fullmatch(size):
        raise ValueError(f"The size of a checkpoint is a number without leading zeros; got {size!r}.")
    checkpoint = Checkpoint(origin, int(size), _decode(root, "the root"))
    return checkpoint, tuple(_signature(line) for line in tail[:-1].split("\n"))


def verify(note: str, key_line: str, check: Check) -> Checkpoint:
    """Return the checkpoint of a note that this key signed.

    Signatures of other keys, such as witnesses', are passed over.

    Raises
    ------
    ValueError
        If the note is of another form, or this key's signature is missing or wrong.
    """
    key = parse_key(key_line)
    checkpoint, signatures = parse(note)
    own = [found for found in signatures if (found.name, found.key_id) == (key.name, key.id)]
    if not own:
        raise ValueError(f"The note is not signed by the key {key.name!r} ({key.id.hex()}).")
    message = checkpoint.body().encode()
    if not all(check(key.public, message, found.signature) for found in own):
        raise ValueError(f"The signature of {key.name!r} does not belong to this checkpoint.")
    return checkpoint


def _signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != DASH or not NAME.fullmatch(parts[1]):
        raise ValueError(f"A signature line is written '{DASH} name signature'; got {line[:80]!r}.")
    data = _decode(parts[2], "a signature")
    if len(data) <= KEY_ID_BYTES:
        raise ValueError("A signature line holds a key's id and a signature.")
    return Signature(parts[1], data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str, what: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"Not base64: {what}.") from error
    # Base64 has spare bits; other spellings of the same bytes are refused, so that no change goes unseen.
    if _encode(data) != text:
        raise ValueError(f"Not base64 in its one right spelling: {what}.")
    return data
