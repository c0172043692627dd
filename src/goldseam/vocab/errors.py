"""Every error raised on purpose.

In: what is wrong, where, and what would be right. Out: one sentence for people, fields for machines.
Never: an HTTP status or an exit code; those live in one table per face (`edge/server/errors.py`, `edge/cli/errors.py`).

The four families say who can put it right: the annotator, the project's owner, the operator, or nobody (tampering).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class GoldseamError(Exception):
    """Anything that Goldseam refuses on purpose."""

    def __init__(self, message: str, **fields: object) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields


class AnnotatorError(GoldseamError):
    """The person who sent the answer can put it right."""


class OwnerError(GoldseamError):
    """The project's owner can put it right: schema, policy, source, people."""


class OperatorError(GoldseamError):
    """Whoever runs the machine can put it right: disk, database, keys, settings."""


class TamperError(GoldseamError):
    """Nobody can put it right: something was changed behind the ledger's back."""


class BadAnswer(AnnotatorError):
    """The answer does not fit the question."""


class LeaseLost(AnnotatorError):
    """The assignment is not held by this annotator any more."""


class NotAllowed(AnnotatorError):
    """The role does not include this act."""


class NotSignedIn(AnnotatorError):
    """No valid session or token came with the call."""


class TooManyTries(AnnotatorError):
    """Too many failed sign-ins; wait before the next."""


class TooManyCalls(AnnotatorError):
    """More calls a second than one caller may make; send more in one call, or wait."""


class NotFound(AnnotatorError):
    """There is no such thing, or it is not for this person to see."""


class BadValue(AnnotatorError):
    """A value that was sent is of the wrong form."""


class Conflict(AnnotatorError):
    """The same id was used before for something else."""


class StampMoved(AnnotatorError):
    """Rights or rules changed while the call was on its way; nothing was done."""


class BadSchema(OwnerError):
    """The schema contradicts itself."""


class BadPolicy(OwnerError):
    """A setting is out of its range."""


class BadProjectFile(OwnerError):
    """The project file cannot be read, or holds an unknown key."""


class BadSource(OwnerError):
    """A source cannot be read at all: missing, empty, or without the columns the project names."""


class NotReady(OwnerError):
    """The project is not in a state that allows this step; the message names the step that comes first."""


class GateClosed(OwnerError):
    """The gate refused the release; the reasons are in `fields["reasons"]`."""


class Breaking(OwnerError):
    """A change of schema would orphan answers that exist."""


class AddressRefused(OwnerError):
    """The address is none that this server sends anything to: not https, or in a network of its own."""


class Unreachable(OwnerError):
    """The address did not answer in time, or not in a way that could be understood."""


class StoreFailed(OperatorError):
    """The database could not take the act; nothing of it was written."""


class BadSetting(OperatorError):
    """A setting of the machine is missing or wrong."""


class MissingExtra(OperatorError):
    """An optional package is needed; the message says how to install it."""


class Tampered(TamperError):
    """Bytes, rows or entries are not what was signed; `fields["findings"]` names each."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `" Did you mean 'x'?"` for the closest known word, or an empty string."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else ""
