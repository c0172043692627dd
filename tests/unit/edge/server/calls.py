"""A call for every route: what the tests of rights, of foreign ids, of credentials and of replies are made from.

In: nothing. Out: for each route of a project the act it is and a sensible call; the routes outside of projects by who may call
them. Never: an answer to whether somebody may; that is for the tests, and a new route without a row here fails them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from goldseam.edge.client import new_id
from goldseam.vocab.people import Act

ITEM = "0" * 32


@dataclass(frozen=True)
class Call:
    """One sensible call of a route: the act it is, and what stands in its path, its query and its body."""

    act: Act
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None


def calls() -> dict[tuple[str, str], Call]:
    """A call for every route of a project; a route without a row here fails."""
    at = "/api/projects/{project}"
    ids = {"assignment": "no-such", "annotation": "no-such"}
    answer = {"kind": "choice", "label": "pos"}
    annotation = {
        "id": new_id(), "assignment": "no-such", "token": "t", "answers": {"mood": answer}, "seconds": 1.5,
        "schema_version": 1, "guideline_version": 1,
    }  # fmt: skip
    ruling = {"id": new_id(), "item": ITEM, "question": "mood", "answer": answer, "reason": ""}
    return {
        ("GET", at): Call(Act.VIEW),
        ("GET", f"{at}/round"): Call(Act.VIEW),
        ("GET", f"{at}/events"): Call(Act.VIEW, query={"once": "true"}),
        ("POST", f"{at}/assignments"): Call(Act.ANNOTATE, body={"count": 1}),
        ("POST", f"{at}/annotations"): Call(Act.ANNOTATE, body={"annotations": [annotation]}),
        ("POST", f"{at}/assignments/{{assignment}}/skip"): Call(
            Act.ANNOTATE, ids, body={"id": new_id(), "token": "t", "reason": ""}
        ),
        ("POST", f"{at}/annotations/{{annotation}}/withdraw"): Call(Act.ANNOTATE, ids, body={"id": new_id()}),
        ("GET", f"{at}/history"): Call(Act.ANNOTATE, query={"limit": "5"}),
        ("GET", f"{at}/reasons"): Call(Act.ANNOTATE),
        ("GET", f"{at}/corrections"): Call(Act.ANNOTATE),
        ("POST", f"{at}/packs"): Call(Act.ANNOTATE, body={"count": 1, "holding": []}),
        ("POST", f"{at}/assignments/{{assignment}}/flag"): Call(
            Act.ANNOTATE, ids, body={"id": new_id(), "reason": "harmful", "note": "See line 2."}
        ),
        ("GET", f"{at}/flagged"): Call(Act.MANAGE, query={"state": "open"}),
        ("POST", f"{at}/flagged/{{item}}/decision"): Call(
            Act.MANAGE, {"item": ITEM}, body={"id": new_id(), "decision": "put_back"}
        ),
        ("GET", f"{at}/items"): Call(Act.MEASURE, query={"after": "-1"}),
        ("GET", f"{at}/items/list"): Call(Act.MEASURE, query={"where": "state=open", "search": "film"}),
        ("GET", f"{at}/items/count"): Call(Act.MEASURE, query={"where": "label=pos"}),
        ("GET", f"{at}/items/facets"): Call(Act.MEASURE),
        ("GET", f"{at}/map"): Call(Act.MEASURE),
        ("GET", f"{at}/annotations"): Call(Act.MEASURE, query={"form": "json"}),
        ("GET", f"{at}/items/{{item}}/media"): Call(Act.VIEW, {"item": ITEM}),
        ("POST", f"{at}/items/{{item}}/outline"): Call(
            Act.ANNOTATE, {"item": ITEM}, body={"left": 0, "top": 0, "right": 4, "bottom": 4}
        ),
        ("GET", f"{at}/quarantine"): Call(Act.MANAGE),
        ("GET", f"{at}/disagreements"): Call(Act.ADJUDICATE),
        ("POST", f"{at}/rulings"): Call(Act.ADJUDICATE, body=ruling),
        ("POST", f"{at}/escalations"): Call(Act.ADJUDICATE, body={"id": new_id(), "item": ITEM}),
        ("POST", f"{at}/comments"): Call(Act.ANNOTATE, body={"id": new_id(), "item": ITEM, "text": "Why?"}),
        ("GET", f"{at}/threads"): Call(Act.ANNOTATE, query={"state": "open"}),
        ("POST", f"{at}/threads/{{thread}}/replies"): Call(
            Act.ADJUDICATE, {"thread": "no-such"}, body={"id": new_id(), "text": "So."}
        ),
        ("POST", f"{at}/threads/{{thread}}/close"): Call(Act.ADJUDICATE, {"thread": "no-such"}, body={"id": new_id()}),
        ("POST", f"{at}/proposals"): Call(
            Act.ANNOTATE, body={"id": new_id(), "about": "label", "label": "pos", "text": "Praise."}
        ),
        ("GET", f"{at}/proposals"): Call(Act.ANNOTATE),
        ("POST", f"{at}/proposals/{{proposal}}/decision"): Call(
            Act.MANAGE, {"proposal": "no-such"}, body={"id": new_id(), "state": "declined", "reason": "No."}
        ),
        ("POST", f"{at}/disputes"): Call(
            Act.ANNOTATE, body={"id": new_id(), "item": ITEM, "label": "pos", "text": "It is praise."}
        ),
        ("GET", f"{at}/disputes"): Call(Act.ANNOTATE),
        ("POST", f"{at}/disputes/{{dispute}}/decision"): Call(
            Act.ADJUDICATE, {"dispute": "no-such"}, body={"id": new_id(), "state": "upheld", "reason": "So."}
        ),
        ("POST", f"{at}/sheets"): Call(Act.ANNOTATE, body={"id": new_id(), "label": "pos", "count": 2, "holding": []}),
        ("GET", f"{at}/sheets"): Call(Act.ANNOTATE),
        ("POST", f"{at}/sheets/{{sheet}}/close"): Call(Act.ANNOTATE, {"sheet": "no-such"}, body={"id": new_id()}),
        ("POST", f"{at}/sheets/{{sheet}}/undo"): Call(Act.ANNOTATE, {"sheet": "no-such"}, body={"id": new_id()}),
        ("POST", f"{at}/suggestions"): Call(
            Act.MANAGE,
            body={
                "id": new_id(),
                "source": "a model",
                "suggestions": [{"item": ITEM, "question": "mood", "answer": answer, "confidence": 0.5}],
            },
        ),
        ("GET", f"{at}/quality"): Call(Act.MEASURE),
        ("GET", f"{at}/certificates"): Call(Act.MEASURE),
        ("GET", f"{at}/models"): Call(Act.MEASURE),
        ("GET", f"{at}/anchoring"): Call(Act.MANAGE),
        ("POST", f"{at}/anchoring/labels"): Call(
            Act.MANAGE, body={"id": new_id(), "label": "pos", "state": "off", "reason": "So."}
        ),
        ("GET", f"{at}/functions"): Call(Act.ADJUDICATE),
        ("GET", f"{at}/functions/{{name}}"): Call(Act.ADJUDICATE, {"name": "praise"}),
        ("POST", f"{at}/models/{{model}}/decision"): Call(
            Act.MANAGE, {"model": "no-such"}, body={"id": new_id(), "decision": "keep"}
        ),
        ("GET", f"{at}/releases"): Call(Act.MEASURE),
        ("GET", f"{at}/releases/{{number}}"): Call(Act.MEASURE, {"number": "1"}),
        ("GET", f"{at}/releases/{{number}}/files/{{name}}"): Call(
            Act.MEASURE, {"number": "1", "name": "manifest.json"}
        ),
        ("GET", f"{at}/releases/{{number}}/labels"): Call(Act.MEASURE, {"number": "1"}),
        ("GET", f"{at}/releases/{{old}}/diff/{{new}}"): Call(Act.MEASURE, {"old": "1", "new": "2"}),
        ("GET", f"{at}/people"): Call(Act.MANAGE),
        ("POST", f"{at}/people"): Call(
            Act.MANAGE, body={"id": new_id(), "login": "x y", "role": "reviewer", "name": ""}
        ),
        ("POST", f"{at}/people/{{annotator}}/role"): Call(
            Act.MANAGE, {"annotator": "no-such"}, body={"id": new_id(), "role": "none"}
        ),
        ("GET", f"{at}/tokens"): Call(Act.GOVERN),
        ("POST", f"{at}/tokens/{{token}}/revoke"): Call(Act.GOVERN, {"token": "no-such"}),
        ("GET", f"{at}/invitations"): Call(Act.MANAGE),
        ("POST", f"{at}/invitations"): Call(Act.MANAGE, body={"id": new_id(), "role": "auditor", "days": 1}),
        ("POST", f"{at}/invitations/{{invitation}}/revoke"): Call(Act.MANAGE, {"invitation": "no-such"}),
        ("GET", f"{at}/onboarding"): Call(Act.ANNOTATE),
        ("POST", f"{at}/onboarding/guideline"): Call(Act.ANNOTATE, body={"id": new_id(), "guideline_version": 1}),
        ("POST", f"{at}/trials"): Call(Act.ANNOTATE, body={"id": new_id()}),
        ("POST", f"{at}/trials/{{trial}}/answers"): Call(
            Act.ANNOTATE, {"trial": "no-such"}, body={"id": new_id(), "number": 1, "answer": answer, "seconds": 1.0}
        ),
        ("GET", f"{at}/onboarding/team"): Call(Act.MANAGE),
        ("POST", f"{at}/onboarding/team/{{annotator}}"): Call(
            Act.MANAGE, {"annotator": "no-such"}, body={"id": new_id(), "event": "waive"}
        ),
        ("GET", f"{at}/promotions"): Call(Act.MANAGE),
        ("POST", f"{at}/promotions/{{promotion_id}}/decision"): Call(
            Act.MANAGE, {"promotion_id": "no-such"}, body={"id": new_id(), "state": "declined", "reason": "No."}
        ),
        ("GET", f"{at}/own-figures"): Call(Act.ANNOTATE),
        ("GET", f"{at}/items/{{item}}/trace"): Call(Act.MEASURE, {"item": ITEM}),
        ("POST", f"{at}/go-on"): Call(Act.MANAGE),
        ("GET", f"{at}/go-on"): Call(Act.MANAGE),
        ("GET", f"{at}/pay/mine"): Call(Act.ANNOTATE),
        ("GET", f"{at}/pay/rates"): Call(Act.MANAGE),
        ("POST", f"{at}/pay/rates"): Call(
            Act.MANAGE,
            body={"id": new_id(), "per": "answer", "amount": 5, "currency": "EUR", "since": "2026-01-01T00:00:00Z"},
        ),
        ("GET", f"{at}/pay/statements"): Call(Act.MANAGE),
        ("POST", f"{at}/pay/statements"): Call(
            Act.MANAGE, body={"id": new_id(), "person": "no-such", "until": "2026-01-01T00:00:00Z"}
        ),
        ("POST", f"{at}/pay/statements/{{statement}}/events"): Call(
            Act.MANAGE, {"statement": "no-such"}, body={"id": new_id(), "event": "approve"}
        ),
        ("GET", f"{at}/pay/export"): Call(Act.MANAGE),
        ("GET", f"{at}/pay/cost"): Call(Act.MANAGE),
        ("POST", f"{at}/calibrations"): Call(
            Act.MANAGE,
            body={"id": new_id(), "title": "Irony", "choosing": "random", "n_items": 3, "people": ["x", "y"]},
        ),
        ("GET", f"{at}/calibrations"): Call(Act.ANNOTATE),
        ("GET", f"{at}/calibrations/{{calibration_id}}"): Call(Act.ANNOTATE, {"calibration_id": "no-such"}),
        ("POST", f"{at}/calibrations/{{calibration_id}}/answers"): Call(
            Act.ANNOTATE,
            {"calibration_id": "no-such"},
            body={"id": new_id(), "number": 1, "answers": {"mood": answer}, "reason": "", "seconds": 1.0},
        ),
        ("POST", f"{at}/calibrations/{{calibration_id}}/comments"): Call(
            Act.ANNOTATE, {"calibration_id": "no-such"}, body={"id": new_id(), "number": 1, "text": "Why?"}
        ),
        ("POST", f"{at}/calibrations/{{calibration_id}}/agreed"): Call(
            Act.MANAGE,
            {"calibration_id": "no-such"},
            body={"id": new_id(), "number": 1, "question": "mood", "answer": answer},
        ),
        **{
            ("POST", f"{at}/calibrations/{{calibration_id}}/{act}"): Call(
                Act.MANAGE, {"calibration_id": "no-such"}, body={"id": new_id()}
            )
            for act in ("close", "finish", "measure")
        },
        ("POST", f"{at}/capture"): Call(
            Act.CAPTURE, body={"captures": [{"id": new_id(), "model": "v1", "text": "seen", "confidence": 0.4}]}
        ),
        ("GET", f"{at}/webhooks"): Call(Act.MANAGE),
        ("POST", f"{at}/webhooks"): Call(
            Act.MANAGE, body={"id": new_id(), "url": "https://hooks.example/", "events": ["round.ended"]}
        ),
        ("POST", f"{at}/webhooks/{{webhook}}/state"): Call(
            Act.MANAGE, {"webhook": "no-such"}, body={"id": new_id(), "state": "off"}
        ),
        ("POST", f"{at}/webhooks/{{webhook}}/secret"): Call(Act.MANAGE, {"webhook": "no-such"}, body={"id": new_id()}),
        ("POST", f"{at}/webhooks/{{webhook}}/ping"): Call(Act.MANAGE, {"webhook": "no-such"}, body={"id": new_id()}),
        ("GET", f"{at}/webhooks/{{webhook}}/deliveries"): Call(Act.MANAGE, {"webhook": "no-such"}),
        ("POST", f"{at}/webhooks/{{webhook}}/deliveries/{{number}}/again"): Call(
            Act.MANAGE, {"webhook": "no-such", "number": "1"}, body={"id": new_id()}
        ),
        ("GET", f"{at}/skills"): Call(Act.MANAGE, query={"limit": "5"}),
        ("GET", f"{at}/skills/own"): Call(Act.ANNOTATE),
        ("POST", f"{at}/skills"): Call(Act.MANAGE, body={"id": new_id(), "annotator": "no-such", "skill": "medical"}),
        ("POST", f"{at}/skills/revoke"): Call(
            Act.MANAGE, body={"id": new_id(), "annotator": "no-such", "skill": "medical"}
        ),
        ("GET", f"{at}/batches"): Call(Act.ANNOTATE),
        ("POST", f"{at}/batches"): Call(
            Act.MANAGE, body={"id": new_id(), "chosen": {"next": 1}, "annotators": ["no-such"]}
        ),
        ("POST", f"{at}/batches/{{batch}}/release"): Call(Act.MANAGE, {"batch": "no-such"}, body={"id": new_id()}),
        ("POST", f"{at}/priorities"): Call(
            Act.MANAGE, body={"id": new_id(), "chosen": {"items": [ITEM]}, "priority": 1}
        ),
        ("POST", f"{at}/again"): Call(
            Act.MANAGE, body={"id": new_id(), "chosen": {"items": [ITEM]}, "purpose": "audit"}
        ),
        ("POST", f"{at}/leases/extend"): Call(
            Act.ANNOTATE, body={"id": new_id(), "held": [{"assignment": "no-such", "token": "t"}]}
        ),
        ("GET", f"{at}/guideline/versions"): Call(Act.VIEW),
        ("GET", f"{at}/guideline/versions/{{number}}"): Call(Act.VIEW, {"number": "1"}),
        ("POST", f"{at}/guideline/versions"): Call(
            Act.MANAGE, body={"id": new_id(), "based_on": 1, "text": "Irony counts.", "worked_examples": []}
        ),
        ("GET", f"{at}/findings"): Call(Act.MEASURE),
        ("POST", f"{at}/findings/look"): Call(Act.MANAGE),
        ("GET", f"{at}/findings/look"): Call(Act.MANAGE),
        ("POST", f"{at}/findings/relabel"): Call(Act.MANAGE, body={"id": new_id(), "items": [ITEM]}),
        ("GET", f"{at}/settings"): Call(Act.GOVERN),
        ("POST", f"{at}/settings/plan"): Call(Act.GOVERN, body={"text": "name: own"}),
        ("POST", f"{at}/settings"): Call(Act.GOVERN, body={"id": new_id(), "read": "0" * 64, "text": "name: own"}),
        ("GET", f"{at}/ledger"): Call(Act.MEASURE),
        ("GET", f"{at}/ledger/entries"): Call(Act.MEASURE),
        ("GET", f"{at}/ledger/page"): Call(Act.MEASURE, query={"limit": "5"}),
        ("GET", f"{at}/ledger/proof"): Call(Act.MEASURE, query={"position": "0"}),
    }


OPEN = {
    ("POST", "/api/session"),
    ("DELETE", "/api/session"),
    ("POST", "/api/invitations/look"),
    ("POST", "/api/invitations/accept"),
    ("GET", "/api/oidc"),
    ("POST", "/api/oidc"),
    ("GET", "/api/oidc/callback"),
    ("POST", "/api/oidc/end"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/{path:path}"),
    ("HEAD", "/{path:path}"),
}
SIGNED_IN = {("GET", "/api/me"), ("GET", "/api/projects"), ("GET", "/api/me/tokens")}
ONESELF = {
    ("POST", "/api/me/tokens"),
    ("POST", "/api/me/tokens/{token}/revoke"),
    ("POST", "/api/me/invitations"),
    ("POST", "/api/me/password"),
    ("POST", "/api/me/oidc"),
    ("GET", "/api/incoming"),
    ("POST", "/api/incoming/{incoming}/pieces"),
    ("POST", "/api/incoming/{incoming}/look"),
    ("POST", "/api/projects"),
    ("POST", "/api/guideline"),
}
"""Acts on what is one's own; tests/walk/test_sign_in.py asks who may, tests/walk/test_creating.py who makes projects."""
