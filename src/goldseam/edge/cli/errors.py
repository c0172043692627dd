"""How a refusal looks in the terminal, and which exit code each error has.

In: an error. Out: a sentence on standard error, a code for scripts. Never: a stack trace for something refused on purpose.
"""

from __future__ import annotations

import json
import sys
from typing import Final

from rich.console import Console
from rich.markup import escape

from goldseam.vocab import errors

EXIT_CODE: Final[dict[type[errors.GoldseamError], int]] = {
    errors.TamperError: 5,
    errors.OperatorError: 4,
    errors.GateClosed: 6,
    errors.NotReady: 7,
    errors.OwnerError: 3,
    errors.AnnotatorError: 2,
}
"""By family, and by type where scripts want to tell: 2 a value of the call, 3 the project's file or source, 4 the machine,
5 tampering, 6 the gate is closed, 7 a step that comes first is missing."""


def exit_code(kind: type[BaseException]) -> int:
    """Return the exit code of an error type: its own row, or that of its nearest ancestor."""
    for ancestor in kind.__mro__:
        if ancestor in EXIT_CODE:
            return EXIT_CODE[ancestor]
    return 1


def say(error: errors.GoldseamError | str) -> None:
    """Print a refusal on standard error; as JSON when the command was called with `--json`."""
    if isinstance(error, errors.GoldseamError) and "--json" in sys.argv:
        body = {"type": type(error).__name__, "message": error.message, "fields": error.fields}
        sys.stderr.write(json.dumps({"error": body}, default=str) + "\n")
        return
    console = Console(stderr=True, highlight=False)
    text = error if isinstance(error, str) else error.message
    console.print(f"[red]✗[/red] {escape(text)}", soft_wrap=True)
    if isinstance(error, errors.GoldseamError):
        for line in _details(error):
            console.print(f"  [dim]-[/dim] {escape(line)}", soft_wrap=True)


def _details(error: errors.GoldseamError) -> list[str]:
    listed = error.fields.get("findings") or error.fields.get("reasons") or ()
    return [str(line) for line in listed] if isinstance(listed, list | tuple) else []
