"""ML backend: a Label Studio ML backend, asked over its own HTTP protocol as it is: /health, /setup, /predict.

In: a setting, what is asked, a `Reach`. Out: proposals. Never: a token or address of ours sent to it, or a result that the schema
does not allow.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from goldseam.edge.addresses import parsed
from goldseam.edge.reach import Reach, Reply
from goldseam.edge.suggesters.retries import Later, Patience, patiently
from goldseam.ledger.canonical import canonical
from goldseam.prelabel import label_config, replies
from goldseam.prelabel.contents import Contents
from goldseam.prelabel.label_config import OBJECTS, xml
from goldseam.prelabel.policy import ModelSetting
from goldseam.prelabel.prompts import Brief
from goldseam.prelabel.suggester import Proposals, Said, Usage
from goldseam.release.exchange.read_label_studio import read_export
from goldseam.vocab.answers import Answer, Choice
from goldseam.vocab.errors import BadAnswer, BadSetting, GoldseamError, NotReady, Unreachable
from goldseam.vocab.items import Modality
from goldseam.vocab.options import QuestionName

BATCH = 16
MAX_REPLY = 32 << 20
"""Masks are long."""
QUICK = 10.0
UNSURE = 0.75
"""What is taken for a backend's confidence where it gives no score: gold calibrates it."""
PASSES = frozenset({408, 425, 429, 500, 502, 503, 504})


class LabelStudioModel:
    """A `Suggester` that asks an ML backend."""

    batch = BATCH

    def __init__(
        self, setting: ModelSetting, brief: Brief, modality: Modality, password: str, reach: Reach,
        patience: Patience | None = None,
    ) -> None:  # fmt: skip
        if modality not in OBJECTS:
            raise NotReady(f"An ML backend cannot be sent items of kind {modality.value!r}.")
        for question in label_config.unanswerable(brief.schema):
            raise NotReady(
                f"Question {question.name!r} is of kind {question.kind.value!r}, for which Label Studio has no control.",
                question=question.name,
            )
        self.name = setting.name
        self.labels = brief.labels
        self.at_once = setting.at_once
        self._setting, self._brief, self._reach = setting, brief, reach
        self._patience = patience or Patience()
        self._key = OBJECTS[modality][1]
        self._config = xml(brief.schema, modality)
        self._origin = parsed(setting.url).origin
        self._headers = {"accept": "application/json", "content-type": "application/json"}
        if setting.user:
            made = base64.b64encode(f"{setting.user}:{password}".encode()).decode()
            self._headers["authorization"] = f"Basic {made}"

    @cached_property
    def version(self) -> str:
        """What the backend says that its model is, with what is asked of it; asking is what sets it up."""
        told = {"backend": self._setting.url, "config": self._config, "model": self._set_up()}
        return hashlib.sha256(canonical(told)).hexdigest()

    @property
    def _project(self) -> str:
        """A name for the project in the form that backends expect, which tells nothing of it."""
        digest = int.from_bytes(hashlib.sha256(self._config.encode()).digest()[:4], "big")
        return f"{digest}.{digest}"

    def _set_up(self) -> str:
        health = self._asked("GET", "/health", None, QUICK)
        if not isinstance(health, dict) or health.get("status") != "UP":
            raise Unreachable(f"{self._called} does not say that it is up: its /health is no ML backend's.")
        # The keys are those of Label Studio, which sends its owner's token here; we have none to give.
        body = {
            "project": self._project,
            "schema": self._config,
            "hostname": "",
            "access_token": "",
            "extra_params": None,
        }
        found = self._asked("POST", "/setup", body, self._setting.seconds)
        version = found.get("model_version") if isinstance(found, dict) else None
        return str(version or "")[:200]

    @property
    def _called(self) -> str:
        return f"The ML backend {self.name!r} at {self._origin}"

    def messages(self, content: str) -> dict[str, Any]:
        """Return what is sent to predict for one item."""
        return self._predict_body([content])

    def most(self, contents: Contents) -> Usage:
        """Return nothing: backends have no prices."""
        del contents
        return Usage()

    def propose(self, contents: Contents) -> Proposals:
        """Ask about a batch; where the backend answers for another number of items, one by one."""
        texts = [str(content) for content in contents]
        results = self._predicted(texts)
        if len(results) != len(texts):
            results = [self._only(self._predicted([text])) for text in texts]
        proba = np.zeros((len(texts), len(self.labels)), np.float32)
        said: list[Said] = []
        for row, result in enumerate(results):
            one, score = self._said(result)
            said.append(one)
            head = one.answers.get(self._brief.schema.main.name)
            if isinstance(head, Choice):
                proba[row] = replies.at_chance(self.labels, head.label, score)
        return Proposals(proba, tuple(said))

    def _only(self, results: Sequence[Any]) -> Any:  # noqa: ANN401 - whatever JSON may say
        return results[0] if len(results) == 1 else None

    def _predict_body(self, texts: Sequence[str]) -> dict[str, Any]:
        tasks = [
            {"id": number, "data": {self._key: text}, "meta": {}, "annotations": [], "predictions": []}
            for number, text in enumerate(texts, 1)
        ]
        params = {"login": None, "password": None, "context": None}
        return {"tasks": tasks, "project": self._project, "label_config": self._config, "params": params}

    def _predicted(self, texts: Sequence[str]) -> Sequence[Any]:
        _ = self.version  # a backend is set up before it is asked
        found = self._asked("POST", "/predict", self._predict_body(texts), self._setting.seconds)
        results = found.get("results") if isinstance(found, dict) else None
        if not isinstance(results, list):
            raise Unreachable(
                f"{self._called} did not answer as an ML backend does: no 'results' in what it predicted."
            )
        return results

    def _said(self, result: Any) -> tuple[Said, float]:  # noqa: ANN401 - whatever JSON may say
        """Return what one prediction says, held against the schema; of several for one item the first counts."""
        found = result[0] if isinstance(result, list) and result else result
        regions = found.get("result") if isinstance(found, Mapping) else None
        if not isinstance(regions, list) or not isinstance(found, Mapping):
            return Said(abstained="The backend predicted nothing that can be read."), 0.0
        if not regions:
            return Said(abstained="The backend predicted nothing for the item."), 0.0
        if not all(isinstance(one, Mapping) for one in regions):
            return Said(abstained="The backend's prediction is no list of regions."), 0.0
        try:
            task = {"data": {self._key: ""}, "annotations": [{"result": regions}]}
            read = next(read_export([task], self._brief.schema))
            answers = {} if read.refused else self._checked(read.answers)
        except (GoldseamError, AttributeError, OverflowError) as error:
            told = error.message if isinstance(error, GoldseamError) else "it is of the wrong form"
            return Said(abstained=f"The prediction does not fit the schema: {_printable(told)}"), 0.0
        if read.refused:
            return Said(abstained=f"The prediction does not fit the schema: {_printable(read.refused)}"), 0.0
        if not answers:
            return Said(abstained="The backend predicted nothing that a question asks for."), 0.0
        score = _score(found, regions)
        return Said(answers, confidence=score), score

    def _checked(self, given: Mapping[QuestionName, Answer]) -> dict[QuestionName, Answer]:
        schema = self._brief.schema
        asked = {one.name: one for one in schema.asked(given)}
        for name, answer in given.items():
            schema.question(name).check(answer)
        for name, question in asked.items():
            if question.required and name not in given:
                raise BadAnswer(f"question {name!r} has no answer.")
        return {name: answer for name, answer in given.items() if name in asked}

    # ---- one call ----------------------------------------------------------------------------------------------------
    def _asked(self, method: str, path: str, body: object, seconds: float) -> Any:  # noqa: ANN401 - whatever JSON may say
        reply = patiently(self._called, partial(self._sent, method, path, body, seconds), self._patience)
        if reply.status in {401, 403}:
            raise BadSetting(f"{self._called} does not let us in ({reply.status}): see 'user' and 'key'.")
        if not 200 <= reply.status < 300:
            raise Unreachable(f"{self._called} answered {path} with status {reply.status}.")
        try:
            return json.loads(reply.content)
        except (ValueError, RecursionError):
            raise Unreachable(f"{self._called} answered {path} with something that is no JSON.") from None

    def _sent(self, method: str, path: str, body: object, seconds: float) -> Reply | Later:
        content = None if body is None else json.dumps(body).encode()
        url = self._setting.url.rstrip("/") + path
        try:
            reply = self._reach.request(
                method, url, content=content, headers=self._headers, max_bytes=MAX_REPLY, timeout=seconds, redirects=0
            )
        except Unreachable as error:
            return Later(f"cannot be asked ({error.message.rstrip('.')})")
        if reply.status in PASSES:
            return Later(f"answered {path} with status {reply.status}")
        return reply


def _score(found: Mapping[str, Any], regions: Sequence[Mapping[str, Any]]) -> float:
    """Return the prediction's score, or that of its one region, if it is a probability."""
    for said in (found.get("score"), regions[0].get("score") if len(regions) == 1 else None):
        if isinstance(said, int | float) and not isinstance(said, bool) and 0 < said <= 1:
            return float(said)
    return UNSURE


def _printable(text: str) -> str:
    return "".join(c for c in text[:200] if c.isprintable())
