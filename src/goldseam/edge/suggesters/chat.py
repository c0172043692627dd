"""Chat: a language model behind an OpenAI-compatible endpoint, asked through the official client.

In: a setting, what is asked, a key, a `Reach`. Out: proposals. Never: the key in an error, a reason or a reasoning, even if the
other side sends it back; an answer that the schema does not allow; a text of the item taken for an instruction.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from importlib import import_module
from typing import Any, TypeGuard

import numpy as np

from goldseam.edge.addresses import parsed
from goldseam.edge.reach import Reach
from goldseam.edge.suggesters.retries import Later, Patience, patiently, retry_after
from goldseam.formats.plain import guideline_to_plain, schema_to_plain
from goldseam.ledger.canonical import canonical
from goldseam.prelabel import prompts, replies
from goldseam.prelabel.contents import Contents
from goldseam.prelabel.policy import ModelSetting
from goldseam.prelabel.prompts import Brief
from goldseam.prelabel.replies import Reply
from goldseam.prelabel.suggester import MICRO, Proposals, Said, Usage
from goldseam.vocab.answers import Choice
from goldseam.vocab.errors import BadSetting, GoldseamError, MissingExtra, NotReady, Unreachable

PER_MESSAGE = 64
"""Tokens that a message takes beyond its text, with a wide margin; a token of text is a byte at least."""
PER_IMAGE = 4_000
SHOWN = 200
PASSES = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Statuses after which the same request may succeed."""
TOO_LONG = "answered with more than"
SPENT, LENGTH, FILTERED = "insufficient_quota", "context_length_exceeded", "content_filter"


_Came = tuple[list[str | Reply], tuple[tuple[tuple[str, float], ...], ...], Usage]
"""What one request brought: texts, or what stands for them; the tokens that wrote each; what it took."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one request: the replies, the tokens that wrote each if they were asked for, and what it took."""

    replies: tuple[Reply, ...]
    tokens: tuple[tuple[tuple[str, float], ...], ...]
    usage: Usage


class _Refused(Exception):
    """The endpoint answered with a status that no wait mends."""

    def __init__(self, status: int, code: str, said: str) -> None:
        super().__init__(said)
        self.status, self.code, self.said = status, code, said


class LanguageModel:
    """A `Suggester` that asks a language model."""

    batch = 1

    def __init__(
        self, setting: ModelSetting, brief: Brief, key: str, reach: Reach, patience: Patience | None = None
    ) -> None:
        for question in prompts.unanswerable(brief.schema):
            raise NotReady(
                f"Question {question.name!r} is of kind {question.kind.value!r}, which a language model cannot answer: make it "
                "no longer required, or leave the model out.",
                question=question.name,
            )
        self.name = setting.name
        self.labels = brief.labels
        self.at_once = setting.at_once
        self._setting, self._brief, self._key, self._reach = setting, brief, key, reach
        self._patience = patience or Patience()
        self._origin = parsed(setting.url).origin
        self._called = f"The model {setting.name!r} at {self._origin}"
        self._schema = prompts.reply_schema(brief.schema)
        self._strict = setting.structured != "text"
        self._limit_name = "max_tokens"

    @cached_property
    def version(self) -> str:
        """Another one whenever the same content may be answered otherwise: the model, the prompt, or what is asked."""
        one = self._setting
        told = {
            "prompt": prompts.PROMPT,
            "url": one.url,
            "model": one.model,
            "confidence": one.confidence,
            "samples": one.samples,
            "temperature": one.temperature,
            "structured": one.structured,
            "examples": one.examples,
            "max_tokens": one.max_tokens,
            "schema": schema_to_plain(self._brief.schema),
            "guideline": guideline_to_plain(self._brief.guideline),
        }
        return hashlib.sha256(canonical(told)).hexdigest()

    def messages(self, content: str) -> list[prompts.Message]:
        """Return the prompt for one item."""
        brief, n = self._brief, self._setting.examples
        return prompts.messages(brief, content, prompts.nearest(brief.guideline, brief.schema, content, n))

    def most(self, contents: Contents) -> Usage:
        """Return the most that asking about these items can take, with every sample in a request of its own."""
        tokens_in = 0
        for content in contents:
            assert isinstance(content, str)  # noqa: S101 - narrows the type: pixels never come here
            image = PER_IMAGE if content.startswith(prompts.IMAGE) else 0
            shown = self.messages("" if image else content)
            tokens_in += image + len(json.dumps(shown, ensure_ascii=False).encode()) + PER_MESSAGE * len(shown)
            tokens_in += len(json.dumps(self._schema).encode())
        samples = self._setting.samples
        return self._usage(tokens_in * samples, len(contents) * samples * self._setting.max_tokens)

    def propose(self, contents: Contents) -> Proposals:
        """Ask about each item."""
        proba = np.zeros((len(contents), len(self.labels)), np.float32)
        said: list[Said] = []
        for row, content in enumerate(contents):
            one, chances = self.ask(str(content))
            said.append(one)
            if chances is not None:
                proba[row] = chances
        return Proposals(proba, tuple(said))

    def ask(self, content: str) -> tuple[Said, Any]:
        """Ask about one item as often as the setting says; return what was said, and the labels' probabilities if there are."""
        shown = self.messages(content)
        came: list[Asked] = []
        n_left = self._setting.samples
        while n_left > 0:
            try:
                one = patiently(self._called, partial(self._request, shown, n_left), self._patience)
            except Unreachable:
                if came:
                    break  # what was paid for counts, with fewer samples
                raise
            except _Refused as refused:
                if came:
                    break
                return self._abstained(refused), None
            came.append(Asked(tuple(self._held(text, content) for text in one[0]), one[1], one[2]))
            n_left -= max(len(one[0]), 1)
        return self._concluded(came)

    # ---- what the replies say together -------------------------------------------------------------------------------
    def _concluded(self, came: Sequence[Asked]) -> tuple[Said, Any]:
        usage = sum((one.usage for one in came), Usage())
        given = [reply for one in came for reply in one.replies]
        if not given:
            return Said(abstained="The reply holds no answer.", usage=usage), None
        main = self._brief.schema.main.name
        heads = [None if reply.abstained else reply.answers.get(main) for reply in given]
        ((head, n_agree),) = Counter(heads).most_common(1)
        chosen = given[heads.index(head)]
        if head is None:
            why = chosen.abstained or f"The reply does not answer {main!r}."
            return Said(abstained=why, reasoning=chosen.reasoning, usage=usage), None
        said = Said(chosen.answers, "", chosen.reasoning, usage, (n_agree + 1) / (len(given) + 2))
        if not isinstance(head, Choice):
            return said, None
        votes = [one.label for one in heads if isinstance(one, Choice)]
        tokens = next((one for each in came for one in each.tokens if one), ())
        chance = replies.chance_of(tokens, main, head.label) if tokens else None
        if chance is not None:
            return said, replies.at_chance(self.labels, head.label, chance)
        return said, replies.spread(self.labels, votes)

    def _held(self, text: str | Reply, content: str) -> Reply:
        """Return a reply held against the schema, without the key."""
        if isinstance(text, Reply):
            return text
        found = replies.read(text, self._brief.schema, content)
        return Reply(found.answers, self._clean(found.abstained), self._clean(found.reasoning, replies.REASON))

    def _clean(self, text: str, longest: int = SHOWN) -> str:
        """Return what the other side said without the key, control characters and a far end."""
        told = text.replace(self._key, "***") if self._key else text
        return "".join(c if c.isprintable() or c == "\n" else " " for c in told)[:longest]

    def _abstained(self, refused: _Refused) -> Said:
        if refused.code == LENGTH:
            return Said(abstained="The item is too long for the model.")
        if refused.code == FILTERED:
            return Said(abstained="The endpoint refused the item: its content filter.")
        if refused.code == TOO_LONG:
            return Said(abstained="The reply was longer than is read.")
        raise self._because(refused)

    def _because(self, refused: _Refused) -> Exception:
        where, said = self._called, self._clean(refused.said)
        told = f": {said}" if said else "."
        match refused.status:
            case 401 | 403:
                key = f"the key in {self._setting.key}" if self._setting.key else "a request without a key"
                return BadSetting(f"{where} does not take {key} ({refused.status}).")
            case 404:
                return Unreachable(
                    f"{where} was not found (404): the address ends with /v1 for most servers, and 'model' is the server's own "
                    f"name{told}"
                )
            case status if 300 <= status < 400:
                return Unreachable(f"{where} redirects ({status}): give the address that it redirects to.")
        if refused.code == SPENT:
            return Unreachable(f"{where} says that its quota is spent. What it answered before is kept.")
        return Unreachable(f"{where} refuses the request ({refused.status}){told}")

    # ---- one request -------------------------------------------------------------------------------------------------
    def _request(self, shown: list[prompts.Message], n: int) -> _Came | Later:
        """Ask once; a server that knows no schemas, or wants the limit under its newer name, is asked the way it can."""
        strict, limit = self._strict, self._limit_name
        while True:
            try:
                came = self._sent(shown, n, strict=strict, limit=limit)
            except _Refused as refused:
                if refused.status not in {400, 422, 501} or refused.code in {LENGTH, FILTERED, SPENT}:
                    raise
                if limit == "max_tokens" and "max_completion_tokens" in refused.said:
                    limit = "max_completion_tokens"
                elif strict and self._setting.structured == "auto":
                    strict = False
                else:
                    raise
                continue
            if isinstance(came, Later):
                return came
            self._strict, self._limit_name = strict, limit
            return self._read(came, n, shown)

    def _sent(self, shown: list[prompts.Message], n: int, *, strict: bool, limit: str) -> bytes | Later:
        more: dict[str, Any] = {limit: self._setting.max_tokens}
        if n > 1:
            more["n"] = n
        if strict:
            form = {"name": "reply", "strict": True, "schema": self._schema}
            more["response_format"] = {"type": "json_schema", "json_schema": form}
        if self._setting.temperature is not None:
            more["temperature"] = self._setting.temperature
        if self._setting.confidence == "logprobs":
            more["logprobs"] = True
        try:
            reply = self._client.chat.completions.with_raw_response.create(
                model=self._setting.model, messages=shown, **more
            )
            return bytes(reply.content)
        except Exception as error:
            # The client's errors carry the request, so none of them goes on from here.
            found = _lost(error) if isinstance(error, GoldseamError) else _failed(error)
            if isinstance(found, Later):
                return found
            raise found from None

    def _read(self, content: bytes, n: int, shown: list[prompts.Message]) -> _Came:
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            found = None
        choices = found.get("choices") if isinstance(found, dict) else None
        if not isinstance(choices, list):
            raise Unreachable(
                f"{self._origin} did not answer as an OpenAI-compatible endpoint does: no 'choices' in its reply. "
                "The address ends with /v1 for most servers."
            )
        given = [one for one in choices[:n] if isinstance(one, dict)]
        tokens = tuple(_tokens(one) for one in given)
        return [_text(one) for one in given], tokens, self._taken(found.get("usage"), shown, n)

    def _taken(self, said: object, shown: list[prompts.Message], n: int) -> Usage:
        """Return what the endpoint says that it took; where it says nothing, the most that it can have been."""
        if isinstance(said, dict):
            tokens_in, tokens_out = said.get("prompt_tokens"), said.get("completion_tokens")
            if _is_count(tokens_in) and _is_count(tokens_out):
                return self._usage(tokens_in, tokens_out)
        return self._usage(len(json.dumps(shown).encode()) + PER_MESSAGE * len(shown), n * self._setting.max_tokens)

    def _usage(self, tokens_in: int, tokens_out: int) -> Usage:
        return Usage(tokens_in, tokens_out, round(self._setting.money(tokens_in, tokens_out) * MICRO))

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - of a library that is imported late
        """The official client; it takes a second to import, which only those pay who ask a model."""
        try:
            transport = import_module("goldseam.edge.suggesters.transport")
        except ImportError:
            raise MissingExtra("Language models need the official client: pip install 'goldseam[llm]'.") from None
        return transport.client(self._setting.url, self._reach, self._key, self._setting.seconds)


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 40


def _text(choice: dict[str, Any]) -> str | Reply:
    """Return a choice's text, or the abstention that a refusal or a reply cut short is."""
    message = choice.get("message")
    if not isinstance(message, dict):
        return Reply(abstained="The reply holds no message.")
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal:
        return Reply(abstained="The model refused to answer.")
    if choice.get("finish_reason") == FILTERED:
        return Reply(abstained="The endpoint refused the item: its content filter.")
    if choice.get("finish_reason") == "length":
        return Reply(abstained="The reply was cut short: max_tokens is too small for it.")
    text = message.get("content")
    return text if isinstance(text, str) else Reply(abstained="The reply holds no text.")


def _tokens(choice: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    found = choice.get("logprobs")
    listed = found.get("content") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        return ()
    return tuple(
        (one["token"], float(one["logprob"]))
        for one in listed
        if isinstance(one, dict) and isinstance(one.get("token"), str) and isinstance(one.get("logprob"), int | float)
    )


def _lost(error: BaseException) -> Exception | Later:
    """Return what an error of `Reach` means here."""
    if isinstance(error, Unreachable):
        if TOO_LONG in error.message:
            return _Refused(200, TOO_LONG, "")
        return Later(f"cannot be asked ({error.message.rstrip('.')})")
    return error if isinstance(error, GoldseamError) else Later("cannot be reached")


def _failed(error: Exception) -> Exception | Later:
    """Return what an error of the client means here: a status, or a connection that failed."""
    status: Any = getattr(error, "status_code", None)
    if status is None:
        return _lost(error.__cause__ or error)
    body: Any = getattr(error, "body", None)
    told = body if isinstance(body, dict) else {}
    code, said = str(told.get("code") or ""), str(told.get("message") or "")
    if status in PASSES and code != SPENT:
        headers: Any = getattr(error, "response").headers  # noqa: B009 - a class of a library that is imported late
        return Later(f"answered with status {status}", retry_after(headers.get("retry-after"), time.time()))
    return _Refused(status, code, said)
