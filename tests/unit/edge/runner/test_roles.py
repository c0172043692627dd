"""Who may give which role: a table, and any sequence of calls that people of a project make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldseam.edge.client import new_id
from goldseam.edge.runner import invitations, people, roles
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.store import people as people_rows
from goldseam.testing.clock import FakeClock
from goldseam.vocab.errors import Conflict, GoldseamError, NotAllowed, NotFound
from goldseam.vocab.people import ALLOWED, Act, AnnotatorId, Role
from tests.walk import story
from tests.walk.story import Story

BELOW_MANAGER = {Role.REVIEWER, Role.ANNOTATOR, Role.AUDITOR}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("roles")
    with story.opened(folder, FakeClock()) as world:
        yield story.set_up(world, folder, n_items=2)


def permit(stage: Story, who: AnnotatorId, role: Role, acts: frozenset[Act] | None = None) -> Permit:
    """A permit as the server gives it; the role in it is what it was when the call began."""
    return Permit(stage.project, role, Principal(who, "", acts=acts))


def role_of(stage: Story, who: AnnotatorId) -> Role | None:
    return stage.world.store.read(lambda tx: people_rows.role(tx, stage.project.id, who))


def test_only_who_governs_gives_what_is_not_below() -> None:
    can = {giver: {role for role in Role if roles.givable(ALLOWED[giver], role)} for giver in Role}
    assert can[Role.OWNER] == set(Role)
    assert can[Role.MANAGER] == BELOW_MANAGER
    assert not any(can[giver] for giver in BELOW_MANAGER | {Role.SERVICE})


def test_a_token_gives_no_more_than_its_own_acts(stage: Story) -> None:
    owner = stage.members[Role.OWNER]
    narrow = permit(stage, owner, Role.OWNER, frozenset({Act.VIEW, Act.MANAGE, Act.GOVERN}))
    for role in Role:
        with pytest.raises(NotAllowed):
            invitations.make(stage.world, narrow, new_id(), role, 1)


def test_somebody_who_lost_the_role_while_calling_gives_nothing(stage: Story) -> None:
    gone = story.member_of(stage.world, "gone", stage.project.id, Role.ANNOTATOR)
    with pytest.raises(NotAllowed):
        roles.change(stage.world, permit(stage, gone, Role.OWNER), new_id(), gone, Role.OWNER)


def test_a_project_keeps_an_owner(stage: Story) -> None:
    owner = stage.members[Role.OWNER]
    mine = permit(stage, owner, Role.OWNER)
    for role in (Role.MANAGER, None):
        with pytest.raises(Conflict, match="at least one owner"):
            roles.change(stage.world, mine, new_id(), owner, role)
    second = story.member_of(stage.world, "second", stage.project.id, Role.MANAGER)
    roles.change(stage.world, mine, new_id(), second, Role.OWNER)
    roles.change(stage.world, permit(stage, second, Role.OWNER), new_id(), second, Role.MANAGER)
    assert role_of(stage, owner) is Role.OWNER


def test_a_role_taken_away_ends_the_tokens_of_this_project(stage: Story) -> None:
    who = story.member_of(stage.world, "leaver", stage.project.id)
    token = people.make_token(stage.world, stage.project.id, who, "mine", None, None)
    assert people.by_token(stage.world, token).annotator == who
    roles.change(stage.world, permit(stage, stage.members[Role.OWNER], Role.OWNER), new_id(), who, None)
    with pytest.raises(GoldseamError):
        people.by_token(stage.world, token)


def test_a_repeat_of_an_old_change_does_not_undo_a_newer_one(stage: Story) -> None:
    who = story.member_of(stage.world, "mover", stage.project.id)
    mine, first = permit(stage, stage.members[Role.OWNER], Role.OWNER), new_id()
    roles.change(stage.world, mine, first, who, Role.REVIEWER)
    roles.change(stage.world, mine, new_id(), who, Role.ANNOTATOR)
    roles.change(stage.world, mine, first, who, Role.REVIEWER)
    assert role_of(stage, who) is Role.ANNOTATOR
    with pytest.raises(Conflict):
        roles.change(stage.world, mine, first, who, Role.OWNER)


def test_somebody_outside_the_project_is_not_there(stage: Story, tmp_path: Path) -> None:
    stranger = story.member_of(stage.world, "stranger")
    with pytest.raises(NotFound):
        roles.change(stage.world, permit(stage, stage.members[Role.OWNER], Role.OWNER), new_id(), stranger, Role.OWNER)


STEP = st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from([*Role, None]))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=12))
def test_no_sequence_of_calls_without_an_owner_makes_anybody_more_than_a_reviewer(
    stage: Story, steps: list[tuple[int, int, Role | None]]
) -> None:
    start = [Role.MANAGER, Role.MANAGER, Role.REVIEWER, Role.ANNOTATOR, Role.AUDITOR, Role.SERVICE]
    crew = [story.member_of(stage.world, f"crew {n}", stage.project.id, role) for n, role in enumerate(start)]
    for actor, target, role in steps:
        mine = permit(stage, crew[actor], start[actor])
        held = role_of(stage, crew[target])
        try:
            if target == actor and role is not None:
                invited = invitations.make(stage.world, mine, new_id(), role, 1).invitation
                assert role_of(stage, crew[actor]) is Role.MANAGER
                assert invited.role in BELOW_MANAGER
            else:
                roles.change(stage.world, mine, new_id(), crew[target], role)
                assert role_of(stage, crew[actor]) is Role.MANAGER
                assert {held, role} - {None} <= BELOW_MANAGER
        except GoldseamError:
            assert role_of(stage, crew[target]) is held
    for who, began in zip(crew, start, strict=True):
        now = role_of(stage, who)
        assert now is began or now in BELOW_MANAGER | {None}
        assert began not in {Role.MANAGER, Role.SERVICE} or now is began
