"""How people come into a project, what they may hand on, and how fast anybody may knock. A real server on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from goldseam.edge.client import Client, new_id
from goldseam.edge.runner import limits, log, people
from goldseam.edge.runner.world import World
from goldseam.edge.server import security
from goldseam.edge.store import tables as t
from goldseam.testing.clock import FakeClock
from goldseam.vocab.errors import BadSetting, BadValue, Conflict, NotAllowed, NotFound, NotSignedIn
from goldseam.vocab.people import Act, Role
from tests.walk import story
from tests.walk.story import PASSWORD, Story

OURS = {"X-Goldseam": "1"}
CHOSEN = "a river in spring"


class Stage:
    """A story, where it is served, and its clock."""

    def __init__(self, told: Story, url: str, clock: FakeClock) -> None:
        self.told, self.url, self.clock, self.project = told, url, clock, told.project.id

    def client(self, login: str = "", password: str = PASSWORD) -> Client:
        made = Client(self.url, tries=1)
        if login:
            made.sign_in(login, password)
        return made

    def as_role(self, role: Role) -> Client:
        return Client(self.url, tries=1, token=self.told.token(role))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("sign-in")
    clock = FakeClock()
    with story.opened(folder, clock) as world:
        told = story.set_up(world, folder, accounts=True, n_items=2)
        with story.serving(world) as url:
            yield Stage(told, url, clock)


def test_somebody_who_was_added_signs_in_with_the_password_that_was_shown(stage: Stage) -> None:
    with stage.as_role(Role.MANAGER) as manager, stage.client() as new:
        added = manager.add_person(stage.project, "Nina@Example.org", Role.ANNOTATOR, "Nina")
        assert added["person"]["role"] == "annotator"
        assert new.sign_in("nina@example.org", added["password"]) == added["person"]["id"]
        assert manager.add_person(stage.project, "nina@example.org", Role.ANNOTATOR)["password"] is None
        with pytest.raises(Conflict, match="annotator here already"):
            manager.add_person(stage.project, "nina@example.org", Role.REVIEWER)
        listed = manager.people(stage.project)["people"]
        assert [one["login"] for one in listed if one["name"] == "Nina"] == ["nina@example.org"]
        assert added["password"] not in json.dumps(listed)


def test_a_repeat_of_adding_somebody_shows_a_password_that_works_until_they_chose_their_own(stage: Stage) -> None:
    body = {"id": new_id(), "login": "otto", "role": "annotator", "name": ""}
    with stage.as_role(Role.MANAGER) as manager, stage.client() as new:
        path = f"/api/projects/{stage.project}/people"
        first, again = (manager.call("POST", path, body) for _ in range(2))
        assert first["person"] == again["person"]
        with pytest.raises(NotSignedIn):
            new.sign_in("otto", first["password"])
        new.sign_in("otto", again["password"])
        new.change_password(again["password"], CHOSEN)
        assert manager.call("POST", path, body)["password"] is None
        new.sign_in("otto", CHOSEN)


def test_the_list_of_people_comes_in_pages(stage: Stage) -> None:
    with stage.as_role(Role.OWNER) as owner:
        whole = [one["id"] for one in owner.people(stage.project)["people"]]
        found, after = [], ""
        while after is not None:
            page = owner.people(stage.project, after, 2)
            found += [one["id"] for one in page["people"]]
            after = page["after"]
        assert found == whole
        assert set(stage.told.members.values()) <= set(found)


@pytest.mark.parametrize("role", [Role.OWNER, Role.MANAGER, Role.SERVICE])
def test_a_manager_gives_and_takes_nothing_that_is_not_below(stage: Stage, role: Role) -> None:
    target, reviewer = stage.told.members[role], stage.told.members[Role.REVIEWER]
    with stage.as_role(Role.MANAGER) as manager:
        for act in (
            lambda: manager.add_person(stage.project, "ally", role),
            lambda: manager.add_person(stage.project, "annotator-moods", role),
            lambda: manager.change_role(stage.project, reviewer, role),
            lambda: manager.change_role(stage.project, target, Role.ANNOTATOR),
            lambda: manager.change_role(stage.project, target, None),
            lambda: manager.invite(stage.project, role),
        ):
            with pytest.raises((NotAllowed, Conflict)):
                act()
        roles = {one["id"]: one["role"] for one in manager.people(stage.project)["people"]}
        assert roles[target] == role.value
        assert roles[reviewer] == "reviewer"


def test_a_role_changed_by_http_is_felt_with_the_next_call(stage: Stage) -> None:
    who = story.member_of(stage.told.world, "mover", stage.project)
    secret = people.make_token(stage.told.world, stage.project, who, "mine", None, None)
    with Client(stage.url, token=secret, tries=1) as mover, stage.as_role(Role.MANAGER) as manager:
        assert mover.project(stage.project).role is Role.ANNOTATOR
        manager.change_role(stage.project, who, Role.REVIEWER)
        assert mover.project(stage.project).role is Role.REVIEWER
        manager.change_role(stage.project, who, None)
        with pytest.raises(NotSignedIn):
            mover.project(stage.project)
        with pytest.raises(NotFound):
            manager.change_role(stage.project, who, Role.ANNOTATOR)


def test_tokens_over_http(stage: Stage) -> None:
    with stage.client("reviewer-moods") as reviewer, stage.as_role(Role.OWNER) as owner:
        made = reviewer.make_token(stage.project, "script", [Act.VIEW], 7)
        with Client(stage.url, token=made["secret"], tries=1) as script:
            assert script.project(stage.project).acts == frozenset({Act.VIEW})
            with pytest.raises(NotAllowed):
                script.make_token(stage.project, "another")
            with pytest.raises(NotAllowed):
                script.change_password(PASSWORD, CHOSEN)
            assert made["secret"] not in json.dumps(reviewer.tokens())
            assert made["token"]["id"] in [one["id"] for one in owner.project_tokens(stage.project)["tokens"]]
            owner.revoke_project_token(stage.project, made["token"]["id"])
            with pytest.raises(NotSignedIn):
                script.project(stage.project)
        with pytest.raises(NotAllowed, match="does not include: govern"):
            reviewer.make_token(stage.project, "more", [Act.GOVERN])
        with pytest.raises(NotFound):
            reviewer.make_token("no-such", "script")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/me/tokens", {"id": new_id(), "project": "p", "name": "n"}),
        ("POST", "/api/me/tokens/x/revoke", None),
        ("POST", "/api/me/invitations", {"secret": "s"}),
        ("POST", "/api/me/password", {"old": "o", "new": "n"}),
        ("GET", "/api/me/tokens", None),
    ],
)
def test_what_is_ones_own_needs_a_sign_in(stage: Stage, method: str, path: str, body: object) -> None:
    assert httpx.request(method, stage.url + path, json=body, headers=OURS).status_code == 401


def test_a_newcomer_takes_an_invitation_up_once(stage: Stage) -> None:
    with stage.as_role(Role.MANAGER) as manager, stage.client() as new, stage.client() as late:
        made = manager.invite(stage.project, Role.REVIEWER)
        secret = made["secret"]
        assert new.look_at_invitation(secret)["role"] == "reviewer"
        who = new.accept_invitation(secret, "Paula", CHOSEN, "Paula P.")
        assert new.me()["projects"][0]["role"] == "reviewer"
        assert late.accept_invitation(secret, "paula", CHOSEN) == who  # a reply that was lost
        for attempt in (
            lambda: late.accept_invitation(secret, "paula", CHOSEN + "!"),
            lambda: late.accept_invitation(secret, "paul", CHOSEN),
            lambda: late.look_at_invitation(secret),
        ):
            with pytest.raises(NotFound, match="was used, was revoked, or is too old"):
                attempt()
        listed = next(one for one in manager.invitations(stage.project)["invitations"] if one["used_by"] == who)
        assert listed["id"] == made["invitation"]["id"]
        with pytest.raises(Conflict):
            manager.revoke_invitation(stage.project, listed["id"])


def test_a_login_that_is_taken_uses_nothing_up(stage: Stage) -> None:
    with stage.as_role(Role.MANAGER) as manager, stage.client() as new:
        secret = manager.invite(stage.project, Role.ANNOTATOR)["secret"]
        with pytest.raises(Conflict, match="taken"):
            new.accept_invitation(secret, "annotator-moods", CHOSEN)
        for bad in ("short", "aaaaaaaaaaaa", "quentin-one"):
            with pytest.raises(BadValue, match="password") as caught:
                new.accept_invitation(secret, "quentin", bad)
            assert bad not in caught.value.message
        new.accept_invitation(secret, "quentin", CHOSEN)


def test_somebody_with_an_account_joins_another_project_by_invitation(stage: Stage, tmp_path: Path) -> None:
    other = story.set_up(stage.told.world, tmp_path, name="other", n_items=2)
    with Client(stage.url, token=other.token(Role.OWNER), tries=1) as owner, stage.client("annotator-moods") as ann:
        secret = owner.invite(other.project.id, Role.OWNER)["secret"]
        assert ann.join(secret) == other.project.id
        assert ann.join(secret) == other.project.id
        assert {one["role"] for one in ann.me()["projects"] if one["id"] == other.project.id} == {"owner"}
        with pytest.raises(Conflict):
            ann.join(owner.invite(other.project.id, Role.ANNOTATOR)["secret"])
        with pytest.raises(NotAllowed), stage.as_role(Role.ANNOTATOR) as script:
            script.join(secret)
        with pytest.raises(NotFound), stage.as_role(Role.OWNER) as elsewhere:
            elsewhere.revoke_invitation(stage.project, owner.invitations(other.project.id)["invitations"][0]["id"])


def test_an_invitation_dies_with_its_time_its_revocation_and_the_right_of_whoever_made_it(stage: Stage) -> None:
    fresh = story.member_of(stage.told.world, "brief manager", stage.project, Role.MANAGER)
    token = people.make_token(stage.told.world, stage.project, fresh, "t", None, None)
    with Client(stage.url, token=token, tries=1) as brief, stage.as_role(Role.OWNER) as owner, stage.client() as new:
        late, revoked, orphan = (brief.invite(stage.project, Role.REVIEWER, 1) for _ in range(3))
        owner.revoke_invitation(stage.project, revoked["invitation"]["id"])
        owner.revoke_invitation(stage.project, revoked["invitation"]["id"])
        owner.change_role(stage.project, fresh, Role.REVIEWER)
        for made in (revoked, orphan):
            with pytest.raises(NotFound):
                new.accept_invitation(made["secret"], "rita", CHOSEN)
        owner.change_role(stage.project, fresh, Role.MANAGER)
        assert new.look_at_invitation(orphan["secret"])["role"] == "reviewer"
        stage.clock.advance(timedelta(days=1))
        with pytest.raises(NotFound):
            new.accept_invitation(late["secret"], "rita", CHOSEN)


def test_twenty_who_open_one_link_at_once_are_one_newcomer(stage: Stage) -> None:
    with stage.as_role(Role.MANAGER) as manager:
        secret = manager.invite(stage.project, Role.ANNOTATOR)["secret"]

    def accept(n: int) -> int:
        body = {"secret": secret, "login": f"twin{n}", "password": CHOSEN}
        return httpx.post(f"{stage.url}/api/invitations/accept", json=body, headers=OURS, timeout=60).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(accept, range(6))) == [200] + [404] * 5


def test_guessing_links_is_stopped_and_says_when_to_come_back(stage: Stage) -> None:
    headers = {**OURS, "X-Forwarded-For": "203.0.113.77"}

    def look() -> httpx.Response:
        return httpx.post(f"{stage.url}/api/invitations/look", json={"secret": "made-up"}, headers=headers)

    with httpx.Client(headers=headers) as guess:
        replies = [guess.post(f"{stage.url}/api/invitations/look", json={"secret": "x"}) for _ in range(51)]
    assert {reply.status_code for reply in replies[:50]} == {404}
    assert replies[50].status_code == 429
    assert replies[50].headers["retry-after"] == "1"
    stage.clock.advance(timedelta(seconds=2))
    assert look().status_code == 404


def test_a_changed_password_ends_every_session_but_this_one(stage: Stage) -> None:
    with stage.client("auditor-moods") as here, stage.client("auditor-moods") as there:
        with pytest.raises(NotSignedIn):
            here.change_password("wrong password", CHOSEN)
        here.change_password(PASSWORD, CHOSEN)
        assert here.me()["login"] == "auditor-moods"
        with pytest.raises(NotSignedIn):
            there.me()
        here.change_password(CHOSEN, PASSWORD)


def test_a_caller_who_calls_too_fast_is_told_when_to_call_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "calls_allowed", lambda: limits.Calls(0.01, at_once=2))
    with story.opened(tmp_path, FakeClock()) as world:
        told = story.set_up(world, tmp_path, n_items=2)
        with story.serving(world) as url:
            mine = {"Authorization": f"Bearer {told.token()}"}
            other = {"Authorization": f"Bearer {told.token(Role.REVIEWER)}"}
            got = [httpx.get(f"{url}/api/projects/{told.project.id}", headers=mine) for _ in range(3)]
            assert [reply.status_code for reply in got] == [200, 200, 429]
            assert int(got[2].headers["retry-after"]) >= 1
            assert got[2].json()["error"]["type"] == "TooManyCalls"
            assert httpx.get(f"{url}/api/me", headers=mine).status_code == 429
            assert httpx.get(f"{url}/api/projects/{told.project.id}", headers=other).status_code == 200


def test_the_setting_of_calls_is_a_number_above_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(security.CALLS_SETTING, "25")
    assert security.calls_allowed().per_second == 25
    for wrong in ("0", "-3", "many", "inf"):
        monkeypatch.setenv(security.CALLS_SETTING, wrong)
        with pytest.raises(BadSetting, match=security.CALLS_SETTING):
            security.calls_allowed()


def test_every_act_is_in_the_ledger_and_no_name_no_login_and_no_secret_is(stage: Stage) -> None:
    world = stage.told.world
    with stage.as_role(Role.MANAGER) as manager, stage.client() as new:
        added = manager.add_person(stage.project, "xaver-login", Role.ANNOTATOR, "Xaver Name")
        manager.change_role(stage.project, added["person"]["id"], Role.REVIEWER)
        made = manager.invite(stage.project, Role.AUDITOR)
        gone = manager.invite(stage.project, Role.AUDITOR)
        manager.revoke_invitation(stage.project, gone["invitation"]["id"])
        new.accept_invitation(made["secret"], "yolanda-login", CHOSEN, "Yolanda Name")
        token = new.make_token(stage.project, "token-name")
        new.revoke_token(token["token"]["id"])
        new.change_password(CHOSEN, CHOSEN + " again")
    text = json.dumps([everything(world, name) for name in (stage.project, log.STORE_LOG)], default=str)
    for kind in (
        "account.made", "role.granted", "invitation.made", "invitation.revoked", "invitation.accepted", "token.made",
        "token.revoked", "password.changed",
    ):  # fmt: skip
        assert kind in text, kind
    for secret in ("xaver", "Xaver", "yolanda", "Yolanda", CHOSEN, made["secret"], token["secret"], added["password"]):
        assert secret not in text


def everything(world: World, name: str) -> list[str]:
    """Every entry of a log, as it stands in the database."""
    query = select(t.entries.c.body).where(t.entries.c.log == name)
    return list(world.store.read(lambda tx: tx.run(query).scalars().all()))
