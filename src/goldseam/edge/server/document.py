"""The OpenAPI document as the server keeps it: how every refusal looks, and which calls need a caller.

In: an app with its routes. Out: the document that FastAPI makes, with our refusals in place of FastAPI's. Never: a route
left out that clients may call.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from goldseam.edge.server import security
from goldseam.vocab.people import Act

Plain = dict[str, Any]

REFUSAL: Final[Plain] = {
    "title": "Refusal",
    "description": "What was wrong, in words for people and in fields for machines.",
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["type", "message", "fields"],
            "additionalProperties": False,
            "properties": {"type": {"type": "string"}, "message": {"type": "string"}, "fields": {"type": "object"}},
        }
    },
}
SCHEMES: Final[Plain] = {
    "session": {"type": "apiKey", "in": "cookie", "name": security.COOKIE},
    "token": {"type": "http", "scheme": "bearer"},
}
REPLACED: Final = ("HTTPValidationError", "ValidationError")
"""FastAPI's own form of a refusal, which this server never sends."""


def describe(app: FastAPI) -> Plain:
    """Return the document, made once and then kept by the app."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        for route in app.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                for method in route.methods or ():
                    _describe(route, made["paths"][route.path_format][method.lower()])
        parts = made.setdefault("components", {})
        schemas = {name: one for name, one in parts.get("schemas", {}).items() if name not in REPLACED}
        parts["schemas"] = dict(sorted({**schemas, "Refusal": REFUSAL}.items()))
        parts["securitySchemes"] = SCHEMES
        app.openapi_schema = made
    return app.openapi_schema


def _describe(route: APIRoute, operation: Plain) -> None:
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    replies = operation["responses"]
    replies.pop("422", None)
    replies["4XX"] = {"description": "Refused; the error says why.", "content": refused}
    if route.path.startswith("/api/"):
        replies["5XX"] = {"description": "The server could not do this; its log says why.", "content": refused}
    if needs_caller(route):
        operation["security"] = [{name: []} for name in SCHEMES]


def needs_caller(route: APIRoute) -> bool:
    """Return whether the route names an act, or asks who calls."""
    asked = {security.principal_of, *(one(act) for act in Act for one in (security.permitted, security.believed))}
    return any(found.call in asked for found in route.dependant.dependencies)
