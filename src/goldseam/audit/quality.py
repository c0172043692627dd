"""Quality: agreement and accuracy, measured apart, per annotator and per label.

In: votes, settlements, gold, the policy, `rng`. Out: `QualityReport`. Never: agreement called accuracy, or a figure
without its interval and its number of items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from goldseam.adjudicate.settle import How, Settlements
from goldseam.audit.policy import Policy
from goldseam.stats import agreement, risk
from goldseam.stats.votes import Votes

Band = Literal["broken", "weak", "workable", "undefined"]

LISTED_PAIRS = 5
LISTED_PEOPLE = 5


@dataclass(frozen=True, slots=True)
class Share:
    """A share `k` of `n` with its Wilson interval; `value` is `None`, with a reason, when `n` is 0.

    With a `measure` it is the mean likeness of `n` answers to the right ones, `k` of them exactly right.
    """

    k: int
    n: int
    value: float | None
    low: float
    high: float
    reason: str = ""
    measure: str = ""


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """Krippendorff's alpha with its bootstrap interval; `value` is `None`, with a reason, where it is undefined."""

    value: float | None
    low: float | None
    high: float | None
    reason: str
    observed: float | None
    expected: float | None
    n_items: int
    n_votes: int


@dataclass(frozen=True, slots=True)
class GoldAccuracy:
    """How many gold items one annotator got right, of those answered."""

    annotator: str
    n_votes: int
    gold: Share
    needs_coaching: bool


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One label: how often it was voted and settled, its recall on gold, and the agreement on it alone."""

    label: str
    n_votes: int
    n_settled: int
    gold: Share
    alpha: float | None


@dataclass(frozen=True, slots=True)
class LabelPair:
    """Two labels that annotators confuse, and the share of all disagreement that lies between them."""

    first: str
    second: str
    n_pairs: float
    share: float


@dataclass(frozen=True, slots=True)
class QuestionQuality:
    """Agreement and accuracy of one question, of whatever kind; `accuracy` by the kind's own measure."""

    question: str
    kind: str
    n_items: int
    n_votes: int
    n_settled: int
    n_escalated: int
    agreement: AgreementRow
    band: Band
    accuracy: Share
    vote_accuracy: Share
    annotators: tuple[GoldAccuracy, ...]


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What the audit found of the first question; only plain values, so that it can be stored and shown as it is.

    `questions` has the other questions.
    """

    n_items: int
    n_votes: int
    n_annotators: int
    n_settled: int
    n_escalated: int
    votes_per_item: float
    agreement: AgreementRow
    band: Band
    accuracy: Share
    vote_accuracy: Share
    annotators: tuple[GoldAccuracy, ...]
    labels: tuple[LabelRow, ...]
    pairs: tuple[LabelPair, ...]
    warnings: tuple[str, ...]
    questions: tuple[QuestionQuality, ...] = ()


def band(alpha: float | None, policy: Policy) -> Band:
    """Return the customary band of an alpha: below `alpha_stop` broken, below `alpha_warn` weak, else workable."""
    if alpha is None:
        return "undefined"
    if alpha < policy.alpha_stop:
        return "broken"
    return "weak" if alpha < policy.alpha_warn else "workable"


def measure(
    votes: Votes, settled: Settlements, gold: Mapping[int, int], policy: Policy, rng: np.random.Generator
) -> QualityReport:
    """Return agreement, accuracy on gold, and who and what falls short.

    `gold` maps an item's position to the index of its label in `votes.labels`. Accuracy is that of the labels settled
    by the votes (`settled.voted`), never of labels that were settled by the gold itself.
    """
    row = _agreement(votes, policy, rng)
    gold_of_item = np.array([gold.get(int(position), -1) for position in votes.items], dtype=np.int64)
    gold_of_vote = gold_of_item[votes.item] if votes.n_votes else np.zeros(0, dtype=np.int64)
    known = gold_of_vote >= 0
    right = known & (votes.label == gold_of_vote)
    per_item = votes.votes_per_item()
    asked = per_item[per_item > 0]
    annotators = _annotators(votes, known, right, policy)
    labels, accuracy = _labels(votes, settled, gold, policy)
    report = QualityReport(
        n_items=len(asked),
        n_votes=votes.n_votes,
        n_annotators=len(annotators),
        n_settled=int(np.count_nonzero(~settled.escalated)),
        n_escalated=int(np.count_nonzero(settled.escalated)),
        votes_per_item=float(asked.mean()) if len(asked) else 0.0,
        agreement=row,
        band=band(row.value, policy),
        accuracy=accuracy,
        vote_accuracy=_share(int(right.sum()), int(known.sum()), policy, "No vote is on a gold item."),
        annotators=annotators,
        labels=labels,
        pairs=_pairs(votes),
        warnings=(),
    )
    return warnings_of(report, policy)


def warnings_of(report: QualityReport, policy: Policy) -> QualityReport:
    """Return the report with the warnings that follow from it."""
    return replace(report, warnings=tuple(_warnings(report, policy)))


def to_plain(report: QualityReport) -> dict[str, object]:
    """Return the report as plain values (dictionaries, lists, numbers, strings)."""
    return {key: list(part) if isinstance(part, tuple) else part for key, part in asdict(report).items()}


def from_plain(plain: Mapping[str, Any]) -> QualityReport:
    """Return the report that `to_plain` wrote."""
    rows = dict(plain)
    rows |= _measured(plain)
    rows["questions"] = tuple(QuestionQuality(**{**row, **_measured(row)}) for row in plain.get("questions", ()))
    rows["labels"] = tuple(LabelRow(**{**row, "gold": Share(**row["gold"])}) for row in plain["labels"])
    rows["pairs"] = tuple(LabelPair(**row) for row in plain["pairs"])
    rows["warnings"] = tuple(plain["warnings"])
    return QualityReport(**rows)


def _measured(plain: Mapping[str, Any]) -> dict[str, Any]:
    shares = {name: Share(**plain[name]) for name in ("accuracy", "vote_accuracy")}
    people = tuple(GoldAccuracy(**{**row, "gold": Share(**row["gold"])}) for row in plain["annotators"])
    return {"agreement": AgreementRow(**plain["agreement"]), "annotators": people, **shares}


def _agreement(votes: Votes, policy: Policy, rng: np.random.Generator) -> AgreementRow:
    found = agreement.alpha(votes)
    spread = agreement.interval(votes, "alpha", rng=rng, level=policy.level, draws=policy.draws)
    defined = found.value is not None
    return AgreementRow(
        value=found.value,
        low=spread.low if defined else None,
        high=spread.high if defined else None,
        reason=found.reason,
        observed=found.observed,
        expected=found.expected,
        n_items=found.n_items,
        n_votes=found.n_votes,
    )


def _annotators(
    votes: Votes, known: NDArray[np.bool_], right: NDArray[np.bool_], policy: Policy
) -> tuple[GoldAccuracy, ...]:
    """Return everybody who voted, the least accurate on gold first, then those without gold."""
    n_votes = votes.votes_per_annotator()
    n_known = np.bincount(votes.annotator[known], minlength=votes.n_annotators)
    n_right = np.bincount(votes.annotator[right], minlength=votes.n_annotators)
    found = []
    for index in np.flatnonzero(n_votes):
        gold = _share(int(n_right[index]), int(n_known[index]), policy, "No gold item was answered.")
        short = gold.n >= policy.min_gold and gold.value is not None and gold.value < policy.gold_accuracy
        found.append(GoldAccuracy(str(votes.annotators[index]), int(n_votes[index]), gold, short))
    found.sort(key=lambda row: (row.gold.value is None, row.gold.value or 0.0, row.annotator))
    return tuple(found)


def _labels(
    votes: Votes, settled: Settlements, gold: Mapping[int, int], policy: Policy
) -> tuple[tuple[LabelRow, ...], Share]:
    """Return a row per label, and the accuracy of settled labels on gold, over the same items."""
    n_labels = votes.n_labels
    # What gold itself settled proves nothing: there the label by the votes is judged, and without votes there is none.
    decided = np.where(settled.how == How.GOLD, settled.voted, settled.label)
    truth = np.array([gold.get(int(position), -1) for position in settled.position], dtype=np.int64)
    judged = (truth >= 0) & ((settled.how != How.GOLD) | (settled.n_votes > 0))
    right = judged & (decided == truth)
    n_gold = np.bincount(truth[judged], minlength=n_labels)
    n_right = np.bincount(truth[right], minlength=n_labels)
    n_votes = np.bincount(votes.label, minlength=n_labels)
    n_settled = np.bincount(settled.label[~settled.escalated], minlength=n_labels)
    alphas = agreement.by_label(votes)
    rows = tuple(
        LabelRow(
            label=str(label),
            n_votes=int(n_votes[index]),
            n_settled=int(n_settled[index]),
            gold=_share(int(n_right[index]), int(n_gold[index]), policy, "No gold item has this label."),
            alpha=alphas[label].value,
        )
        for index, label in enumerate(votes.labels)
    )
    return rows, _share(int(right.sum()), int(judged.sum()), policy, "No gold item is settled.")


def _pairs(votes: Votes) -> tuple[LabelPair, ...]:
    """Return the pairs of labels by their part in all disagreement; as in alpha, an item weighs 1 / (votes - 1)."""
    per_item = votes.votes_per_item()
    kept = per_item[votes.item] > 1 if votes.n_votes else np.zeros(0, dtype=np.bool_)
    cell = (votes.item[kept], votes.label[kept])
    shape = (votes.n_items, votes.n_labels)
    counts = sparse.csr_array((np.ones(len(cell[0])), cell), shape=shape)
    weighted = sparse.csr_array((1 / (per_item[cell[0]] - 1), cell), shape=shape)
    both = sparse.triu(weighted.T @ counts, k=1).tocoo()
    total = float(both.data.sum())
    worst = np.argsort(-both.data, kind="stable")[:LISTED_PAIRS]
    return tuple(
        LabelPair(
            first=str(votes.labels[both.row[at]]),
            second=str(votes.labels[both.col[at]]),
            n_pairs=float(both.data[at]),
            share=float(both.data[at] / total),
        )
        for at in worst
    )


def _share(k: int, n: int, policy: Policy, reason: str) -> Share:
    low, high = risk.wilson(k, n, policy.level)
    return Share(k, n, k / n, low, high) if n else Share(0, 0, None, low, high, reason)


def _warnings(report: QualityReport, policy: Policy) -> Iterator[str]:
    if report.band in {"broken", "weak"} and report.pairs and len(report.labels) > 2:
        pair = report.pairs[0]
        both = f"{pair.first!r} and {pair.second!r}"
        yield f"{pair.share:.0%} of all disagreement is between {both}: sharpen their definitions."
    low_on_gold = report.accuracy.n >= policy.min_gold and (report.accuracy.value or 0) < policy.gold_accuracy
    if report.band == "workable" and low_on_gold:
        yield "People agree with each other but not with gold: look at the gold, and at what the guideline teaches."
    coached = [row.annotator for row in report.annotators if row.needs_coaching]
    if coached:
        more = f" and {len(coached) - LISTED_PEOPLE} more" if len(coached) > LISTED_PEOPLE else ""
        named = ", ".join(coached[:LISTED_PEOPLE])
        yield f"Below {policy.gold_accuracy:.0%} on gold, so to be coached: {named}{more}."
    unused = [row.label for row in report.labels if report.n_votes and row.n_votes == 0]
    if unused:
        yield f"Nobody chose {', '.join(repr(label) for label in unused[:LISTED_PEOPLE])}."
