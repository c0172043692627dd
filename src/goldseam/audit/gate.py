"""Gate: a condition that a release must meet; it answers with reasons.

In: a `QualityReport`, the policy, the number of open escalations. Out: `Gate`. Never: a bare yes or no.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from goldseam.audit.policy import Policy
    from goldseam.audit.quality import QualityReport, Share

NAMED_PAIRS = 3
"""How many pairs of labels a reason names."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of the gate: a code for machines, a sentence for people, and whether it blocks or only warns."""

    code: str
    text: str
    blocks: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a release may be published, and all that speaks against it."""

    reasons: tuple[Reason, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether no reason blocks."""
        return not any(reason.blocks for reason in self.reasons)


def judge(report: QualityReport, policy: Policy, escalated_open: int) -> Gate:
    """Return whether the report meets the policy, with every reason for and against a release.

    Codes: `nothing_settled`, `alpha_broken`, `alpha_weak`, `alpha_undefined`, `gold_low`, `gold_few`, `escalated_open`,
    `question_weak`, `question_gold_low`. The last two are of questions after the first, and warn only.
    """
    reasons: list[Reason] = []
    if report.n_settled == 0:
        reasons.append(Reason("nothing_settled", "No item is settled yet.", blocks=True))
    reasons.extend(_of_agreement(report, policy))
    reasons.extend(_of_accuracy(report, policy))
    reasons.extend(_of_questions(report, policy))
    if escalated_open:
        blocks = policy.escalated == "block"
        n = "1 item waits" if escalated_open == 1 else f"{escalated_open:,} items wait"
        outcome = "rule on them first" if blocks else "the release leaves them out"
        reasons.append(Reason("escalated_open", f"{n} for a ruling: {outcome}.", blocks))
    return Gate(tuple(reasons))


def _of_agreement(report: QualityReport, policy: Policy) -> Iterator[Reason]:
    value = report.agreement.value
    named = ", ".join(f"{pair.first} and {pair.second}" for pair in report.pairs[:NAMED_PAIRS])
    advice = f" Most often confused: {named}." if named else ""
    match report.band:
        case "broken":
            what = "labels" if report.labels else "question"
            text = f"Alpha is {value:.2f}, below {policy.alpha_stop:g}: people read the {what} differently.{advice}"
            yield Reason("alpha_broken", text, blocks=True)
        case "weak":
            text = f"Alpha is {value:.2f}, below {policy.alpha_warn:g}: the guideline needs work.{advice}"
            yield Reason("alpha_weak", text, blocks=False)
        case "undefined":
            text = f"Agreement cannot be measured. {report.agreement.reason}".strip()
            yield Reason("alpha_undefined", text, blocks=False)
        case "workable":
            pass
        case _:
            assert_never(report.band)


def _told(gold: Share) -> str:
    """Return what is known of accuracy on gold, in words."""
    figure = f"{gold.value or 0.0:.0%} ({gold.low:.0%} to {gold.high:.0%})"
    if not gold.measure:
        return f"{gold.k:,} of {gold.n:,} gold items are settled right, {figure}"
    return f"Settled answers are like gold by {figure}, as the mean of {gold.measure} over {gold.n:,} gold items"


def _of_questions(report: QualityReport, policy: Policy) -> Iterator[Reason]:
    for one in report.questions:
        if one.band in {"broken", "weak"}:
            below = policy.alpha_stop if one.band == "broken" else policy.alpha_warn
            text = f"Alpha of question {one.question!r} is {one.agreement.value:.2f}, below {below:g}."
            yield Reason("question_weak", text, blocks=False)
        gold = one.accuracy
        if gold.value is not None and gold.n >= policy.min_gold and gold.value < policy.gold_accuracy:
            yield Reason("question_gold_low", f"Question {one.question!r}: {_told(gold)}.", blocks=False)


def _of_accuracy(report: QualityReport, policy: Policy) -> Iterator[Reason]:
    gold = report.accuracy
    if gold.n < policy.min_gold:
        text = f"Accuracy rests on {gold.n:,} gold items; audit.min_gold asks for {policy.min_gold:,}."
        yield Reason("gold_few", text, blocks=False)
    elif gold.value is not None and gold.value < policy.gold_accuracy:
        text = f"{_told(gold)}; audit.gold_accuracy asks for {policy.gold_accuracy:.0%}."
        # A few wrong answers can be chance: only when the whole interval lies below the bar is the bar surely missed.
        yield Reason("gold_low", text, blocks=gold.high < policy.gold_accuracy)
