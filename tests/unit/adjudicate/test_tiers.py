"""Who may settle what: laws over any policy and any item, and the refusals that say why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from goldseam.adjudicate.policy import SENIORITY, MetadataIs, Policy, SettlingTier
from goldseam.adjudicate.tiers import (
    Matter,
    check_may_decide,
    check_may_settle,
    may_settle,
    next_level,
    open_to,
)
from goldseam.flow.settings import settings_from_plain, settings_to_plain
from goldseam.vocab.errors import BadPolicy, NotAllowed, NotReady
from goldseam.vocab.people import ALLOWED, Act, Role

LABELS = ("neg", "pos", "odd")
SENIORS = st.sampled_from(list(SENIORITY))


@st.composite
def policies(draw: st.DrawFn) -> tuple[SettlingTier, ...]:
    """Any tiers that a policy takes, the last without conditions."""
    roles = sorted(draw(st.lists(SENIORS, min_size=1, max_size=4)), key=lambda role: SENIORITY[role])
    where = st.just(()) | st.sampled_from(["de", "fr"]).map(lambda one: (MetadataIs("language", (one,)),))
    tiers = [
        SettlingTier(
            role,
            up_to=draw(st.none() | st.integers(0, 3)),
            confidence_from=draw(st.sampled_from([0.0, 0.3, 0.6])),
            labels=tuple(draw(st.sets(st.sampled_from(LABELS)))),  # type: ignore[arg-type]  # plain values do where the hint is narrower
            where=draw(where),
        )
        for role in roles[:-1]
    ]
    made = (*tiers, SettlingTier(roles[-1]))
    Policy(tiers=made)
    return made


MATTERS = st.builds(
    Matter,
    n_against=st.integers(0, 5),
    labels=st.frozensets(st.sampled_from(LABELS)),
    confidence=st.floats(0, 1),
    metadata=st.sampled_from([{}, {"language": "de"}, {"language": "it"}]),
    level=st.integers(0, 5),
    ruled_by=st.none() | SENIORS,
)


@given(policies(), MATTERS)
def test_an_owner_may_settle_whatever_there_is(tiers: tuple[SettlingTier, ...], matter: Matter) -> None:
    assert may_settle(tiers, Role.OWNER, matter)
    check_may_settle(tiers, Role.OWNER, matter, "odd")  # type: ignore[arg-type]  # plain values do where the hint is narrower


@given(policies(), MATTERS, SENIORS, SENIORS)
def test_what_a_junior_may_settle_a_senior_may_too(
    tiers: tuple[SettlingTier, ...], matter: Matter, one: Role, other: Role
) -> None:
    junior, senior = sorted([one, other], key=lambda role: SENIORITY[role])
    assert set(open_to(tiers, junior, matter)) <= set(open_to(tiers, senior, matter))


@given(policies(), MATTERS, SENIORS)
def test_handing_up_takes_the_item_from_every_tier_that_the_role_stands_in(
    tiers: tuple[SettlingTier, ...], matter: Matter, role: Role
) -> None:
    assume(open_to(tiers, role, matter))
    try:
        level = next_level(tiers, role, matter)
    except NotReady:
        assert len(tiers) - 1 in open_to(tiers, role, matter)
        return
    assert level > max(open_to(tiers, role, matter))
    assert not set(open_to(tiers, role, replace(matter, level=level))) & set(open_to(tiers, role, matter))
    assert may_settle(tiers, Role.OWNER, replace(matter, level=level))


@given(policies(), MATTERS, st.sampled_from([role for role in Role if role not in SENIORITY]))
def test_nobody_else_settles_anything(tiers: tuple[SettlingTier, ...], matter: Matter, role: Role) -> None:
    assert not may_settle(tiers, role, matter)
    with pytest.raises(NotAllowed):
        check_may_settle(tiers, role, matter)


def test_the_roles_that_tiers_know_are_those_that_may_adjudicate() -> None:
    assert set(SENIORITY) == {role for role in Role if Act.ADJUDICATE in ALLOWED[role]}


REVIEWER, MANAGER = SettlingTier(Role.REVIEWER, up_to=1), SettlingTier(Role.MANAGER)


@pytest.mark.parametrize(
    ("tier", "inside", "outside"),
    [
        (SettlingTier(Role.REVIEWER, up_to=2), {"n_against": 2}, {"n_against": 3}),
        (SettlingTier(Role.REVIEWER, confidence_from=0.4), {"confidence": 0.4}, {"confidence": 0.39}),
        (
            SettlingTier(Role.REVIEWER, labels=("pos", "neg")),  # type: ignore[arg-type]  # plain values do where the hint is narrower
            {"labels": frozenset({"pos"})},
            {"labels": frozenset({"pos", "odd"})},
        ),
        (
            SettlingTier(Role.REVIEWER, where=(MetadataIs("language", ("de", "fr")),)),
            {"metadata": {"language": "fr"}},
            {"metadata": {}},
        ),
    ],
)
def test_each_condition_counts(tier: SettlingTier, inside: dict[str, Any], outside: dict[str, Any]) -> None:
    assert may_settle((tier, MANAGER), Role.REVIEWER, Matter(**inside))
    assert not may_settle((tier, MANAGER), Role.REVIEWER, Matter(**outside))


def test_a_tier_for_some_labels_gives_none_but_those() -> None:
    tiers = (SettlingTier(Role.REVIEWER, labels=("pos",)), MANAGER)  # type: ignore[arg-type]  # plain values do where the hint is narrower
    check_may_settle(tiers, Role.REVIEWER, Matter(), "pos")  # type: ignore[arg-type]  # plain values do where the hint is narrower
    with pytest.raises(NotAllowed, match="may rule pos here; 'odd'"):
        check_may_settle(tiers, Role.REVIEWER, Matter(), "odd")  # type: ignore[arg-type]  # wrong on purpose
    check_may_settle(tiers, Role.MANAGER, Matter(), "odd")  # type: ignore[arg-type]  # plain values do where the hint is narrower


def test_a_junior_does_not_rule_over_a_senior() -> None:
    tiers = (REVIEWER, MANAGER)
    assert may_settle(tiers, Role.REVIEWER, Matter(ruled_by=Role.REVIEWER))
    assert not may_settle(tiers, Role.REVIEWER, Matter(ruled_by=Role.MANAGER))


def test_without_tiers_everything_is_as_it_was() -> None:
    assert may_settle((), Role.REVIEWER, Matter(n_against=9, level=3, ruled_by=Role.OWNER))
    with pytest.raises(NotReady, match=r"no adjudicate\.tiers"):
        next_level((), Role.REVIEWER, Matter())


def test_nobody_decides_in_a_matter_of_their_own() -> None:
    check_may_decide("rev", "ann", {"own"})  # type: ignore[arg-type]  # plain values do where the hint is narrower
    with pytest.raises(NotAllowed, match="of their own"):
        check_may_decide("ann", "ann", set())  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(NotAllowed, match="ruling that they made"):
        check_may_decide("own", "ann", {"own"})  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("tiers", "says"),
    [
        ([{"role": "annotator"}], "one of reviewer, manager, owner"),
        ([{"role": "manager"}, {"role": "reviewer"}], "junior role to the senior"),
        ([{"role": "reviewer", "up_to": 1}], "last tier is without conditions"),
        ([{"role": "reviewer", "up_to": -1}, {"role": "owner"}], "at least 0"),
        ([{"role": "reviewer", "confidence_from": 1.5}, {"role": "owner"}], "between 0 and 1"),
        ([{"role": "reviewer", "where": [{"key": "x", "values": []}]}, {"role": "owner"}], "at least one value"),
        ([{"role": "reviewer", "labels": ["good"]}, {"role": "owner"}], "question 'mood' has not"),
    ],
)
def test_a_policy_that_would_leave_an_item_to_nobody_is_refused(tiers: list[Any], says: str) -> None:
    plain = {
        "name": "moods",
        "schema": {"questions": [{"name": "mood", "labels": ["neg", "pos"]}]},
        "adjudicate": {"tiers": tiers},
    }
    with pytest.raises(BadPolicy, match=says) as refused:
        settings_from_plain(plain)
    assert tuple(refused.value.fields["path"])[:1] == ("adjudicate",)


def test_tiers_come_back_from_the_project_file() -> None:
    tiers = [
        {"role": "reviewer", "up_to": 2, "labels": ["pos"], "where": [{"key": "language", "values": ["de"]}]},
        {"role": "manager"},
    ]
    plain = {
        "name": "moods",
        "schema": {"questions": [{"name": "mood", "labels": ["neg", "pos"]}]},
        "adjudicate": {"tiers": tiers},
    }
    made = settings_from_plain(plain)
    assert settings_from_plain(settings_to_plain(made)) == made
    assert made.adjudicate.tiers[0].up_to == 2
    assert not made.adjudicate.tiers[0].takes_all
