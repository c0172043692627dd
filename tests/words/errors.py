"""The errors as data, and the reference page written from them.

In: vocab/errors.py and the tables of both faces. Out: every error type; the text of docs/reference/errors.md.
Never: a sentence of its own. `python -m tests.words.errors` writes the page.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from goldseam.vocab import errors
from tests.words.repository import ROOT

PAGE = ROOT / "docs" / "reference" / "errors.md"
HEAD = """# Errors

Written from `vocab/errors.py` and the tables of both faces by `make reference`; `tests/words/test_reference.py` fails when it is out of date.
Over HTTP an error is `{"error": {"type", "message", "fields"}}`; on the command line it is one sentence on standard error.
"""


def types() -> list[type[errors.GoldseamError]]:
    """Every error type, families too, in the order of the module."""
    return [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.GoldseamError) and value is not errors.GoldseamError
    ]


def families() -> list[type[errors.GoldseamError]]:
    """The families: who can put it right."""
    return [one for one in types() if errors.GoldseamError in one.__bases__]


def leaves() -> list[type[errors.GoldseamError]]:
    """The types that are raised."""
    return [one for one in types() if one not in families()]


def tables() -> dict[str, Mapping[type, int]]:
    """The server's statuses and the command line's exit codes."""
    return {
        "status": importlib.import_module("goldseam.edge.server.errors").STATUS,
        "exit code": importlib.import_module("goldseam.edge.cli.errors").EXIT_CODE,
    }


def resolve(mapping: Mapping[type, int], kind: type) -> int | None:
    """The number for a type: its own row, or that of its nearest ancestor."""
    return next((mapping[one] for one in kind.__mro__ if one in mapping), None)


def page() -> str:
    """The text of docs/reference/errors.md."""
    return "\n".join([HEAD, *(_family(one) for one in families())])


def _family(family: type[errors.GoldseamError]) -> str:
    rows = [
        f"## {family.__name__}",
        "",
        _sentence(family),
        "",
        "| error | meaning | HTTP status | exit code |",
        "|---|---|---|---|",
    ]
    rows.extend(_rows(family))
    return "\n".join(rows) + "\n"


def _rows(family: type[errors.GoldseamError]) -> Iterator[str]:
    found = tables()
    for one in leaves():
        if issubclass(one, family):
            numbers = [resolve(mapping, one) for mapping in found.values()]
            yield f"| `{one.__name__}` | {_sentence(one)} | {numbers[0]} | {numbers[1]} |"


def _sentence(kind: type[errors.GoldseamError]) -> str:
    return " ".join((kind.__doc__ or "").split())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
