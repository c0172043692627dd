"""Claims are believed whole or not at all, roles of groups never touch what a person gave, and no path leads elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldseam.edge.runner.oidc_claims import Asked, Identity, identity, local_path, role_after, role_of_groups
from goldseam.vocab.errors import NotSignedIn
from goldseam.vocab.people import Role

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ASKED = Asked("https://login.example", "goldseam", "n0nce")
HERE = "https://labels.example/api/oidc/callback?state=1"
plain = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=3), inside, max_size=3),
    max_leaves=5,
)
roles = st.none() | st.sampled_from(Role)


def good(**other: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    made = {"iss": ASKED.issuer, "aud": ASKED.client_id, "nonce": ASKED.nonce, "sub": "s", "iat": at, "exp": at + 60}
    return made | other


def read(claims: dict[str, Any], now: datetime = NOW) -> Identity:
    return identity(claims, ASKED, "groups", now)


@given(st.sampled_from(["iss", "aud", "nonce", "sub", "iat", "exp", "azp", "nbf"]), plain)
def test_a_claim_that_is_anything_else_is_refused_and_never_breaks_the_reading(name: str, value: Any) -> None:
    fine = {
        "iss": lambda: value == ASKED.issuer,
        "aud": lambda: value in (ASKED.client_id, [ASKED.client_id]),
        "nonce": lambda: value == ASKED.nonce,
        "sub": lambda: isinstance(value, str) and 0 < len(value) <= 255,
        "azp": lambda: value is None,
    }.get(name, lambda: isinstance(value, int | float) and not isinstance(value, bool))
    try:
        read(good(**{name: value}))
    except NotSignedIn as refused:
        assert refused.fields["trouble"] == "provider"
    else:
        assert fine(), (name, value)


@given(plain, plain, plain, plain)
def test_what_is_told_besides_never_breaks_the_reading(email: Any, verified: Any, name: Any, groups: Any) -> None:
    found = read(good(email=email, email_verified=verified, name=name, groups=groups))
    assert found.email is None or verified is True
    assert len(found.name) <= 200
    assert found.name.isprintable()


@pytest.mark.parametrize(
    ("later", "fits"), [(0, True), (119, True), (121, False), (-59, True), (-61, False), (1_000, False)]
)
def test_a_token_is_good_for_its_own_time_and_a_minute(later: int, fits: bool) -> None:
    now = NOW + timedelta(seconds=later)
    if fits:
        assert read(good(), now).subject == "s"
    else:
        with pytest.raises(NotSignedIn):
            read(good(), now)


def test_several_audiences_name_the_party() -> None:
    assert read(good(aud=["goldseam", "other"], azp="goldseam")).subject == "s"
    with pytest.raises(NotSignedIn):
        read(good(aud=["goldseam", "other"]))


def test_two_identities_are_never_kept_as_one() -> None:
    def of(issuer: str, subject: str) -> str:
        return Identity(issuer, subject, "", None, frozenset()).hash

    assert len({of("a", "b"), of("a\nb", ""), of("a", "\nb"), of("ab", ""), of("", "ab"), of("b", "a")}) == 6


@given(st.text(max_size=30) | st.text(alphabet="/\\.:@?#%a\t\n ", max_size=12).map(lambda text: f"/{text}"))
def test_no_path_leads_to_another_host(text: str) -> None:
    target = urlsplit(urljoin(HERE, local_path(text)))
    assert (target.scheme, target.netloc) == ("https", "labels.example")
    assert not target.path.startswith("/api/")


def test_a_path_of_this_server_is_kept() -> None:
    assert local_path("/p/1/annotate?x=%2F#y") == "/p/1/annotate?x=%2F#y"
    assert [local_path(one) for one in (None, "", "p", "//x", "/api/me", "/" + "x" * 500)] == ["/"] * 6


@given(roles, roles, roles)
def test_groups_change_what_groups_gave_and_nothing_else(
    held: Role | None, before: Role | None, wanted: Role | None
) -> None:
    after = role_after(held, before, wanted)
    assert after is (wanted if held in {None, before} else held)


def test_of_several_groups_the_highest_role_counts() -> None:
    known = {"a": Role.ANNOTATOR, "m": Role.MANAGER, "r": Role.REVIEWER}
    assert role_of_groups(["r", "m", "a", "?"], known) is Role.MANAGER
    assert role_of_groups(["?"], known) is None
