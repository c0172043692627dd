"""Tokens: the signature of an id token, checked with one of the provider's public keys.

In: a token's text, a JWK set. Out: its claims. Never: an algorithm without a public key (none, HS...), a key that the token
brought along, or a claim believed here.

Only this module imports joserfc, which comes with `goldseam[oidc]`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from joserfc import jwk, jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from goldseam.edge.runner.oidc_claims import Trouble, trouble

ALGORITHMS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    **dict.fromkeys(("EdDSA", "Ed25519"), "OKP"),
}
"""What may sign, and the kind of key it takes: public keys only, so that nobody signs with what everybody knows."""
SMALLEST_RSA: Final = 2_048
MAX_TOKEN: Final = 64_000


def header(token: str) -> tuple[str, str | None]:
    """Return the algorithm and the key's name of a token.

    Raises
    ------
    NotSignedIn
        If it is no token, or its algorithm is none that is taken.
    """
    try:
        part = token.split(".", maxsplit=1)[0]
        plain = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error) as error:
        raise trouble(Trouble.PROVIDER, "The provider's id token cannot be read.") from error
    algorithm = plain.get("alg") if isinstance(plain, dict) else None
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or len(token) > MAX_TOKEN:
        raise trouble(Trouble.PROVIDER, "The provider's id token is signed in a way that is not taken.")
    kid = plain.get("kid")
    return algorithm, kid if isinstance(kid, str) else None


def fitting(keys: Sequence[object], algorithm: str, kid: str | None) -> Mapping[str, Any] | None:
    """Return the one key of a set that a token of this algorithm and key name may be signed with."""
    found = [one for one in keys if isinstance(one, Mapping) and _fits(one, algorithm)]
    if kid is not None:
        found = [one for one in found if one.get("kid") == kid]
    return found[0] if len(found) == 1 else None


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    return (
        key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) in {algorithm, "EdDSA" if algorithm == "Ed25519" else algorithm}
    )


def claims(token: str, key: Mapping[str, Any], algorithm: str) -> Mapping[str, object]:
    """Return what a token says, if this key signed it; raises `NotSignedIn`."""
    try:
        public = jwk.import_key(dict(key))
        if isinstance(public, jwk.RSAKey) and public.raw_value.key_size < SMALLEST_RSA:
            raise trouble(Trouble.PROVIDER, "The provider's key is too short.")
        registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        return jwt.decode(token, public, algorithms=[algorithm], registry=registry).claims
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise trouble(Trouble.PROVIDER, "The provider's id token is not signed by its key.") from error
