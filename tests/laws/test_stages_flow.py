"""Laws of the flow: settings come back equal, and every project comes to its end, however often it is cut off."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from goldseam.audit.gate import Gate
from goldseam.audit.policy import Policy as AuditPolicy
from goldseam.flow.plan import Plan, StepState, Verb, plan
from goldseam.flow.settings import Settings, SourceFormat, SourceSetting, settings_from_plain, settings_to_plain
from goldseam.flow.state import State
from goldseam.prelabel.policy import Policy as PrelabelPolicy
from goldseam.route.policy import Policy as RoutePolicy
from goldseam.sample.policy import Policy as SamplePolicy
from goldseam.source.policy import Policy as SourcePolicy
from goldseam.vocab.schema import Guideline, Label, Question, QuestionKind, Schema, WorkedExample

NAMES = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=["C", "Z"]), min_size=1, max_size=12
)
SHARES = st.floats(0, 1)


@st.composite
def settings_records(draw: st.DrawFn) -> Settings:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    labels = tuple(
        Label(name, definition=draw(st.text(max_size=9)), examples=tuple(draw(st.lists(NAMES, max_size=2))))
        for name in names
    )
    second = Question("stars", QuestionKind.RATING, minimum=draw(st.integers(-3, 0)))
    thresholds = sorted(draw(st.lists(SHARES, min_size=3, max_size=3)))
    return Settings(
        name=draw(NAMES),
        schema=Schema((Question("mood", labels=labels), *draw(st.sampled_from([(), (second,)])))),
        guideline=Guideline(
            draw(st.text(max_size=20)),
            tuple(WorkedExample(draw(st.text(max_size=5)), name) for name in names[:2]),
            draw(st.none() | st.dates()),
        ),
        sources=tuple(SourceSetting(name, SourceFormat.CSV) for name in draw(st.lists(NAMES, max_size=2))),
        gold=tuple(draw(st.lists(NAMES, max_size=2))),
        rounds=draw(st.none() | st.integers(1, 9)),
        source=SourcePolicy(metadata=draw(st.none() | st.lists(NAMES, max_size=2).map(tuple))),
        sample=SamplePolicy(batch=draw(st.integers(1, 10**6)), random_share=draw(SHARES)),
        route=RoutePolicy(
            draw(st.none() | st.just(thresholds[2])), draw(st.none() | st.just(thresholds[1])), thresholds[0]
        ),
    )


@given(settings_records(), st.sampled_from(["written", "left_out"]))
def test_settings_come_back_equal_from_plain_values_and_from_json(settings, defaults):
    plain = settings_to_plain(settings, defaults)
    assert settings_from_plain(plain) == settings
    assert settings_from_plain(json.loads(json.dumps(plain))) == settings


class Project:
    """A project reduced to its facts, with the least that a runner does for each verb."""

    def __init__(self, n_items: int, batch: int, redundancy: int, escalations: list[int]) -> None:
        self.state = State(n_unread_sources=1)
        self.n_items, self.batch, self.redundancy = n_items, batch, redundancy
        self.escalations = escalations

    def do(self, verb: Verb) -> None:
        s = self.state
        match verb:
            case Verb.TAKE_IN:
                self.state = replace(s, n_unread_sources=0, n_items=self.n_items, n_pool=self.n_items)
            case Verb.PROPOSE:
                self.state = replace(s, n_unscored=0)
            case Verb.DRAW:
                n = min(self.batch, s.n_pool)
                self.state = replace(s, n_here=n, n_pool=s.n_pool - n, n_unrouted_here=n, n_unscored=0)
            case Verb.ASSIGN:
                self.state = replace(
                    s, n_unrouted_here=0, n_wanted_here=s.n_here * self.redundancy, n_unsettled_here=s.n_here
                )
            case Verb.COLLECT:
                self.state = replace(s, n_wanted_here=s.n_wanted_here - 1, n_given_here=s.n_given_here + 1)
            case Verb.SETTLE:
                escalated = min(self.escalations[s.round % len(self.escalations)], s.n_here)
                settled = s.n_settled + s.n_here - escalated
                self.state = replace(
                    s, n_unsettled_here=0, n_settled=settled, n_escalated=escalated, can_train=settled > 3
                )
            case Verb.RULE:
                self.state = replace(s, n_escalated=s.n_escalated - 1, n_settled=s.n_settled + 1)
            case Verb.MEASURE:
                self.state = replace(s, measured_here=True, gate=Gate())
            case Verb.PUBLISH:
                self.state = replace(s, released_here=True)
            case Verb.TRAIN:
                self.state = replace(s, trained_here=True, champion=f"m{s.round}")
            case Verb.END_ROUND:
                scored = s.n_pool if s.champion else 0
                self.state = State(
                    round=s.round + 1,
                    n_items=s.n_items,
                    n_pool=s.n_pool,
                    n_unscored=scored,
                    n_settled=s.n_settled,
                    champion=s.champion,
                    can_train=s.can_train,
                )


@given(
    n_items=st.integers(1, 25),
    batch=st.integers(1, 12),
    redundancy=st.integers(0, 2),
    escalations=st.lists(st.integers(0, 3), min_size=1, max_size=3),
    rounds=st.none() | st.integers(1, 4),
    suggester=st.sampled_from(["linear", "none"]),
    escalated=st.sampled_from(["block", "leave_out"]),
)
def test_every_project_comes_to_its_end_and_no_done_step_is_next(
    n_items, batch, redundancy, escalations, rounds, suggester, escalated
):
    settings = Settings(
        "law",
        Schema((Question("q", labels=(Label("a"), Label("b"))),)),
        rounds=rounds,
        sample=SamplePolicy(batch=batch),
        prelabel=PrelabelPolicy(suggester=suggester),
        audit=AuditPolicy(escalated=escalated),
    )
    project = Project(n_items, batch, redundancy, escalations)
    seen: list[State] = []
    while (step := plan(project.state, settings).next) is not None:
        _check_order(plan(project.state, settings))
        assert project.state not in seen, "a step must move the project on"
        seen.append(project.state)
        project.do(step.verb)
        assert len(seen) < 2000
    full_rounds = -(-n_items // batch)
    assert project.state.round - 1 == (full_rounds if rounds is None else min(rounds, full_rounds))
    assert plan(project.state, settings).finished


def _check_order(found: Plan) -> None:
    """Nothing before the next step is open; nothing after it is next."""
    at = found.steps.index(found.next)
    assert all(step.state is StepState.DONE for step in found.steps[:at])
    assert all(step.state in {StepState.LATER, StepState.DONE} for step in found.steps[at + 1 :])
    assert all(step.needs_person is False for step in found.steps if step.state is StepState.DONE)
