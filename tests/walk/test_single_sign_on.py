"""Single sign-on against a provider in a process of its own: the way in, and everything that must not lead in."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from goldseam.edge.client import new_id
from goldseam.edge.runner import check, log, oidc, people, roles
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.server.security import COOKIE
from goldseam.edge.store import log as log_rows
from goldseam.edge.store import oidc as rows
from goldseam.edge.store import people as people_rows
from goldseam.vocab.errors import NotFound
from goldseam.vocab.people import Role
from tests.walk import sign_on, story
from tests.walk.provider import CLIENT, ProviderProcess
from tests.walk.sign_on import OURS, WRONG, Browser, invitation, invited, serving, trouble
from tests.walk.story import PASSWORD, Story

provider, well_behaved, stage, url = sign_on.provider, sign_on.well_behaved, sign_on.stage, sign_on.url


def test_a_newcomer_with_an_invitation_comes_back_with_an_account_a_role_and_a_fresh_session(
    stage: Story, provider: ProviderProcess, url: str
) -> None:
    provider.tell(people={"ada-1": {"name": "Ada L.", "email": "Ada@example.org", "email_verified": True}})
    browser = Browser(url)
    assert browser.http.get("/api/oidc").json() == {"name": "Example", "left": False}
    reply = browser.sign_on("ada-1", "/p/x?y=1", invitation=invitation(stage))
    assert (reply.status_code, reply.headers["location"]) == (303, "/p/x?y=1")
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in next(one for one in reply.headers.get_list("set-cookie") if one.startswith(COOKIE))
    me = browser.me
    assert me is not None
    assert (me["name"], me["login"]) == ("Ada L.", "ada@example.org")
    assert [one["role"] for one in me["projects"]] == ["annotator"]
    again = Browser(url)
    again.sign_on("ada-1")
    assert again.me == me, "the second time needs no invitation"
    account = stage.world.store.read(lambda tx: people_rows.account(tx, "ada@example.org"))
    assert account is not None
    log.seal(stage.world)
    told = stage.world.store.read(lambda tx: log_rows.entries(tx, "store", -1, 1_000))
    bodies = [row.body for row in told]
    assert sum(b"identity.linked" in body for body in bodies) == 1
    assert not any(b"ada@" in body or b"ada-1" in body for body in bodies), "no entry names a person"
    assert not check.project(stage.world, stage.project)


def test_an_identity_without_account_invitation_or_group_leads_nowhere(stage: Story, url: str) -> None:
    browser = Browser(url)
    assert trouble(browser.sign_on("stranger")) == "unknown"
    assert browser.me is None
    gone = Browser(url)
    assert trouble(gone.sign_on("stranger", invitation="made-up")) == "invitation"
    assert trouble(Browser(url).sign_on("nobody")) == "declined"


@pytest.mark.parametrize("what", WRONG)
def test_a_token_that_is_wrong_in_one_place_leads_nowhere(
    stage: Story, provider: ProviderProcess, url: str, what: str
) -> None:
    provider.tell(people={"wren-1": {}})
    if not _is_known(stage, provider, "wren-1"):
        invited(stage, url, "wren-1")
    browser = Browser(url)
    address = browser.begin()
    provider.tell(**WRONG[what])
    assert trouble(browser.back(browser.prove(address, "wren-1"))) == "provider"
    assert browser.me is None


def _is_known(stage: Story, provider: ProviderProcess, user: str) -> bool:
    from goldseam.edge.runner.oidc_claims import Identity

    identity = Identity(provider.issuer, user, "", None, frozenset()).hash
    return stage.world.store.read(lambda tx: rows.whose(tx, identity)) is not None


def test_a_document_of_another_issuer_is_not_believed(stage: Story, provider: ProviderProcess) -> None:
    provider.tell(document={"issuer": "https://elsewhere.example"})
    with serving(stage, provider) as url:
        reply = Browser(url).http.post("/api/oidc", json={"path": "/"})
    assert (reply.status_code, reply.json()["error"]["fields"]) == (401, {"trouble": "provider"})


def test_the_way_back_works_once_in_the_browser_that_went_and_nowhere_else(stage: Story, url: str) -> None:
    victim, attacker = Browser(url), invited(stage, url, "mallory-1")
    theirs = attacker.prove(attacker.begin(), "mallory-1")
    assert trouble(victim.back(theirs)) == "expired", "a stranger's way back signs nobody in as the stranger"
    victim.begin()
    assert trouble(victim.back(theirs)) == "expired", "not even in a browser that is under way itself"
    assert victim.me is None
    kept = attacker.http.cookies["goldseam_oidc"]
    assert attacker.back(theirs).headers["location"] == "/"
    again = httpx.get(theirs, cookies={"goldseam_oidc": kept}, trust_env=False)
    assert trouble(again) == "expired", "and not twice, even by who kept the cookie"


def test_a_code_that_was_used_before_leads_nowhere(stage: Story, url: str) -> None:
    first = invited(stage, url, "rex-1")
    used = first.prove(first.begin(), "rex-1")
    assert first.back(used).headers["location"] == "/"
    code = parse_qs(urlsplit(used).query)["code"][0]
    second = Browser(url)
    fresh = second.prove(second.begin(), "rex-1")
    own = parse_qs(urlsplit(fresh).query)["code"][0]
    assert trouble(second.back(fresh.replace(own, code))) == "provider"
    # A code of somebody else's sign-on that was never used: it was made for another verifier.
    third, fourth = Browser(url), Browser(url)
    stolen = parse_qs(urlsplit(third.prove(third.begin(), "rex-1")).query)["code"][0]
    mine = fourth.prove(fourth.begin(), "rex-1")
    assert trouble(fourth.back(mine.replace(parse_qs(urlsplit(mine).query)["code"][0], stolen))) == "provider"


@pytest.mark.parametrize(
    "path", ["//elsewhere.example/", "https://elsewhere.example", "/\\elsewhere.example", "/\t/x", "/a//b"]
)
def test_an_address_elsewhere_is_never_gone_on_to(stage: Story, provider: ProviderProcess, url: str, path: str) -> None:
    browser = invited(stage, url, "opal-1") if not _is_known(stage, provider, "opal-1") else Browser(url)
    assert browser.sign_on("opal-1", path).headers["location"] == "/"


def test_keys_that_the_provider_changed_are_found_and_not_asked_for_again_and_again(
    stage: Story, provider: ProviderProcess
) -> None:
    with serving(stage, provider) as url:
        _change_keys(stage, provider, url)


def _change_keys(stage: Story, provider: ProviderProcess, url: str) -> None:
    browser = invited(stage, url, "kit-1")
    before = provider.asked()["/jwks"]
    browser.sign_on("kit-1")
    assert provider.asked()["/jwks"] == before, "keys are kept"
    provider.tell(rotate=True)
    assert browser.sign_on("kit-1").headers["location"] == "/"
    assert provider.asked()["/jwks"] == before + 1
    provider.tell(rotate=True, jwks={"keys": []})
    for _ in range(3):
        assert trouble(Browser(url).sign_on("kit-1")) == "provider"
    assert provider.asked()["/jwks"] <= before + 2, "tokens of unknown keys make no storm"


def test_an_address_alone_leads_into_no_account_unless_the_settings_say_so(
    stage: Story, provider: ProviderProcess
) -> None:
    world, owner = stage.world, stage.members[Role.OWNER]
    people.add_person(world, stage.project.id, owner, "eve@example.org", Role.REVIEWER, password=PASSWORD)
    said = {"email": "eve@example.org", "email_verified": True}
    provider.tell(
        people={
            "eve-1": said,
            "eve-2": said,
            "eve-3": said | {"email_verified": False},
            "eve-4": said | {"email_verified": "true"},
        }
    )
    with serving(stage, provider) as url:
        assert trouble(Browser(url).sign_on("eve-1")) == "unknown"
        assert trouble(Browser(url).sign_on("eve-1", invitation=invitation(stage))) == "address"
        unverified = Browser(url)
        unverified.sign_on("eve-3", invitation=invitation(stage))
        assert unverified.me is not None
        assert unverified.me["login"].startswith("sso-"), "an address that nobody verified is no login"
    with serving(stage, provider, link_by_email=True) as url:
        assert trouble(Browser(url).sign_on("eve-4")) == "unknown", "only what the provider verified counts"
        linked = Browser(url)
        linked.sign_on("eve-1")
        assert linked.me is not None
        assert linked.me["login"] == "eve@example.org"
        assert trouble(Browser(url).sign_on("eve-2")) == "unknown", (
            "the same address under another subject is another person"
        )


def test_a_signed_in_person_links_the_account_and_nobody_else_does(
    stage: Story, provider: ProviderProcess, url: str
) -> None:
    world, owner = stage.world, stage.members[Role.OWNER]
    made, _ = people.add_person(world, stage.project.id, owner, "lin", Role.ANNOTATOR, password=PASSWORD)
    browser = Browser(url)
    assert browser.http.post("/api/me/oidc", json={}).status_code == 401
    browser.http.post("/api/session", json={"login": "lin", "password": PASSWORD}).raise_for_status()
    before = browser.http.cookies[COOKIE]
    address = browser.http.post("/api/me/oidc", json={"path": "/"}).json()["address"]
    assert browser.back(browser.prove(address, "lin-1")).headers["location"] == "/"
    after = browser.http.cookies[COOKIE]
    assert after != before
    assert httpx.get(f"{url}/api/me", cookies={COOKIE: before}).status_code == 401, "the session before has ended"
    single = Browser(url)
    single.sign_on("lin-1")
    assert single.me is not None
    assert single.me["login"] == "lin"
    # another identity does not take its place, and another account does not get it
    address = browser.http.post("/api/me/oidc", json={}).json()["address"]
    assert trouble(browser.back(browser.prove(address, "lin-2"))) == "linked"
    token = people.make_token(world, stage.project.id, made.id, "t", None, None)
    assert httpx.post(f"{url}/api/me/oidc", json={}, headers={"Authorization": f"Bearer {token}"}).status_code == 403
    # signed out in between: the link is not made
    people.add_person(world, stage.project.id, owner, "lou", Role.ANNOTATOR, password=PASSWORD)
    lou = Browser(url)
    lou.http.post("/api/session", json={"login": "lou", "password": PASSWORD}).raise_for_status()
    address = lou.http.post("/api/me/oidc", json={}).json()["address"]
    assert trouble(lou.back(lou.prove(address, "lin-1"))) == "linked", "it is somebody else's"
    address = lou.http.post("/api/me/oidc", json={}).json()["address"]
    lou.http.delete("/api/session")
    assert trouble(lou.back(lou.prove(address, "lou-1"))) == "expired"
    assert oidc.unlink(world, owner, "lin") == 1
    assert trouble(Browser(url).sign_on("lin-1")) == "unknown"
    with pytest.raises(NotFound):
        oidc.unlink(world, owner, "no-such")


def test_a_session_planted_before_ends_and_a_closed_account_stays_closed(stage: Story, url: str) -> None:
    first = invited(stage, url, "sam-1")
    planted = first.http.cookies[COOKIE]
    first.sign_on("sam-1")
    assert httpx.get(f"{url}/api/me", cookies={COOKIE: planted}).status_code == 401
    assert first.me is not None
    who = first.me["id"]
    stage.world.store.write(lambda tx: people_rows.disable_account(tx, who))
    assert trouble(Browser(url).sign_on("sam-1")) == "closed"


def test_groups_give_and_take_what_groups_gave_and_never_what_a_person_gave(
    stage: Story, provider: ProviderProcess
) -> None:
    mapped = {stage.project.name: {"readers": "annotator", "leads": "manager"}, "not made yet": {"leads": "auditor"}}

    def held(who: Browser) -> list[str]:
        assert who.me is not None
        return [one["role"] for one in who.me["projects"]]

    with serving(stage, provider, roles=mapped) as url:
        browser = Browser(url)
        for groups, role in (
            (["readers"], ["annotator"]),
            (["leads", "readers", 7], ["manager"]),
            (["others"], []),
            ("readers", ["annotator"]),
        ):
            provider.tell(people={"gus-1": {"groups": groups}})
            browser.sign_on("gus-1")
            assert held(browser) == role, groups
        assert browser.me is not None
        owner = Permit(stage.project, Role.OWNER, Principal(stage.members[Role.OWNER], ""))
        roles.change(stage.world, owner, new_id(), browser.me["id"], Role.REVIEWER)
        for groups in (["leads"], []):
            provider.tell(people={"gus-1": {"groups": groups}})
            browser.sign_on("gus-1")
            assert held(browser) == ["reviewer"], "a person's decision stands above the groups"
    with serving(stage, provider, roles={stage.project.name: {"bosses": "owner"}}) as url:
        assert Browser(url).http.post("/api/oidc", json={"path": "/"}).status_code == 500, (
            "groups make no owners by accident"
        )
    with serving(stage, provider, roles={stage.project.name: {"bosses": "owner"}}, owners=True) as url:
        provider.tell(people={"boss-1": {"groups": ["bosses"]}})
        boss = Browser(url)
        boss.sign_on("boss-1")
        assert held(boss) == ["owner"]
        people_left = Permit(stage.project, Role.OWNER, Principal(boss.me["id"], ""))  # type: ignore[index]  # plain values
        roles.change(stage.world, people_left, new_id(), stage.members[Role.OWNER], Role.MANAGER)
        provider.tell(people={"boss-1": {"groups": []}})
        assert boss.sign_on("boss-1").headers["location"] == "/"
        assert held(boss) == ["owner"], "the last owner stays, whatever the groups say"
        roles.change(stage.world, people_left, new_id(), stage.members[Role.OWNER], Role.OWNER)
        boss.sign_on("boss-1")
        assert held(boss) == []


def test_signing_out_offers_to_sign_out_of_the_provider_too(stage: Story, provider: ProviderProcess, url: str) -> None:
    browser = invited(stage, url, "tess-1")
    assert browser.http.post("/api/oidc/end").status_code == 403
    browser.http.delete("/api/session")
    assert browser.http.get("/api/oidc").json() == {"name": "Example", "left": True}
    address = urlsplit(browser.http.post("/api/oidc/end").json()["address"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider.issuer}/end"
    assert parse_qs(address.query) == {"client_id": [CLIENT], "post_logout_redirect_uri": [f"{url}/sign-in"]}
    assert browser.http.get("/api/oidc").json()["left"] is False


def test_behind_tls_the_browsers_secret_is_a_cookie_of_this_host_alone(stage: Story, url: str) -> None:
    reply = httpx.post(f"{url}/api/oidc", json={"path": "/"}, headers=OURS | {"X-Forwarded-Proto": "https"})
    cookie = reply.headers["set-cookie"]
    for part in ("__Host-goldseam_oidc=", "HttpOnly", "Secure", "SameSite=lax", "Path=/;"):
        assert part in cookie
    assert "redirect_uri=https%3A" in reply.json()["address"]
    foreign = httpx.post(f"{url}/api/oidc", json={"path": "/"}, headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403, "a page elsewhere begins nothing"


def test_the_database_holds_nothing_that_would_finish_a_sign_on(stage: Story, url: str, tmp_path: Path) -> None:
    browser = Browser(url)
    query = parse_qs(urlsplit(browser.begin("/p/1", invitation="a-secret-link")).query)
    kept = stage.world.store.read(
        lambda tx: tx.connection.exec_driver_sql("SELECT * FROM sign_ons ORDER BY at DESC").all()
    )
    told = {query["state"][0], query["nonce"][0], browser.http.cookies["goldseam_oidc"], "a-secret-link"}
    assert not told & {str(value) for row in kept for value in row}


def test_without_settings_there_is_no_single_sign_on(stage: Story) -> None:
    (stage.world.home.hidden / "oidc.yaml").unlink(missing_ok=True)
    with story.serving(stage.world) as url:
        browser = Browser(url)
        assert browser.http.get("/api/oidc").json() == {"name": None, "left": False}
        assert browser.http.post("/api/oidc", json={"path": "/"}).status_code == 404
        assert trouble(browser.back("/api/oidc/callback?state=x&code=y")) == "provider"
