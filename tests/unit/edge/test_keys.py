"""Keys: signatures hold, and a stolen folder or database holds as little as possible."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from goldseam.edge import keys
from goldseam.ledger import checkpoint
from goldseam.vocab.errors import BadSetting


def test_a_key_comes_back_from_its_folder_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    made = keys.make(tmp_path, "log.example")
    assert keys.load(tmp_path) == made == keys.load_or_make(tmp_path, "another")
    assert (tmp_path / keys.KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    made = keys.load_or_make(tmp_path, "log.example")
    with pytest.raises(BadSetting, match="already"):
        keys.make(tmp_path, "log.example")
    assert keys.load(tmp_path) == made


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    keys.make(tmp_path, "log.example")
    (tmp_path / keys.KEY_FILE).chmod(0o644)
    with pytest.raises(BadSetting, match="600"):
        keys.load(tmp_path)


@pytest.mark.parametrize("text", [None, "", "goldseam-ed25519-secret a 00\n", "ü"])
def test_a_file_that_holds_no_key_is_refused_without_showing_it(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / keys.KEY_FILE).write_text(text, encoding="utf-8")
        (tmp_path / keys.KEY_FILE).chmod(0o600)
    with pytest.raises(BadSetting, match="key"):
        keys.load(tmp_path)


def test_the_secret_half_is_not_shown() -> None:
    key = keys.SigningKey("log.example", bytes(range(32)))
    assert "secret" not in repr(key)
    assert "\\x01" not in repr(key)


def test_the_public_key_is_the_one_of_rfc_8032() -> None:
    """RFC 8032, section 7.1, test 2."""
    key = keys.SigningKey("rfc8032", bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert key.public.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [(b"", b"m", b""), (bytes(32), b"m", bytes(64)), (b"k" * 31, b"m", b"s" * 64), (b"k" * 32, b"m", b"s" * 63)],
)
def test_a_signature_that_is_none_is_no_crash(public: bytes, message: bytes, signature: bytes) -> None:
    assert not keys.check(public, message, signature)


def test_a_signature_is_of_one_key_and_one_message() -> None:
    key, other = (keys.SigningKey("k", bytes([n]) * 32) for n in (1, 2))
    signature = key.sign(b"message")
    assert keys.check(key.public, b"message", signature)
    assert not keys.check(key.public, b"messagf", signature)
    assert not keys.check(other.public, b"message", signature)


def test_the_verifier_line_is_read_back() -> None:
    key = keys.SigningKey("log.example", bytes(range(32)))
    assert checkpoint.parse_key(key.line) == checkpoint.Key("log.example", key.public)


def test_a_password_matches_itself_alone() -> None:
    hashed = keys.hash_password("correct horse")
    assert hashed.startswith("$argon2id$")
    assert keys.password_matches(hashed, "correct horse")
    assert not keys.password_matches(hashed, "correct horsf")
    assert keys.hash_password("correct horse") != hashed


def test_a_very_long_password_is_not_cut() -> None:
    hashed = keys.hash_password("x" * 5_000)
    assert keys.password_matches(hashed, "x" * 5_000)
    assert not keys.password_matches(hashed, "x" * 4_999)


@pytest.mark.parametrize("hashed", ["", "not a hash", "ü", "$argon2id$v=19$m=65536,t=2,p=1$"])
def test_a_broken_hash_matches_nothing(hashed: str) -> None:
    assert not keys.password_matches(hashed, "")


def test_tokens_differ_and_the_store_keeps_only_their_hash() -> None:
    first, second = keys.new_token(), keys.new_token()
    assert first != second
    assert len(first) >= 43
    assert keys.token_hash(first) == keys.token_hash(first) != keys.token_hash(second)
    assert keys.token_hash(first) != hashlib.sha256(first.encode()).hexdigest()


def test_salts_are_fresh_and_fit_a_commitment() -> None:
    assert len({keys.new_salt() for _ in range(10)}) == 10
    assert len(keys.new_salt()) == 16
