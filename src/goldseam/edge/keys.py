"""Keys: signs checkpoints, and keeps passwords and tokens so that a stolen database holds none.

In: a folder, or a secret that somebody typed. Out: signatures, verifier lines, hashes.
Never: a secret in a message or a log.

Signing is Ed25519; passwords are hashed with argon2id (limits for interactive use); tokens are random: SHA-256 does.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nacl.exceptions
import nacl.pwhash
import nacl.signing

from goldseam.ledger import checkpoint, entries
from goldseam.vocab.errors import BadSetting

KEY_FILE = "ledger.key"
SECRET_LINE = re.compile(r"goldseam-ed25519-secret (\S+) ([0-9a-f]{64})\n")
TOKEN_BYTES = 32
MAX_PASSWORD_BYTES = 1_024
PASSES = nacl.pwhash.argon2id.OPSLIMIT_INTERACTIVE
MEMORY_BYTES = nacl.pwhash.argon2id.MEMLIMIT_INTERACTIVE
"""What hashing a password takes, and so what guessing one takes; each hash tells its own."""
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not taken for each other."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair under a name; the secret half is never shown."""

    name: str
    secret: bytes = field(repr=False)

    @property
    def public(self) -> bytes:
        """The public half, 32 bytes."""
        return bytes(nacl.signing.SigningKey(self.secret).verify_key)

    @property
    def line(self) -> str:
        """The verifier line to give to strangers: name, id and public key."""
        return checkpoint.key_line(self.name, self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return nacl.signing.SigningKey(self.secret).sign(message).signature

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes that only who has this key can compute, others for each purpose: a secret that nobody has to keep."""
        return hmac.digest(self.secret, f"goldseam.derived.v1\n{purpose}".encode(), hashlib.sha256)

    def sign_checkpoint(self, made: checkpoint.Checkpoint) -> str:
        """Return the checkpoint as a signed note."""
        return checkpoint.sign(made, self.name, self.sign, self.public)


def make(folder: Path, name: str) -> SigningKey:
    """Make a key pair in a folder, in a file that only its owner may read.

    Raises
    ------
    BadSetting
        If the folder has a key already; a key is never replaced in place.
    """
    key = SigningKey(name, bytes(nacl.signing.SigningKey.generate()))
    path = folder / KEY_FILE
    text = f"goldseam-ed25519-secret {checkpoint.Key(name, key.public).name} {key.secret.hex()}\n"
    try:
        # Created with its mode, so that there is no moment at which others could read it.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise BadSetting(f"There is a key in {path} already.", path=str(path)) from error
    except OSError as error:
        raise BadSetting(f"Cannot write the key to {path}: {error.strerror}.", path=str(path)) from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return key


def load(folder: Path) -> SigningKey:
    """Return the key pair of a folder.

    Raises
    ------
    BadSetting
        If there is none, others may read it, or it is not a key.
    """
    path = folder / KEY_FILE
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"Cannot read the signing key in {path}.", path=str(path)) from error
    if mode & 0o077:
        raise BadSetting(f"Others may read the signing key in {path}; set its mode to 600.", path=str(path))
    found = SECRET_LINE.fullmatch(text)
    if found is None:
        raise BadSetting(f"The file {path} does not hold a signing key.", path=str(path))
    return SigningKey(found[1], bytes.fromhex(found[2]))


def load_or_make(folder: Path, name: str) -> SigningKey:
    """Return the key pair of a folder, made now if there is none."""
    return load(folder) if (folder / KEY_FILE).exists() else make(folder, name)


def check(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether the signature over the message is that key's."""
    try:
        nacl.signing.VerifyKey(public).verify(message, signature)
    except (nacl.exceptions.BadSignatureError, nacl.exceptions.CryptoError, ValueError, TypeError):
        return False
    return True


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, with its salt and limits in it."""
    return nacl.pwhash.argon2id.str(_password_bytes(password), opslimit=PASSES, memlimit=MEMORY_BYTES).decode("ascii")


def password_matches(hashed: str, password: str) -> bool:
    """Return whether the password is the one that was hashed; takes as long either way."""
    try:
        return nacl.pwhash.verify(hashed.encode("ascii"), _password_bytes(password))
    except (nacl.exceptions.InvalidkeyError, nacl.exceptions.CryptoError, ValueError):
        return False


def refuse_password(password: str) -> bool:
    """Return False after the work of a real comparison, so that an unknown login takes as long as a wrong password."""
    return password_matches(_nobodys_password(), password) and False


@cache
def _nobodys_password() -> str:
    return hash_password(secrets.token_hex())


def new_password() -> str:
    """Return a fresh password of 79 random bits, in groups that are easy to read aloud and to type."""
    letters = "".join(secrets.choice(READABLE) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def new_token() -> str:
    """Return a fresh token: 256 random bits as text that fits a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return what the store keeps of a token."""
    return hashlib.sha256(b"goldseam.token.v1\n" + token.encode("utf-8", "surrogatepass")).hexdigest()


def new_salt() -> bytes:
    """Return a fresh salt for a commitment."""
    return secrets.token_bytes(entries.SALT_BYTES)


def _password_bytes(password: str) -> bytes:
    """Return the bytes to hash; a longer password is hashed first, so that none is cut and none costs more."""
    data = password.encode("utf-8", "surrogatepass")
    return data if len(data) <= MAX_PASSWORD_BYTES else hashlib.sha512(data).digest()
