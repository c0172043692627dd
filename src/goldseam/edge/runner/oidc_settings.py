"""Settings of single sign-on: which provider is trusted, and which of its groups have which role.

In: the home, the environment. Out: `SignOnSettings`, or None where nobody set any. Never: a secret in a message, or a secret
file that others may read.

`.goldseam/oidc.yaml` (or the file that GOLDSEAM_OIDC names) holds all of it; GOLDSEAM_OIDC_ISSUER, _CLIENT_ID, _SECRET_FILE,
_NAME, _SCOPES and _ADDRESS stand above what it says.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from goldseam.edge.home import Home
from goldseam.formats import yaml
from goldseam.vocab.errors import BadSetting, GoldseamError, nearest
from goldseam.vocab.people import Role, role_named

SETTING: Final = "GOLDSEAM_OIDC"
FILE: Final = "oidc.yaml"
TEXTS: Final = ("issuer", "client_id", "secret_file", "name", "scopes", "address")
"""Settings that the environment may hold too."""
FLAGS: Final = ("link_by_email", "owners")
KNOWN: Final = (*TEXTS, *FLAGS, "groups_claim", "roles")
SCOPES: Final = "openid email profile"

GroupRoles = Mapping[str, Mapping[str, Role]]
"""By the project's name, then by the group's, the role that it gives there."""


@dataclass(frozen=True, slots=True)
class SignOnSettings:
    """One provider, and what is taken from it.

    `address` is how people reach this server, for the way back; empty takes it from the call. `link_by_email` lets a verified
    address alone lead into the account of that login; `owners` lets groups make owners.
    """

    issuer: str
    client_id: str
    secret: str = field(default="", repr=False)
    name: str = ""
    scopes: str = SCOPES
    address: str = ""
    link_by_email: bool = False
    groups_claim: str = "groups"
    roles: GroupRoles = field(default_factory=lambda: MappingProxyType({}))


def read(home: Home, environment: Mapping[str, str] | None = None) -> SignOnSettings | None:
    """Return the settings of single sign-on; None if no issuer is named.

    Raises
    ------
    BadSetting
        If one is missing or wrong; the message names it.
    """
    said = os.environ if environment is None else environment
    path = Path(said[SETTING]) if said.get(SETTING) else home.hidden / FILE
    plain = _file(path) if said.get(SETTING) or path.is_file() else {}
    texts = {name: str(said.get(f"{SETTING}_{name.upper()}") or plain.get(name) or "") for name in TEXTS}
    if not texts["issuer"]:
        return None
    if not texts["client_id"]:
        raise BadSetting("Single sign-on needs 'client_id': the name under which the provider knows this server.")
    flags = {name: _flag(plain, name) for name in FLAGS}
    secret_file = texts["secret_file"]
    return SignOnSettings(
        issuer=_address(texts["issuer"], "issuer"),
        client_id=texts["client_id"],
        secret=_secret(path.parent / secret_file) if secret_file else "",
        name=texts["name"] or str(urlsplit(texts["issuer"]).hostname),
        scopes=_scopes(texts["scopes"] or SCOPES),
        address=_address(texts["address"], "address").rstrip("/") if texts["address"] else "",
        link_by_email=flags["link_by_email"],
        groups_claim=str(plain.get("groups_claim") or "groups"),
        roles=_roles(plain.get("roles") or {}, owners=flags["owners"]),
    )


def _file(path: Path) -> Mapping[str, object]:
    try:
        plain = yaml.plain(yaml.load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"Cannot read the settings of single sign-on in {path}.", path=str(path)) from error
    except GoldseamError as error:
        raise BadSetting(f"{path}: {error.message}", path=str(path)) from error
    if not isinstance(plain, Mapping):
        raise BadSetting(f"{path} holds settings by name, like 'issuer: https://login.example.org'.", path=str(path))
    for name in plain:
        if name not in KNOWN:
            raise BadSetting(f"{path}: there is no setting {name!r}.{nearest(str(name), KNOWN)}", path=str(path))
    return {str(name): value for name, value in plain.items()}


def _secret(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"Cannot read the secret of single sign-on in {path}.", path=str(path)) from error
    if mode & 0o077:
        raise BadSetting(f"Others may read {path}; set its mode to 600.", path=str(path))
    if not text:
        raise BadSetting(f"The file {path} is empty; it holds the secret that the provider gave.", path=str(path))
    return text


def _address(text: str, name: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise BadSetting(f"The setting {name!r} of single sign-on is an address like https://login.example.org.")
    return text


def _scopes(text: str) -> str:
    words = text.split()
    if "openid" not in words:
        raise BadSetting("The scopes of single sign-on are words with spaces between, and 'openid' is one of them.")
    return " ".join(words)


def _flag(plain: Mapping[str, object], name: str) -> bool:
    value = plain.get(name, False)
    if not isinstance(value, bool):
        raise BadSetting(f"The setting {name!r} of single sign-on is true or false.")
    return value


def _roles(plain: object, *, owners: bool) -> GroupRoles:
    if not isinstance(plain, Mapping):
        raise BadSetting("'roles' of single sign-on holds, by project, which group has which role.")
    found = {}
    for project, groups in plain.items():
        if not isinstance(groups, Mapping):
            raise BadSetting(f"'roles' of single sign-on holds, for {project!r}, which group has which role.")
        found[str(project)] = MappingProxyType({str(name): _role(str(role), owners) for name, role in groups.items()})
    return MappingProxyType(found)


def _role(name: str, owners: bool) -> Role:  # noqa: FBT001 - the setting's own value
    try:
        role = role_named(name)
    except GoldseamError as error:
        raise BadSetting(f"'roles' of single sign-on: {error.message}") from error
    if role is None:
        raise BadSetting("'roles' of single sign-on: leave out a group that has no role.")
    if role is Role.OWNER and not owners:
        raise BadSetting("'roles' of single sign-on: groups make owners only where 'owners: true' says so.")
    return role
