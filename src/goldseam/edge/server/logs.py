"""Logs: one line an event, as text for people or as JSON for programs, each call under its request id.

In: records of the standard `logging`. Out: lines on standard error. Never: a line break that came from outside.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final, Literal

Form = Literal["quiet", "text", "json"]
FIELDS: Final = ("request", "method", "path", "status", "milliseconds")
"""What a record may carry besides its message."""


class JsonLines(logging.Formatter):
    """A record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


class TextLines(logging.Formatter):
    """A record as one line of text; line breaks in it are written as such."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the standard library's name
        """Return the line without breaks."""
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")


def set_up(form: Form) -> None:
    """Write logs to standard error: warnings only when quiet, else every call as well."""
    sink = logging.StreamHandler(sys.stderr)
    sink.setFormatter(JsonLines() if form == "json" else TextLines())
    logger = logging.getLogger("goldseam")
    logger.handlers[:] = [sink]
    logger.setLevel(logging.WARNING if form == "quiet" else logging.INFO)
    logger.propagate = False
