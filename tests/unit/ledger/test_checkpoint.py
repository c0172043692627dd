"""Checkpoints: a note holds only if every byte of it is what was signed."""

from __future__ import annotations

import pytest

from goldseam.edge import keys
from goldseam.ledger import checkpoint
from goldseam.ledger.checkpoint import Checkpoint

KEY = keys.SigningKey("log.example/a", bytes(range(32)))
OTHER = keys.SigningKey("log.example/a", bytes(range(1, 33)))
MADE = Checkpoint("log.example/a/project", 42, bytes(range(32)))
NOTE = KEY.sign_checkpoint(MADE)


def test_a_signed_checkpoint_comes_back_whole() -> None:
    assert checkpoint.verify(NOTE, KEY.line, keys.check) == MADE


def test_another_key_of_the_same_name_does_not_verify() -> None:
    with pytest.raises(ValueError, match="not signed by the key"):
        checkpoint.verify(NOTE, OTHER.line, keys.check)


def test_a_witness_may_add_its_line() -> None:
    witness = keys.SigningKey("witness.example", bytes(range(2, 34)))
    extra = checkpoint.sign(MADE, witness.name, witness.sign, witness.public).splitlines()[-1]
    assert checkpoint.verify(f"{NOTE}{extra}\n", KEY.line, keys.check) == MADE
    assert checkpoint.verify(f"{NOTE}{extra}\n", witness.line, keys.check) == MADE


def test_every_changed_character_of_a_note_is_noticed() -> None:
    for place in range(len(NOTE)):
        for other in ("A", "1", "\n", " ", "="):
            if NOTE[place] == other:
                continue
            changed = NOTE[:place] + other + NOTE[place + 1 :]
            with pytest.raises(ValueError):
                checkpoint.verify(changed, KEY.line, keys.check)


def test_another_spelling_of_the_same_bytes_is_noticed() -> None:
    """The last digit of base64 has spare bits: three other digits stand for the same bytes."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for place in (NOTE.index("=\n") - 1, NOTE.rindex("=") - 1):
        twins = [digit for digit in digits if digits.index(digit) // 4 == digits.index(NOTE[place]) // 4]
        assert len(twins) == 4
        for twin in set(twins) - {NOTE[place]}:
            with pytest.raises(ValueError, match="one right spelling"):
                checkpoint.verify(NOTE[:place] + twin + NOTE[place + 1 :], KEY.line, keys.check)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "a\n1\n",
        NOTE.replace("\n42\n", "\n042\n"),
        NOTE.replace("\n42\n", "\n-1\n"),
        NOTE[:-1],
        NOTE + "\n",
        "\n" + NOTE,
    ],
)
def test_a_note_of_another_form_is_refused(note: str) -> None:
    with pytest.raises(ValueError):
        checkpoint.verify(note, KEY.line, keys.check)


@pytest.mark.parametrize("line", ["", "a+b", KEY.line[:-4], KEY.line.replace("+", "+0", 1), "a b" + KEY.line])
def test_a_verifier_line_of_another_form_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        checkpoint.parse_key(line)


def test_a_checkpoint_that_could_not_be_written_cannot_be_born() -> None:
    with pytest.raises(ValueError, match="one line"):
        Checkpoint("two\nlines", 1, bytes(32))
    with pytest.raises(ValueError, match="32 bytes"):
        Checkpoint("a", 1, bytes(31))
    with pytest.raises(ValueError, match="no spaces"):
        checkpoint.Key("a name", bytes(32))
