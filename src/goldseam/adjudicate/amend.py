"""Amend: where in the project file an accepted proposal is to be written, and whether it stands there already.

In: a `Proposal`, the schema, the guideline. Out: an `Amendment`. Never: a change of either; the project file is the one source
of both, and whoever applies it makes the next version.
"""

from __future__ import annotations

from dataclasses import dataclass

from goldseam.vocab.answers import LabelName
from goldseam.vocab.errors import BadValue, nearest
from goldseam.vocab.schema import Guideline, Schema, WorkedExample
from goldseam.vocab.talk import About, Proposal


@dataclass(frozen=True, slots=True)
class Amendment:
    """One edit of the project file: at these keys, replace `old` (empty: add) by `new`; `made` if it stands there now."""

    path: tuple[str | int, ...]
    old: str
    new: str
    made: bool


def amendment(proposal: Proposal, schema: Schema, guideline: Guideline) -> Amendment:
    """Return the edit that a proposal asks for.

    Raises
    ------
    BadValue
        If it names a clause or a label that is not there, and asks for something that is not there either.
    """
    match proposal.about:
        case About.CLAUSE:
            made = proposal.text in guideline.text
            if not made and proposal.clause and proposal.clause not in guideline.text:
                raise BadValue(
                    "The guideline has no such clause; quote a line of it as it stands, or leave the clause empty for a "
                    f"new one.{nearest(proposal.clause, guideline.text.splitlines())}"
                )
            return Amendment(("guideline", "text"), proposal.clause, proposal.text, made)
        case About.LABEL:
            question, label = place_of(schema, str(proposal.label))
            stands = schema.questions[question].labels[label].definition
            keys = ("schema", "questions", question, "labels", label, "definition")
            return Amendment(keys, stands, proposal.text, stands == proposal.text)
        case About.WORKED_EXAMPLE:
            place_of(schema, str(proposal.label))
            wanted = WorkedExample(proposal.text, LabelName(str(proposal.label)), proposal.why)
            known = {(one.text, one.label) for one in guideline.worked_examples}
            path = ("guideline", "worked_examples", len(guideline.worked_examples))
            return Amendment(path, "", wanted.text, (wanted.text, wanted.label) in known)


def place_of(schema: Schema, label: str) -> tuple[int, int]:
    """Return the places of the question and of the label in it; of equal names the first.

    Raises
    ------
    BadValue
        If no question has the label; the message names the nearest.
    """
    for number, question in enumerate(schema.questions):
        if label in question.label_names:
            return number, question.label_names.index(LabelName(label))
    names = [name for question in schema.questions for name in question.label_names]
    raise BadValue(f"The schema has no label {label!r}.{nearest(label, names)}", label=label)
