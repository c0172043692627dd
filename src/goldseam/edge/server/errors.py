"""How a refusal looks over HTTP, and which status each error has.

In: an error. Out: a status and `{"error": {"type", "message", "fields"}}`. Never: a stack trace, a path of the machine,
or a value that was sent.
"""

from __future__ import annotations

import http
import json
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from goldseam.edge.server import document
from goldseam.vocab import errors
from goldseam.vocab.errors import BadValue, GoldseamError, NotAllowed, NotFound, OperatorError

LOG = logging.getLogger("goldseam.server")

STATUS: Final[dict[type, int]] = {
    errors.AnnotatorError: 400,
    errors.BadAnswer: 422,
    errors.BadValue: 422,
    errors.LeaseLost: 409,
    errors.Conflict: 409,
    errors.StampMoved: 409,
    errors.NotAllowed: 403,
    errors.NotSignedIn: 401,
    errors.TooManyTries: 429,
    errors.TooManyCalls: 429,
    errors.NotFound: 404,
    errors.OwnerError: 422,
    errors.NotReady: 409,
    errors.GateClosed: 409,
    errors.Breaking: 409,
    errors.OperatorError: 500,
    errors.StoreFailed: 503,
    errors.MissingExtra: 501,
    errors.TamperError: 500,
}
"""By family, and by type where a client can tell what to do: 409 look again, 422 send something else, 503 try later."""

MAX_PROBLEMS = 20


def status_of(kind: type[BaseException]) -> int:
    """Return the status of an error type: its own row or that of its nearest ancestor; 500 for what was no refusal."""
    for ancestor in kind.__mro__:
        if ancestor in STATUS:
            return STATUS[ancestor]
    return 500


def body_of(error: GoldseamError, request_id: str = "") -> dict[str, object]:
    """Return the body of the reply for an error."""
    return {"error": said(error, request_id)}


def said(error: GoldseamError, request_id: str = "") -> dict[str, object]:
    """Return type, message and fields; of what only the operator can put right, no more than its place in the log."""
    if isinstance(error, OperatorError):
        return _said(type(error).__name__, _at_fault(request_id), {"request": request_id})
    return _said(type(error).__name__, error.message, error.fields)


def unexpected(request_id: str) -> dict[str, object]:
    """Return the body for an error that was not on purpose."""
    return {"error": _said("Unexpected", _at_fault(request_id), {"request": request_id})}


def bad_value(problems: Sequence[Mapping[str, Any]]) -> BadValue:
    """Return the error for what pydantic found: where, and what would be right, but never the value itself."""
    found = [_problem(problem) for problem in problems[:MAX_PROBLEMS]]
    first = found[0] if found else {"path": "", "message": "The value is of the wrong form."}
    message = f"{first['path']}: {first['message']}" if first["path"] else first["message"]
    return BadValue(message, path=first["path"], problems=found)


def refusal(error: GoldseamError, request_id: str = "", status: int | None = None) -> JSONResponse:
    """Return the reply for an error."""
    code = status if status is not None else status_of(type(error))
    headers = {"X-Request-Id": request_id} if request_id else {}
    if code == 429:
        headers["Retry-After"] = str(error.fields.get("retry_after", 60))
    if code == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body_of(error, request_id), status_code=code, headers=headers)


def install(app: FastAPI) -> None:
    """Let the app answer every error in the one form, and say so in its OpenAPI document."""
    app.openapi = partial(document.describe, app)  # type: ignore[method-assign]  # FastAPI's own way to change it
    app.add_exception_handler(GoldseamError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)


def request_id_of(request: Request) -> str:
    """Return the id under which the log names this call."""
    return str(getattr(request.state, "request_id", ""))


async def _of_ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GoldseamError)  # noqa: S101 - registered for this type alone
    if isinstance(error, OperatorError | errors.TamperError):
        LOG.error("request=%s %s: %s", request_id_of(request), type(error).__name__, error.message)
    return refusal(error, request_id_of(request))


async def _of_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type alone
    return refusal(bad_value(error.errors()), request_id_of(request))


async def _of_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type alone
    status = error.status_code
    said: GoldseamError
    if status == 404:
        said = NotFound("There is nothing at this address.")
    elif status in {401, 403}:
        said = NotAllowed("This call is not allowed.")
    else:
        said = BadValue(f"The call was refused: {http.HTTPStatus(status).phrase}.")
    reply = refusal(said, request_id_of(request), status)
    reply.headers.update(error.headers or {})
    return reply


def _said(kind: str, message: str, fields: object) -> dict[str, object]:
    plain = json.loads(json.dumps(fields, default=str), parse_constant=lambda _: None)
    return {"type": kind, "message": message, "fields": plain}


def _at_fault(request_id: str) -> str:
    return f"The server could not do this, and nothing was written. Its log says why, under {request_id or '?'}."


def _problem(problem: Mapping[str, Any]) -> dict[str, str]:
    place = [str(part) for part in problem.get("loc", ())]
    if place and place[0] in {"body", "query", "path"}:
        place = place[1:]
    if problem.get("type") == "json_invalid":
        return {"path": "", "message": "The body is not JSON."}
    message = str(problem.get("msg", "")).removeprefix("Value error, ")
    return {"path": ".".join(place), "message": message}
