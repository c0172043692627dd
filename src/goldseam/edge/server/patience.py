"""Patience: how long a connection may take to say what it wants, so that silent ones cannot use up the server.

In: connections. Out: uvicorn's protocol with a limit on the time until a call's head is complete. Never: a call cut off that
is being answered, or a stream that is listened to.
"""

from __future__ import annotations

import asyncio
from typing import Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS: Final = 20.0


class PatientProtocol(H11Protocol):
    """HTTP/1.1 by h11; a connection that has not sent a whole head in time is closed."""

    _running_out: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take in what came; wait on if the head is not yet whole."""
        super().data_received(data)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if not self._is_silent():
            self._wait_no_more()
        elif self._running_out is None:
            self._running_out = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _wait_no_more(self) -> None:
        if self._running_out is not None:
            self._running_out.cancel()
            self._running_out = None

    def _is_silent(self) -> bool:
        """Whether no call is being read or answered."""
        answered = self.cycle is None or self.cycle.response_complete
        return answered and self.conn.their_state is h11.IDLE

    def _give_up(self) -> None:
        self._running_out = None
        if self._is_silent() and not self.transport.is_closing():
            self.transport.close()
