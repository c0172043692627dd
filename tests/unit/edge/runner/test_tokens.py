"""Tokens made by the people they act for: their limits, their secrets, their end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from goldseam.edge.client import new_id
from goldseam.edge.runner import people, tokens
from goldseam.edge.runner.people import Permit, Principal
from goldseam.testing.clock import FakeClock
from goldseam.vocab.errors import Conflict, NotAllowed, NotFound, NotSignedIn
from goldseam.vocab.people import ALLOWED, Act, Role
from tests.walk import story
from tests.walk.story import Story


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stage(tmp_path: Path, clock: FakeClock) -> Iterator[Story]:
    with story.opened(tmp_path, clock) as world:
        yield story.set_up(world, tmp_path, n_items=2)


def signed_in(stage: Story, role: Role = Role.REVIEWER) -> Principal:
    return Principal(stage.members[role], role.value)


def make(stage: Story, who: Principal, act: str | None = None, acts: frozenset[Act] | None = None) -> tokens.Made:
    return tokens.make(stage.world, who, stage.project.id, act or new_id(), "script", acts, 30)


def test_a_token_does_what_it_was_made_for_until_it_ends(stage: Story, clock: FakeClock) -> None:
    made = make(stage, signed_in(stage), acts=frozenset({Act.VIEW}))
    assert made.secret is not None
    found = people.by_token(stage.world, made.secret)
    assert (found.annotator, found.acts, found.project) == (
        stage.members[Role.REVIEWER], frozenset({Act.VIEW}), stage.project.id,
    )  # fmt: skip
    clock.advance(timedelta(days=31))
    with pytest.raises(NotSignedIn):
        people.by_token(stage.world, made.secret)


@pytest.mark.parametrize("role", Role)
def test_a_token_holds_no_act_beyond_its_makers_role(stage: Story, role: Role) -> None:
    who = signed_in(stage, role)
    assert make(stage, who).token.acts == ALLOWED[role]
    for act in set(Act) - ALLOWED[role]:
        with pytest.raises(NotAllowed, match=act.value):
            make(stage, who, acts=frozenset({Act.VIEW, act}))


def test_a_token_makes_and_ends_no_tokens(stage: Story) -> None:
    secret = make(stage, signed_in(stage)).secret
    assert secret is not None
    itself = people.by_token(stage.world, secret)
    with pytest.raises(NotAllowed, match="sign in"):
        make(stage, itself)
    with pytest.raises(NotAllowed, match="sign in"):
        tokens.revoke_own(stage.world, itself, tokens.own(stage.world, itself)[0].id)


def test_without_a_role_there_is_no_project_to_make_one_for(stage: Story) -> None:
    with pytest.raises(NotFound):
        make(stage, Principal(story.member_of(stage.world, "stranger"), "stranger"))


def test_a_repeat_whose_reply_was_lost_shows_another_secret_and_makes_no_other_token(
    stage: Story, clock: FakeClock
) -> None:
    who, act = signed_in(stage), new_id()
    first, again = make(stage, who, act), make(stage, who, act)
    assert first.token.id == again.token.id
    assert first.secret is not None
    assert again.secret not in {None, first.secret}
    with pytest.raises(NotSignedIn):
        people.by_token(stage.world, first.secret)
    assert people.by_token(stage.world, str(again.secret)).annotator == who.annotator
    clock.advance(timedelta(minutes=16))
    assert make(stage, who, act).secret is None
    assert people.by_token(stage.world, str(again.secret)).annotator == who.annotator
    with pytest.raises(Conflict):
        make(stage, who, act, frozenset({Act.VIEW}))
    with pytest.raises(Conflict):
        make(stage, signed_in(stage, Role.OWNER), act)


def test_a_repeat_never_revives_a_token_that_was_revoked(stage: Story) -> None:
    who, act = signed_in(stage), new_id()
    made = make(stage, who, act)
    tokens.revoke_own(stage.world, who, made.token.id)
    assert make(stage, who, act).secret is None
    with pytest.raises(NotSignedIn):
        people.by_token(stage.world, str(made.secret))


def test_only_the_maker_and_an_owner_of_the_project_end_a_token(stage: Story, tmp_path: Path) -> None:
    made = make(stage, signed_in(stage)).token
    other = story.set_up(stage.world, tmp_path, name="other", n_items=2)
    with pytest.raises(NotFound):
        tokens.revoke_own(stage.world, signed_in(stage, Role.MANAGER), made.id)
    foreign = Permit(other.project, Role.OWNER, Principal(other.members[Role.OWNER], ""))
    with pytest.raises(NotFound):
        tokens.revoke(stage.world, foreign, made.id)
    assert tokens.of_project(stage.world, foreign, "", 10) == ()
    mine = Permit(stage.project, Role.OWNER, signed_in(stage, Role.OWNER))
    assert [one.id for one in tokens.of_project(stage.world, mine, "", 10)] == [made.id]
    tokens.revoke(stage.world, mine, made.id)
    tokens.revoke(stage.world, mine, made.id)
    assert tokens.own(stage.world, signed_in(stage))[0].revoked_at is not None


def test_a_token_of_one_project_does_not_see_those_of_another(stage: Story, tmp_path: Path) -> None:
    who = signed_in(stage)
    other = story.set_up(stage.world, tmp_path, name="other", n_items=2)
    story_role = replace(who, acts=frozenset({Act.VIEW}), project=other.project.id)
    make(stage, who)
    assert len(tokens.own(stage.world, who)) == 1
    assert tokens.own(stage.world, story_role) == ()
