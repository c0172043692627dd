"""Labeling functions: small programs that answer or abstain, marked in the project's Python file by a decorator.

In: a function of one item. Out: a `LabelingFunction`. Never: a registry; whoever loads a file looks what stands in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, overload

from goldseam.prelabel.functions_policy import check_name


class Seen(NamedTuple):
    """What a labeling function sees of an item: its text, and its metadata."""

    text: str
    metadata: Mapping[str, object]


Call = Callable[[Seen], str | None]


@dataclass(frozen=True, slots=True)
class LabelingFunction:
    """A function that returns the name of a label, or None to abstain; it can be called like any other."""

    name: str
    call: Call

    def __post_init__(self) -> None:
        check_name(self.name, "@labeling_function")

    def __call__(self, item: Seen) -> str | None:
        """Return what the function says of an item."""
        return self.call(item)


@overload
def labeling_function(call: Call, /) -> LabelingFunction: ...


@overload
def labeling_function(*, name: str = "") -> Callable[[Call], LabelingFunction]: ...


def labeling_function(
    call: Call | None = None, /, *, name: str = ""
) -> LabelingFunction | Callable[[Call], LabelingFunction]:
    """Mark a function of the project's Python file as a labeling function.

    It gets an item with `text` and `metadata` and returns the name of a label, or None to abstain.

    Parameters
    ----------
    name
        What it is called in tables; the function's own name by default.

    Examples
    --------
    >>> @labeling_function
    ... def praise(item):
    ...     return "pos" if "wonderful" in item.text else None
    >>> praise(Seen("a wonderful film", {})), praise.name
    ('pos', 'praise')
    """
    if call is not None:
        return LabelingFunction(_named(call), call)

    def mark(inner: Call) -> LabelingFunction:
        return LabelingFunction(name or _named(inner), inner)

    return mark


def _named(call: Call) -> str:
    return str(getattr(call, "__name__", "")).replace("<lambda>", "")
