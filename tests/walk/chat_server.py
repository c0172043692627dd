"""A server that speaks the OpenAI protocol, as a process of its own: it answers by a script that a test may change meanwhile.

In: a folder. Out: an address; `asked.jsonl` with every request. Never: a model; what it says follows from the item's words.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

GOOD = ("great", "lovely", "wonderful", "loved")


@dataclass(frozen=True)
class Chat:
    """A running server: where it listens, and what came to it."""

    url: str
    folder: Path

    def says(self, mode: str, **more: Any) -> None:
        """Let it answer otherwise from now on."""
        beside = self.folder / "script.tmp"
        beside.write_text(json.dumps({"mode": mode, **more}))
        beside.rename(self.folder / "script.json")
        (self.folder / "seen").unlink(missing_ok=True)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """Every request, in order: path, headers, body."""
        path = self.folder / "asked.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def forget(self) -> None:
        """Forget what came so far."""
        (self.folder / "asked.jsonl").unlink(missing_ok=True)


@contextmanager
def served(folder: Path) -> Iterator[Chat]:
    """Run the server as a process until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    Chat("", folder).says("right")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.walk.chat_server", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Chat(f"http://127.0.0.1:{int(process.stdout.readline())}/v1", folder)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


# --- the process -----------------------------------------------------------------------------------------------------


def label_of(text: str) -> str:
    return "pos" if any(word in text for word in GOOD) else "neg"


def reply_to(item: str, script: dict[str, Any], model: str) -> str:
    """What the model writes about an item."""
    label = label_of(item)
    if script["mode"] == "by name" and model.startswith("wrong") and sum(item.encode()) % 2:
        label = {"pos": "neg", "neg": "pos"}[label]
    match script["mode"]:
        case "unsure":  # wrong about every fourth item
            number = int(item.rsplit(" ", 1)[1])
            label = label if number % 4 else {"pos": "neg", "neg": "pos"}[label]
        case "prose":
            found = {"reasoning": "words", "abstain": "", "answers": {"mood": label}}
            return f"Of course! Here it is:\n```json\n{json.dumps(found)}\n```"
        case "garbage":
            return "}{ certainly not JSON"
        case "outside":  # what a model that obeys the item might write
            return json.dumps({"reasoning": script["reasoning"], "abstain": "", "answers": script["answers"]})
        case "abstain":
            return json.dumps({"reasoning": "", "abstain": "cannot tell", "answers": {"mood": "neg"}})
    return json.dumps({"reasoning": f"it reads {label}", "abstain": "", "answers": {"mood": label}})


class Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
        told = {"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}, "body": body}
        with (self.folder / "asked.jsonl").open("a") as log:
            log.write(json.dumps(told) + "\n")
        script = json.loads((self.folder / "script.json").read_text())
        seen = self.folder / "seen"
        n_seen = len(seen.read_text()) if seen.exists() else 0
        seen.write_text("." * (n_seen + 1))
        if n_seen < script.get("fails", 0):
            self._send(script["status"], {"error": {"message": script.get("error", "no"), "code": script.get("code")}},
                       script.get("headers", {}))  # fmt: skip
            return
        time.sleep(script.get("sleep", 0))
        if script["mode"] == "no schemas" and "response_format" in body:
            self._send(400, {"error": {"message": "response_format is not supported", "code": None}})
        elif script["mode"] == "huge":
            self._send(200, {"choices": [], "pad": "x" * (5 << 20)})
        elif script["mode"] == "not the protocol":
            self._send(200, "<html>It works!</html>")
        elif script["mode"] == "echo the key":
            key = self.headers.get("authorization", "")
            self._send(400, {"error": {"message": f"bad request with {key}", "code": None}})
        else:
            self._send(200, self._completion(body, script))

    def _completion(self, body: dict[str, Any], script: dict[str, Any]) -> dict[str, Any]:
        content = body["messages"][-1]["content"]
        shown = content if isinstance(content, str) else content[0]["text"]
        text = reply_to(json.loads(shown)["item"], script, body["model"])
        choice: dict[str, Any] = {
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": "stop",
        }
        if script["mode"] == "refuse":
            choice["message"] = {"role": "assistant", "content": None, "refusal": "I will not"}
        if body.get("logprobs"):
            choice["logprobs"] = {"content": [{"token": c, "logprob": -0.01} for c in text]}
        n = 1 if script["mode"] == "one at a time" else body.get("n", 1)
        found: dict[str, Any] = {"id": "x", "object": "chat.completion", "choices": [choice] * n}
        if not script.get("no_usage"):
            found["usage"] = {"prompt_tokens": 100, "completion_tokens": 20 * n, "total_tokens": 100 + 20 * n}
        return found

    def _send(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "content-type": "application/json",
            "content-length": str(len(data)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_words: object) -> None:
        pass


def run(folder: Path) -> None:
    Asked.folder = folder
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    run(Path(sys.argv[1]))
