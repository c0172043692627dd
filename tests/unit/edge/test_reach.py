"""Requests to typed addresses go nowhere but to the public network, or to what the operator allows."""

from __future__ import annotations

import ipaddress
import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from goldseam.edge import addresses, reach
from goldseam.edge.reach import Reach
from goldseam.vocab.errors import AddressRefused, BadSetting, Unreachable
from tests.unit.edge.receiver import Receiver, certificate, receiver

OURS = (
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.9.9", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "168.63.129.16", "192.0.0.192", "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1",
    "::", "::1", "fe80::1", "fe80::1%1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::127.0.0.1", "::ffff:127.0.0.1",
    "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:1::1", "2001:db8::1",
    "4000::1", "100::1", "5f00::1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700:4700::1111")
ODD_NUMBERS = (
    "127.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "0",
    "127.0.0.1.",
    "[::1]",
    "[::ffff:7f00:1]",
    "①②⑦.0.0.1",
)


@pytest.fixture
def here() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def named(address: str) -> Reach:
    """A reach for which every name is this address."""
    return Reach(resolve=lambda _host, _port: (address,))


@pytest.mark.parametrize("address", OURS)
def test_a_name_that_means_an_address_of_ours_is_refused_before_anything_is_sent(address: str) -> None:
    with pytest.raises(AddressRefused, match="sends nothing there"):
        named(address).request("GET", "https://hooks.example/")


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_none_of_ours(address: str) -> None:
    assert addresses.what(ipaddress.ip_address(address)) == ""


@pytest.mark.parametrize("number", ODD_NUMBERS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_loopback_is_refused_however_its_number_is_written(number: str, scheme: str, here: Receiver) -> None:
    for ask in (Reach().check, lambda url: Reach().request("GET", url)):
        with pytest.raises((AddressRefused, Unreachable)):
            ask(here.url(number, scheme))
    assert here.calls == []


def test_one_bad_address_among_good_ones_is_enough_to_refuse(here: Receiver) -> None:
    mixed = Reach(resolve=lambda _host, _port: ("8.8.8.8", "127.0.0.1"))
    with pytest.raises(AddressRefused):
        mixed.request("GET", here.url("hooks.example", "https"))


def test_a_name_is_resolved_once_so_that_a_second_meaning_is_never_used(here: Receiver) -> None:
    asked = itertools.count()
    # Were the connection to ask again, it would arrive at 127.0.0.2, where nobody listens.
    turning = Reach(["127.0.0.0/8"], resolve=lambda _host, _port: ("127.0.0.1" if next(asked) == 0 else "127.0.0.2",))
    assert turning.request("GET", here.url("hooks.example")).content == b"fine"
    assert next(asked) == 1
    assert here.calls[0].headers["host"] == f"hooks.example:{here.port}"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hooks.example/", "file:///etc/passwd", "gopher://hooks.example/", "//hooks.example/", "hooks.example", "https://",
        "https://user:word@hooks.example/", "https://user@hooks.example/", "https://hooks.example:0/", "https://hooks.example:99999/",
        "https://hooks.example\\@127.0.0.1/", "https://hooks.example/\r\nx: y", "https://hooks.example /", "https://" + "a" * 3000,
        "unix:///run/docker.sock", "",
    ],
)  # fmt: skip
def test_an_address_of_another_form_is_refused(url: str) -> None:
    for ask in (Reach().check, lambda one: named("8.8.8.8").request("GET", one)):
        with pytest.raises(AddressRefused):
            ask(url)


def test_plain_http_is_for_what_the_operator_allows() -> None:
    with pytest.raises(AddressRefused, match="https only"):
        named("8.8.8.8").request("GET", "http://hooks.example/")


@pytest.mark.parametrize("allow", ["127.0.0.1", "127.0.0.0/8", "hooks.example", "Hooks.Example."])
def test_what_the_operator_allows_is_reached(allow: str, here: Receiver) -> None:
    open_ = Reach([allow], resolve=lambda _host, _port: ("127.0.0.1",))
    reply = open_.request("POST", here.url("hooks.example", path="/a?b=c"), content=b"body", headers={"X-Mine": "1"})
    assert (reply.status, reply.content) == (200, b"fine")
    call = here.calls[0]
    assert (call.method, call.path, call.body, call.headers["x-mine"]) == ("POST", "/a?b=c", b"body", "1")


def test_a_redirect_is_judged_like_the_first_address(here: Receiver) -> None:
    with receiver(host="127.0.0.2") as inner:
        allowing = Reach(["127.0.0.1"])
        here.answer = lambda _call: (302, {"location": inner.url("127.0.0.2")}, b"")
        with pytest.raises(AddressRefused):
            allowing.request("GET", here.url())
        for location in ("file:///etc/passwd", "http://user@127.0.0.1/", "http://[::1]/", "//127.0.0.2/"):
            here.answer = lambda _call, location=location: (307, {"location": location}, b"")
            with pytest.raises(AddressRefused):
                allowing.request("GET", here.url())
        assert inner.calls == []


def test_redirects_end() -> None:
    with receiver() as turning:
        turning.answer = lambda _call: (302, {"location": "/again"}, b"")
        with pytest.raises(Unreachable, match="redirects"):
            Reach(["127.0.0.1"]).request("GET", turning.url(), redirects=2)
        assert len(turning.calls) == 3
        assert Reach(["127.0.0.1"]).request("GET", turning.url(), redirects=0).status == 302


def test_tokens_do_not_go_along_to_another_host(here: Receiver) -> None:
    with receiver(host="127.0.0.2") as other:
        here.answer = lambda _call: (307, {"location": other.url("127.0.0.2")}, b"")
        allowing = Reach(["127.0.0.0/8"])
        sent = {
            "Authorization": "Bearer t",
            "Cookie": "c=1",
            "Goldseam-Signature": "v1=s",
            "Content-Type": "text/plain",
        }
        allowing.request("POST", here.url(), content=b"x", headers=sent)
        assert here.calls[0].headers["authorization"] == "Bearer t"
        assert other.calls[0].body == b"x"
        assert not {"authorization", "cookie", "goldseam-signature"} & other.calls[0].headers.keys()


def test_a_proxy_of_the_environment_is_not_used(here: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        Reach(["127.0.0.1"]).request("GET", here.url())
        assert (len(proxy.calls), len(here.calls)) == (0, 1)


def test_a_long_reply_is_refused_by_what_it_says_and_by_what_it_sends(here: Receiver) -> None:
    chunk = b"3e8\r\n" + b"x" * 1000 + b"\r\n0\r\n\r\n"
    for headers, body in (({"transfer-encoding": "chunked"}, chunk), ({"content-length": str(10**15)}, b"x")):
        here.answer = lambda _call, headers=headers, body=body: (200, headers, body)
        with pytest.raises(Unreachable, match="more than 999 bytes"):
            Reach(["127.0.0.1"]).request("GET", here.url(), max_bytes=999, timeout=2)
    here.answer = lambda _call: (200, {}, b"x" * 999)
    assert len(Reach(["127.0.0.1"]).request("GET", here.url(), max_bytes=999).content) == 999


@contextmanager
def dripping(first: bytes) -> Iterator[int]:
    """A server that sends these bytes one by one, each well within any limit of a single wait, for ever."""
    listening = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        try:
            connection, _ = listening.accept()
            for byte in itertools.chain(first, itertools.repeat(ord("x"))):
                if stop.wait(0.02):
                    return
                connection.sendall(bytes([byte]))
        except OSError:
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        stop.set()
        listening.close()
        thread.join(2)


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: "])
def test_a_reply_that_comes_drop_by_drop_ends_at_the_deadline(first: bytes) -> None:
    with dripping(first) as port, pytest.raises(Unreachable, match="in time"):
        Reach(["127.0.0.1"]).request("GET", f"http://127.0.0.1:{port}/", timeout=0.3)


def test_a_name_that_is_never_resolved_ends_at_the_deadline() -> None:
    done = threading.Event()

    def never(_host: str, _port: int) -> tuple[str, ...]:
        done.wait(30)
        return ()  # as if there were no address, which would be said in other words

    with pytest.raises(Unreachable, match="not resolved in time"):
        Reach(resolve=never).request("GET", "https://hooks.example/", timeout=0.1)
    done.set()


def test_a_name_without_an_address_and_a_closed_port_are_unreachable() -> None:
    def unknown(_host: str, _port: int) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(Unreachable, match="means no address"):
        Reach(resolve=unknown).request("GET", "https://hooks.example/")
    with receiver() as gone:
        port = gone.port
    with pytest.raises(Unreachable, match="cannot be reached"):
        Reach(["127.0.0.1"]).request("GET", f"http://127.0.0.1:{port}/")


def test_tls_asks_for_the_name_and_not_for_the_address(tmp_path: Path) -> None:
    serving, trusting = certificate(tmp_path, "hooks.example")
    with receiver(serving) as here:
        local = Reach(["127.0.0.1"], resolve=lambda _host, _port: ("127.0.0.1",), tls=trusting)
        assert local.request("GET", here.url("hooks.example", "https")).content == b"fine"
        with pytest.raises(Unreachable, match="certificate"):
            local.request("GET", here.url("other.example", "https"))
        with pytest.raises(Unreachable, match="certificate"):
            Reach(["127.0.0.1"], resolve=lambda _host, _port: ("127.0.0.1",)).request(
                "GET", here.url("hooks.example", "https")
            )


def test_an_error_names_the_host_and_not_the_secret_part_of_the_address() -> None:
    with receiver() as gone:
        port = gone.port
    with pytest.raises(Unreachable) as caught:
        Reach(["127.0.0.1"]).request("GET", f"http://127.0.0.1:{port}/services/T0/secret?key=word")
    assert "secret" not in str(caught.value)
    assert "word" not in str(caught.value)


def test_the_setting_names_hosts_and_networks(monkeypatch: pytest.MonkeyPatch, here: Receiver) -> None:
    monkeypatch.setenv(addresses.SETTING, " 127.0.0.0/8 , hooks.internal")
    assert reach.from_setting().request("GET", here.url()).status == 200
    monkeypatch.delenv(addresses.SETTING)
    with pytest.raises(AddressRefused):
        reach.from_setting().request("GET", here.url())
    monkeypatch.setenv(addresses.SETTING, "http://hooks.internal/")
    with pytest.raises(BadSetting, match="none of these"):
        reach.from_setting()
