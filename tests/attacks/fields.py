"""The fields of every typed reply, as the OpenAPI document names them: compared with a list that is kept beside this file.

In: the app. Out: the list; run as a program, it is written anew. Never: a field that was not looked at by a person.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, cast

from goldseam.edge.server.app import make_app

KEPT: Final = Path(__file__).with_name("fields.json")
COMMAND: Final = "PYTHONPATH=src python -m tests.attacks.fields"
Plain = dict[str, Any]


def document() -> Plain:
    """Return the OpenAPI document; it needs no open world."""
    return make_app(cast("Any", None)).openapi()


def resolved(schema: Plain, whole: Plain) -> Plain:
    """Return a schema with its reference followed."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return cast("Plain", whole["components"]["schemas"][name]) if name else schema


def objects(schema: Plain, whole: Plain, at: str = "", above: tuple[str, ...] = ()) -> dict[str, Plain]:
    """Return every object with named fields inside a schema, by its place."""
    if schema.get("$ref", "") in above:
        return {}
    above = (*above, schema["$ref"]) if "$ref" in schema else above
    schema = resolved(schema, whole)
    found = {at or ".": schema} if "properties" in schema else {}
    for name, inside in schema.get("properties", {}).items():
        found |= objects(inside, whole, f"{at}.{name}", above)
    for inside in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        found |= objects(inside, whole, at, above)
    if isinstance(schema.get("items"), dict):
        found |= objects(schema["items"], whole, f"{at}[]", above)
    if isinstance(schema.get("additionalProperties"), dict):
        found |= objects(schema["additionalProperties"], whole, f"{at}.*", above)
    return found


def replied() -> dict[str, dict[str, list[str]]]:
    """Return the fields of each route's reply, by route and place; a reply without named fields has none."""
    whole = document()
    found = {}
    for path, operations in sorted(whole["paths"].items()):
        for method, operation in sorted(operations.items()):
            content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
            parts = objects(content.get("schema", {}), whole)
            found[f"{method.upper()} {path}"] = {place: sorted(one["properties"]) for place, one in parts.items()}
    return found


if __name__ == "__main__":
    KEPT.write_text(json.dumps(replied(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
