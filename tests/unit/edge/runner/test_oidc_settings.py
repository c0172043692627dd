"""Settings of single sign-on: a file, the environment above it, and a sentence for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldseam.edge.home import Home
from goldseam.edge.runner.oidc_settings import SignOnSettings, read
from goldseam.vocab.errors import BadSetting
from goldseam.vocab.people import Role

GOOD = "issuer: https://login.example/realm\nclient_id: goldseam\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "goldseam.yaml").touch()
    made = Home(tmp_path)
    made.make()
    return made


def written(home: Home, text: str, environment: dict[str, str] | None = None) -> SignOnSettings | None:
    (home.hidden / "oidc.yaml").write_text(text)
    return read(home, environment or {})


def test_nothing_set_is_no_single_sign_on(home: Home) -> None:
    assert read(home, {}) is None
    assert written(home, "name: x\n") is None


def test_a_file_says_all_and_the_environment_stands_above_it(home: Home, tmp_path: Path) -> None:
    secret = home.hidden / "s"
    secret.write_text("hush\n")
    secret.chmod(0o600)
    text = (
        GOOD
        + "secret_file: s\naddress: https://labels.example/\nroles:\n  films:\n    team: annotator\n    2024: reviewer\n"
    )
    found = written(home, text, {"GOLDSEAM_OIDC_CLIENT_ID": "other"})
    assert found is not None
    assert (found.issuer, found.client_id, found.secret, found.name) == (
        "https://login.example/realm",
        "other",
        "hush",
        "login.example",
    )
    assert (found.address, found.scopes, found.link_by_email) == (
        "https://labels.example",
        "openid email profile",
        False,
    )
    assert found.roles == {"films": {"team": Role.ANNOTATOR, "2024": Role.REVIEWER}}
    assert "hush" not in repr(found)
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text(GOOD)
    named = read(home, {"GOLDSEAM_OIDC": str(elsewhere)})
    assert named is not None
    assert named.secret == ""
    alone = read(Home(tmp_path / "none"), {"GOLDSEAM_OIDC_ISSUER": "https://a.example", "GOLDSEAM_OIDC_CLIENT_ID": "c"})
    assert alone is not None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("issuer: https://login.example\n", "client_id"),
        ("issuer: login.example\nclient_id: x\n", "'issuer'"),
        ("issuer: https://a:b@login.example\nclient_id: x\n", "'issuer'"),
        (GOOD + "scopes: email\n", "'openid'"),
        (GOOD + "client: x\n", "client_id"),
        (GOOD + "link_by_email: maybe\n", "true or false"),
        (GOOD + "roles: annotator\n", "by project"),
        (GOOD + "roles:\n  films: annotator\n", "'films'"),
        (GOOD + "roles:\n  films:\n    team: anotator\n", "annotator"),
        (GOOD + "roles:\n  films:\n    team: none\n", "leave out"),
        (GOOD + "roles:\n  films:\n    team: owner\n", "owners: true"),
        (GOOD + "secret_file: missing\n", "Cannot read"),
        (GOOD + "secret_file: open\n", "mode to 600"),
        (GOOD + "secret_file: empty\n", "empty"),
        ("- issuer\n", "by name"),
        ("issuer: [\n", "oidc.yaml"),
    ],
)
def test_a_mistake_is_named(home: Home, text: str, says: str) -> None:
    for name, mode, content in (("open", 0o644, "hush"), ("empty", 0o600, " \n")):
        (home.hidden / name).write_text(content)
        (home.hidden / name).chmod(mode)
    with pytest.raises(BadSetting) as refused:
        written(home, text)
    assert says in refused.value.message
    assert "hush" not in refused.value.message
