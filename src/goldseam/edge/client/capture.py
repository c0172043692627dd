"""The call of production: a model's outputs and what people made of them.

In: captures, signals. Out: how many are new. Never: more in one call than it may carry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from goldseam.edge.client.connection import Connection, at, new_id

CAPTURES_AT_ONCE: Final = 500

SignalKind = Literal["correction", "override", "escalation", "rejection", "click"]


@dataclass(frozen=True, slots=True)
class Output:
    """What a model put out in production, about a `text` or about an `item` of the project; keep its `id` for signals."""

    model: str
    text: str | None = None
    item: str | None = None
    label: str | None = None
    confidence: float | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class SignalAbout:
    """What somebody did about an output: a `correction` and an `override` name the right label, the others none."""

    capture: str
    kind: SignalKind
    label: str | None = None
    id: str = field(default_factory=new_id)


class Capturing(Connection):
    """Telling a project what a model does in production; the token must include the act 'capture'."""

    def capture(
        self, project: str, outputs: Sequence[Output] = (), signals: Sequence[SignalAbout] = ()
    ) -> dict[str, int]:
        """Send outputs, then signals, in as many calls as it takes; return how many were new.

        Sent again, they change nothing: each carries its id.
        """
        total = {"captures": 0, "signals": 0, "repeated": 0}
        rest: list[tuple[str, dict[str, Any]]] = [("captures", _plain(one)) for one in outputs]
        rest += [("signals", _plain(one)) for one in signals]
        for start in range(0, len(rest), CAPTURES_AT_ONCE):
            body: dict[str, list[dict[str, Any]]] = {"captures": [], "signals": []}
            for name, one in rest[start : start + CAPTURES_AT_ONCE]:
                body[name].append(one)
            found: dict[str, int] = self.call("POST", at(project, "/capture"), body)
            total = {name: total[name] + found[name] for name in total}
        return total


def _plain(one: Output | SignalAbout) -> dict[str, Any]:
    names = type(one).__dataclass_fields__
    plain = {name: getattr(one, name) for name in names}
    return {name: dict(value) if name == "metadata" else value for name, value in plain.items() if value is not None}
