"""Addresses: what one that somebody typed may look like, and which networks none may mean.

In: an address as text, what the operator allows. Out: the address in its parts, or a refusal. Never: a question to any network.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from goldseam.vocab.errors import AddressRefused, BadSetting

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SETTING: Final = "GOLDSEAM_REACH"
MAX_URL: Final = 2048
PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}
HOST: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f:.]+(%[a-z0-9]+)?")
"""A name or a number in any of its forms, in lower case."""
OURS: Final[dict[str, tuple[str, ...]]] = {
    "unspecified": ("0.0.0.0/8", "::/128"),
    "loopback": ("127.0.0.0/8", "::1/128"),
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"),
    "link-local, where clouds keep their metadata": ("169.254.0.0/16", "fe80::/10"),
    "shared by a carrier": ("100.64.0.0/10",),
    "a cloud's own": ("168.63.129.16/32", "192.0.0.0/24"),
    "multicast or broadcast": ("224.0.0.0/4", "255.255.255.255/32", "ff00::/8"),
    "reserved": ("240.0.0.0/4", "192.88.99.0/24"),
    "for documentation or measurements": (
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32", "3fff::/20", "2001:2::/48",
    ),
    "an IPv4 address inside an IPv6 one": (
        "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32",
    ),
}  # fmt: skip
"""Networks that no typed address may mean, by what they are (IANA's registries of special addresses, RFC 6890)."""
REFUSED: Final = tuple((ipaddress.ip_network(one), what) for what, networks in OURS.items() for one in networks)
PUBLIC_6: Final = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is given out for public use."""


def allowed(allow: Iterable[str]) -> tuple[frozenset[str], tuple[Network, ...]]:
    """Return the host names and the networks among these.

    Raises
    ------
    BadSetting
        If one is neither.
    """
    names, networks = set[str](), list[Network]()
    for one in allow:
        try:
            networks.append(ipaddress.ip_network(one.strip("[]"), strict=False))
        except ValueError:
            if not one or any(not (c.isalnum() or c in "-._") for c in one):
                raise BadSetting(
                    f"{SETTING} holds host names, addresses and networks with commas between, like hooks.example.com, "
                    f"10.1.0.0/16; {one!r} is none of these."
                ) from None
            names.add(one.lower().rstrip("."))
    return frozenset(names), tuple(networks)


def what(address: Address) -> str:
    """Return what an address is that nobody may be sent to; nothing for a public one."""
    for network, kind in REFUSED:
        if address.version == network.version and address in network:
            return kind
    if isinstance(address, ipaddress.IPv6Address) and address not in PUBLIC_6:
        return "reserved"
    return ""


@dataclass(frozen=True, slots=True)
class Place:
    """An address in its parts: all of it ASCII, the host without brackets, the target as it is sent."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def named(self) -> str:
        """Host and port as a request names them: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The place without path and query, which may be secret."""
        return f"{self.scheme}://{self.named}"

    def joined(self, target: str) -> str:
        """Return where a redirect to `target` leads from here."""
        try:
            return urljoin(self.origin + self.target, target)
        except ValueError:
            raise AddressRefused("The address redirects to something that is none.") from None


def parsed(url: str) -> Place:
    """Return the parts of an address.

    Raises
    ------
    AddressRefused
        If it is not of the form https://host/path.
    """
    if len(url) > MAX_URL or not url.isascii() or any(ord(c) <= 32 or c in "\\\x7f" for c in url):
        raise AddressRefused(
            "An address has at most 2048 characters, all of them ASCII (a name with others begins with xn--), and no spaces, "
            "control characters or backslashes."
        )
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise AddressRefused("The address is not one of the form https://host/path.") from None
    if parts.scheme not in PORTS or HOST.fullmatch(host) is None:
        raise AddressRefused("The address is not one of the form https://host/path.")
    if "@" in parts.netloc:
        raise AddressRefused("An address carries no name or password.")
    if port == 0:
        raise AddressRefused("A port is a number from 1 to 65535.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme, host, PORTS[parts.scheme] if port is None else port, target)


def literal(host: str) -> Address | None:
    """Return the address if the host is a number, in any of the ways in which systems read one (127.1, 0x7f000001)."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        return None
