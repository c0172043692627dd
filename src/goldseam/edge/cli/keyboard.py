"""Keyboard: single keys from a terminal, or from a pipe, so that scripts can label too.

In: what is typed. Out: one key at a time. Never: a key lost that was pressed while an answer was being saved; a terminal
left in another state than it was found in.
"""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
from types import TracebackType
from typing import Any, Self

QUIT = "q"
ENTER = "\n"
ESCAPE = b"\x1b"
END = b"\x04"
SEQUENCE_SECONDS = 0.02
"""An arrow or function key sends its bytes at once; who presses Escape alone sends nothing more for longer than this."""


class Keyboard:
    """Keys one by one, for as long as it is entered; Ctrl+D and the end of the input are the key that quits."""

    def __init__(self) -> None:
        self._terminal = sys.stdin.fileno() if sys.stdin.isatty() else None
        self._before: list[Any] = []

    def __enter__(self) -> Self:
        """Let keys arrive singly and unseen; Ctrl+C still interrupts."""
        if self._terminal is not None:
            self._before = termios.tcgetattr(self._terminal)
            tty.setcbreak(self._terminal, termios.TCSADRAIN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back as it was."""
        if self._terminal is not None:
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._before)

    def press(self) -> str:
        """Return the next key; from a pipe, the first character of the next line, an empty one being Enter."""
        if self._terminal is None:
            return sys.stdin.readline()[:1] or QUIT
        first = os.read(self._terminal, 1)
        if first in {b"", END}:
            return QUIT
        rest = self._sequence() if first == ESCAPE else self._continued(first)
        return (first + rest).decode("utf-8", "replace").replace("\r", ENTER)

    def _continued(self, first: bytes) -> bytes:
        """Read the other bytes of a character beyond ASCII."""
        assert self._terminal is not None  # noqa: S101 - only a terminal sends bytes
        n_more = sum(first[0] >= least for least in (0xC0, 0xE0, 0xF0))
        return b"".join(os.read(self._terminal, 1) for _ in range(n_more))

    def _sequence(self) -> bytes:
        """Read the rest of what an arrow or function key sends: `[` or `O`, parameters, one last letter."""
        assert self._terminal is not None  # noqa: S101 - only a terminal sends bytes
        found = b""
        while select.select([self._terminal], [], [], SEQUENCE_SECONDS)[0]:
            found += os.read(self._terminal, 1)
            if found[:1] not in {b"[", b"O"} or (len(found) > 1 and 0x40 <= found[-1] <= 0x7E):
                break
        return found
