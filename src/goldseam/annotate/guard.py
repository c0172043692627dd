"""Guard: whom a suggestion is shown to, to whom it is hidden, and to whom a wrong one is shown, so that its pull can be measured.

In: annotator, item, what is suggested, the project's secret seed. Out: a `Showing`; which labels' suggestions hurt. Never: a
pattern that an annotator could learn, or a wrong suggestion where one answer alone decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from goldseam.stats.anchoring import Effect, effect
from goldseam.vocab.errors import BadPolicy, BadValue
from goldseam.vocab.people import AnnotatorId

SEED_BYTES = 16
"""A seed is at least this long: shorter ones could be guessed."""
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Policy:
    """Against rubber-stamping: how often a wrong label is suggested, and from which harm on a label is suggested no more.

    `planted_share` of the answers are asked for with a wrong suggestion, where an item gets two answers or more;
    `prelabel.blind_share` of them with none. A label whose anchoring effect is proven to be above `off_above` is suggested no
    more; with null none is switched off. Before `at_least` answers of both kinds nothing is switched off.
    """

    planted_share: float = 0.02
    off_above: float | None = 0.2
    at_least: int = 20

    def __post_init__(self) -> None:
        if not 0 <= self.planted_share <= 0.5:
            raise BadPolicy(f"guard.planted_share lies between 0 and 0.5; got {self.planted_share}.")
        if self.off_above is not None and not 0 <= self.off_above < 1:
            raise BadPolicy(f"guard.off_above lies between 0 and 1, or is left out; got {self.off_above}.")
        if self.at_least < 1:
            raise BadPolicy(f"guard.at_least is at least 1; got {self.at_least}.")


class Way(StrEnum):
    """What an annotator sees: the suggestion, none, or a wrong one."""

    SHOWN = "shown"
    BLIND = "blind"
    PLANTED = "planted"


@dataclass(frozen=True, slots=True)
class Showing:
    """What is shown for one answer. `wrong` is the label that is suggested wrongly, or would be; None where none could be."""

    way: Way
    wrong: int | None

    def label(self, suggested: int) -> int | None:
        """Return the label that the annotator sees as suggested; None for none."""
        match self.way:
            case Way.SHOWN:
                return suggested
            case Way.BLIND:
                return None
            case Way.PLANTED:
                return self.wrong


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer given while something was suggested or hidden: what would have been wrong, what was said (None: abstained)."""

    annotator: AnnotatorId
    way: Way
    suggested: int
    wrong: int | None
    said: int | None


@dataclass(frozen=True, slots=True)
class Pull:
    """The anchoring effect over all answers, by annotator, and by the label that was suggested wrongly."""

    overall: Effect
    annotators: Mapping[AnnotatorId, Effect]
    labels: Mapping[int, Effect]


def showing(
    annotator: AnnotatorId,
    position: int,
    suggested: int,
    labels: Collection[int],
    blind_share: float,
    planted_share: float,
    seed: bytes,
) -> Showing:
    """Return what this annotator is shown of this item: the same however often it is asked.

    `labels` are the codes that may be suggested. Chance decides who sees what; it knows neither the right label nor how sure the
    suggestion is, so that those who see a wrong label differ by nothing else from those who see none.

    Examples
    --------
    >>> showing(AnnotatorId("ann"), 7, 0, [0, 1], 1.0, 0.0, b"0123456789abcdef")
    Showing(way=<Way.BLIND: 'blind'>, wrong=1)
    """
    others = sorted(label for label in labels if label != suggested)
    wrong = others[int(_uniform(annotator, position, b"wrong", seed) * len(others))] if others else None
    place = _uniform(annotator, position, b"way", seed)
    if place < blind_share:
        return Showing(Way.BLIND, wrong)
    if wrong is not None and place < blind_share + (1 - blind_share) * planted_share:
        return Showing(Way.PLANTED, wrong)
    return Showing(Way.SHOWN, wrong)


def pull(answers: Iterable[Answered], n_labels: int, level: float = LEVEL) -> Pull:
    """Return how far a wrong suggestion pulls people: the share that gives the label when it is suggested, less when none is.

    The intervals of labels hold together at `level` (Bonferroni), since any of them may switch a label off.
    """
    told = [one for one in answers if one.wrong is not None and one.way is not Way.SHOWN]
    each = 1 - (1 - level) / max(n_labels, 1)
    people, wrong = {one.annotator for one in told}, {one.wrong for one in told if one.wrong is not None}
    return Pull(
        _effect(told, level),
        {who: _effect([one for one in told if one.annotator == who], level) for who in sorted(people)},
        {code: _effect([one for one in told if one.wrong == code], each) for code in sorted(wrong)},
    )


def hurting(found: Pull, policy: Policy) -> dict[int, str]:
    """Return which labels are to be suggested no more, each with the reason."""
    bound = policy.off_above
    if bound is None:
        return {}
    return {
        code: (
            f"{one.agreed_shown} of {one.n_shown} follow it where it is suggested wrongly, {one.agreed_blind} of {one.n_blind} "
            f"give it unasked: at least {one.low:.0%} are pulled, and guard.off_above is {bound:.0%}."
        )
        for code, one in found.labels.items()
        if one.low > bound and min(one.n_shown, one.n_blind) >= policy.at_least
    }


def plants(redundancies: Sequence[int], *, takes_one: bool) -> bool:
    """Return whether wrong labels may be suggested at all: not where one answer alone may decide an item."""
    return min(redundancies) >= 2 and not takes_one


def _effect(answers: Sequence[Answered], level: float) -> Effect:
    shown = [one for one in answers if one.way is Way.PLANTED]
    blind = [one for one in answers if one.way is Way.BLIND]
    agreed = [sum(one.said == one.wrong for one in arm) for arm in (shown, blind)]
    return effect(agreed[0], len(shown), agreed[1], len(blind), level)


def _uniform(annotator: AnnotatorId, position: int, purpose: bytes, seed: bytes) -> float:
    """Return a number from 0 to 1 (excluded) by a keyed hash: 53 bits, as many as a float holds."""
    if len(seed) < SEED_BYTES:
        raise BadValue(f"The seed of the guard has at least {SEED_BYTES} bytes; got {len(seed)}.")
    key = seed if len(seed) <= hashlib.blake2b.MAX_KEY_SIZE else hashlib.blake2b(seed).digest()
    message = f"{position}\n{annotator}".encode()
    digest = hashlib.blake2b(message, key=key, digest_size=8, person=b"guard." + purpose).digest()
    return (int.from_bytes(digest) >> 11) / (1 << 53)
