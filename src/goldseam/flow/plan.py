"""Plan: the steps of a round, done, next, later or waiting for a person; computed from the state alone.

In: `State`, `Settings`. Out: `Plan`. Never: a memory of its own, so that a killed round goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from goldseam.flow.settings import Settings
from goldseam.flow.state import State
from goldseam.vocab.schema import QuestionKind


class Stage(StrEnum):
    """The nine stages, and the turn of the round, which belongs to flow."""

    SOURCE = "source"
    SAMPLE = "sample"
    PRELABEL = "prelabel"
    ROUTE = "route"
    ANNOTATE = "annotate"
    ADJUDICATE = "adjudicate"
    AUDIT = "audit"
    RELEASE = "release"
    RETRAIN = "retrain"
    FLOW = "flow"


class Verb(StrEnum):
    """What a step does; the runner has one function for each."""

    TAKE_IN = "take_in"
    PROPOSE = "propose"
    DRAW = "draw"
    ASSIGN = "assign"
    VOTE = "vote"
    COLLECT = "collect"
    CERTIFY = "certify"
    SETTLE = "settle"
    RULE = "rule"
    MEASURE = "measure"
    PUBLISH = "publish"
    TRAIN = "train"
    END_ROUND = "end_round"


class StepState(StrEnum):
    """Where a step stands: `waiting` is a next step that needs a person."""

    DONE = "done"
    NEXT = "next"
    LATER = "later"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a round: its stage, what it does, the same in words, and whether it needs a person."""

    stage: Stage
    verb: Verb
    text: str
    state: StepState
    needs_person: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of a round in order; at most one is next or waiting. `finished` says why there is no further step."""

    round: int
    steps: tuple[Step, ...]
    finished: str = ""

    @property
    def next(self) -> Step | None:
        """The step to do now: the first that is not done; `None` when the project is finished."""
        return next((step for step in self.steps if step.state in {StepState.NEXT, StepState.WAITING}), None)


@dataclass(frozen=True, slots=True)
class _Duty:
    """A step before its turn is known: whether it is done, and what it says done and not done."""

    stage: Stage
    verb: Verb
    done: bool
    text: str
    needs_person: bool = False


def plan(state: State, settings: Settings) -> Plan:
    """Return the steps of the present round, and where each stands.

    The order is: take in sources; propose labels for pool items that the champion has not scored; draw; assign; let models
    vote that are annotators; collect answers; certify which suggestions may be accepted unseen, if the project file asks for
    that; settle; rule on escalated items; measure; publish, if the gate passes; train and compare; end the round.
    The first step that is not done is next, or waiting if it needs a person; all after it come later.
    """
    finished = _finished(state, settings)
    if finished:
        return Plan(state.round, (), finished)
    steps: list[Step] = []
    reached = False
    for duty in _duties(state, settings):
        if duty.done:
            where = StepState.DONE
        elif reached:
            where = StepState.LATER
        else:
            where = StepState.WAITING if duty.needs_person else StepState.NEXT
            reached = True
        steps.append(Step(duty.stage, duty.verb, duty.text, where, duty.needs_person and where is not StepState.DONE))
    return Plan(state.round, tuple(steps))


def _finished(state: State, settings: Settings) -> str:
    """Return why nothing is left to do, or an empty text while something is."""
    if state.n_unread_sources or state.n_here:
        return ""
    if settings.rounds is not None and state.round > settings.rounds:
        return f"Round {settings.rounds} was the last that the project file asks for."
    if state.n_items and state.n_pool and affordable(state, settings) == 0:
        return f"The budget is spent: {state.n_asked:,} answers were asked for."
    if state.stopped and not state.n_unscored:
        return f"More labels are not worth asking for (stop.rule): {state.stopped}"
    if state.n_pool == 0 and state.n_items > 0:
        return "The pool is empty: every item was drawn."
    return ""


def affordable(state: State, settings: Settings) -> int:
    """Return how many items the next draw may have: the batch, or what the pool has, or what the budget pays for.

    Every item is reckoned at the full redundancy, so that the budget is never exceeded.
    """
    n = min(settings.sample.batch, state.n_pool) if state.n_items else settings.sample.batch
    most = settings.budget.most_answers
    return n if most is None else min(n, max(0, (most - state.n_asked) // settings.most_redundancy))


def _duties(state: State, settings: Settings) -> Iterator[_Duty]:
    drawn = state.n_here > 0
    collected = drawn and not state.n_unrouted_here and not state.n_wanted_here
    settled = collected and not state.n_unsettled_here
    yield _take_in(state)
    if state.champion is not None or settings.prelabel.suggester == "models":
        yield _propose(state, drawn=drawn)
    yield _draw(state, settings, drawn=drawn)
    yield _assign(state, drawn=drawn)
    if settings.prelabel.voting:
        yield _vote(state, drawn=drawn)
    yield _collect(state, collected=collected)
    if settings.route.error is not None and (state.champion is not None or state.n_audits_open):
        yield _certify(state)
    yield _settle(state, settled=settled)
    if settings.audit.escalated == "block":
        yield _rule(state, settled=settled)
    yield _measure(state, settled=settled)
    yield _publish(state)
    if settings.prelabel.suggester == "linear":
        yield _train(state, settings)
    yield _Duty(Stage.FLOW, Verb.END_ROUND, done=False, text=f"End round {state.round}.")


def _take_in(state: State) -> _Duty:
    if state.n_unread_sources:
        text = f"Take in {_count(state.n_unread_sources, 'source')}."
        return _Duty(Stage.SOURCE, Verb.TAKE_IN, done=False, text=text)
    if not state.n_items:
        text = "There are no items: name a source in the project file, or put right why its records were refused."
        return _Duty(Stage.SOURCE, Verb.TAKE_IN, done=False, text=text, needs_person=True)
    return _Duty(Stage.SOURCE, Verb.TAKE_IN, done=True, text=f"{_count(state.n_items, 'item')} taken in.")


def _propose(state: State, *, drawn: bool) -> _Duty:
    # What was drawn already keeps the suggestions it was drawn by: only a pool yet to be drawn from is scored.
    if state.n_unscored and not drawn:
        text = f"Propose labels for {_count(state.n_unscored, 'item')} of the pool."
        return _Duty(Stage.PRELABEL, Verb.PROPOSE, done=False, text=text)
    return _Duty(Stage.PRELABEL, Verb.PROPOSE, done=True, text="The pool has suggestions.")


def _draw(state: State, settings: Settings, *, drawn: bool) -> _Duty:
    if drawn:
        return _Duty(Stage.SAMPLE, Verb.DRAW, done=True, text=f"{_count(state.n_here, 'item')} drawn.")
    if state.n_items and not state.n_pool:
        # Only reached with a source still to be read: it may fill the pool again.
        return _Duty(Stage.SAMPLE, Verb.DRAW, done=False, text="Draw from what the sources bring.")
    n = affordable(state, settings)
    text = f"Draw {_count(n, 'item')} ({settings.sample.strategy})."
    return _Duty(Stage.SAMPLE, Verb.DRAW, done=False, text=text)


def _assign(state: State, *, drawn: bool) -> _Duty:
    if drawn and not state.n_unrouted_here:
        return _Duty(Stage.ROUTE, Verb.ASSIGN, done=True, text="Every drawn item has its tier.")
    n = _count(state.n_unrouted_here, "item") if drawn else "the drawn items"
    return _Duty(Stage.ROUTE, Verb.ASSIGN, done=False, text=f"Give {n} a tier and a number of wanted answers.")


def _vote(state: State, *, drawn: bool) -> _Duty:
    if drawn and not state.n_unrouted_here and not state.n_to_vote:
        return _Duty(Stage.PRELABEL, Verb.VOTE, done=True, text="The models have voted.")
    n = _count(state.n_to_vote, "model") if state.n_to_vote else "the models"
    return _Duty(Stage.PRELABEL, Verb.VOTE, done=False, text=f"Let {n} vote on the drawn items.")


def _collect(state: State, *, collected: bool) -> _Duty:
    if collected:
        text = f"{_count(state.n_given_here, 'answer')} given."
        return _Duty(Stage.ANNOTATE, Verb.COLLECT, done=True, text=text)
    n = _count(state.n_wanted_here, "answer") if state.n_wanted_here else "the answers"
    given = f" ({state.n_given_here:,} given so far)" if state.n_given_here else ""
    return _Duty(Stage.ANNOTATE, Verb.COLLECT, done=False, text=f"Collect {n}{given}.", needs_person=True)


def _certify(state: State) -> _Duty:
    if state.n_audits_open:
        text = "Certify which suggestions may be accepted unseen, by the audit's answers."
        return _Duty(Stage.ROUTE, Verb.CERTIFY, done=False, text=text)
    return _Duty(Stage.ROUTE, Verb.CERTIFY, done=True, text="What may be accepted unseen is certified.")


def _settle(state: State, *, settled: bool) -> _Duty:
    if settled:
        return _Duty(Stage.ADJUDICATE, Verb.SETTLE, done=True, text=f"{_count(state.n_settled, 'item')} settled.")
    n = _count(state.n_unsettled_here, "item") if state.n_unsettled_here else "the items"
    return _Duty(Stage.ADJUDICATE, Verb.SETTLE, done=False, text=f"Settle {n} from the votes.")


def _rule(state: State, *, settled: bool) -> _Duty:
    if settled and not state.n_escalated:
        return _Duty(Stage.ADJUDICATE, Verb.RULE, done=True, text="No item waits for a ruling.")
    n = _count(state.n_escalated, "escalated item") if state.n_escalated else "escalated items"
    return _Duty(Stage.ADJUDICATE, Verb.RULE, done=False, text=f"Rule on {n}.", needs_person=True)


def _measure(state: State, *, settled: bool) -> _Duty:
    done = settled and state.measured_here
    text = "Agreement and accuracy are measured." if done else "Measure agreement and accuracy."
    return _Duty(Stage.AUDIT, Verb.MEASURE, done=done, text=text)


def _publish(state: State) -> _Duty:
    if state.released_here:
        return _Duty(Stage.RELEASE, Verb.PUBLISH, done=True, text=f"Round {state.round} is released.")
    blocking = [reason.text for reason in state.gate.reasons if reason.blocks] if state.gate else []
    if blocking and state.measured_here:
        text = "The gate refuses a release: " + " ".join(blocking)
        return _Duty(Stage.RELEASE, Verb.PUBLISH, done=False, text=text, needs_person=True)
    return _Duty(Stage.RELEASE, Verb.PUBLISH, done=False, text="Publish a release.")


def _train(state: State, settings: Settings) -> _Duty:
    kind = settings.schema.main.kind
    if kind is QuestionKind.SPAN:
        text = "Spans are learned from what is settled, anew for each round's items."
        return _Duty(Stage.RETRAIN, Verb.TRAIN, done=True, text=text)
    if kind is not QuestionKind.CHOICE:
        text = f"No model is trained: the built-in ones suggest labels of a choice, and the first question is a {kind.value}."
        return _Duty(Stage.RETRAIN, Verb.TRAIN, done=True, text=text)
    if state.trained_here:
        text = f"Model {state.champion} is the champion." if state.champion else "There is no model yet."
        return _Duty(Stage.RETRAIN, Verb.TRAIN, done=True, text=text)
    if state.released_here and not state.can_train:
        text = "No model is trained: there are too few settled labels, or only one label among them."
        return _Duty(Stage.RETRAIN, Verb.TRAIN, done=True, text=text)
    text = "Train a model, and compare it on gold." if state.champion else "Train the first model."
    return _Duty(Stage.RETRAIN, Verb.TRAIN, done=False, text=text)


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
