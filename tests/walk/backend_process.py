"""A Label Studio ML backend as a process of its own: made with their SDK where that is installed, else of the recorded protocol.

In: a folder, which of the two. Out: an address; `asked.jsonl` with every request. Never: a model; it goes by the text's words.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
SDK = "GOLDSEAM_ML_BACKEND_PYTHON"
"""Names the Python of an environment that has label-studio-ml: its old versions of other packages fit no other."""
GOOD = ("great", "lovely", "wonderful", "loved")


class Backend:
    """A running backend: where it listens, and what came to it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder

    def says(self, mode: str, **more: Any) -> None:
        """Let it answer otherwise from now on."""
        beside = self.folder / "script.tmp"
        beside.write_text(json.dumps({"mode": mode, **more}))
        beside.rename(self.folder / "script.json")

    @property
    def asked(self) -> list[dict[str, Any]]:
        """Every request, in order."""
        path = self.folder / "asked.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def forget(self) -> None:
        """Forget what came so far."""
        (self.folder / "asked.jsonl").unlink(missing_ok=True)


@contextmanager
def served(folder: Path, python: str = "") -> Iterator[Backend]:
    """Run a backend as a process until the end of the block; with another Python, one made with the SDK."""
    folder.mkdir(parents=True, exist_ok=True)
    Backend("", folder).says("right")
    kind = "sdk" if python else "plain"
    process = subprocess.Popen(
        [python or sys.executable, str(HERE), kind, str(folder)], stdout=subprocess.PIPE, text=True, cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        stderr=(folder / "errors.txt").open("w"),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.strip().isdigit(), (folder / "errors.txt").read_text()[-2_000:]
        yield Backend(f"http://127.0.0.1:{int(line)}", folder)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


# --- the process: nothing of ours from here on ----------------------------------------------------------------------------


def predicted(task: dict[str, Any]) -> dict[str, Any]:
    """What a backend predicts for a text."""
    label = "pos" if any(word in task["data"].get("text", "") for word in GOOD) else "neg"
    region = {"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": [label]}}
    return {"result": [region], "score": 0.8, "model_version": "m-1"}


class Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers.get("content-length", 0)))))

    def _answer(self, body: Any) -> None:
        told = {
            "method": self.command,
            "path": self.path,
            "headers": {k.lower(): v for k, v in self.headers.items()},
            "body": body,
        }
        with (self.folder / "asked.jsonl").open("a") as log:
            log.write(json.dumps(told) + "\n")
        script = json.loads((self.folder / "script.json").read_text())
        mode = script["mode"]
        time.sleep(script.get("sleep", 0))
        if mode == "status":
            self._send(script["status"], {"error": "no"})
        elif self.path == "/health":
            self._send(
                200, "<html>It works!</html>" if mode == "no backend" else {"status": "UP", "model_class": "Plain"}
            )
        elif self.path == "/setup":
            self._send(200, {"model_version": script.get("version", "m-1")})
        elif mode == "html":
            self._send(200, "<html>500</html>")
        elif mode == "results":
            self._send(200, {"results": script["results"]})
        elif mode == "huge":
            self._send(200, {"results": ["x" * (33 << 20)]})
        elif mode == "one of many" and len(body["tasks"]) > 1:
            self._send(200, {"results": [predicted(body["tasks"][0])]})
        else:
            self._send(200, {"results": [predicted(task) for task in body["tasks"]]})

    def _send(self, status: int, body: object) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_words: object) -> None:
        pass


def run_plain(folder: Path) -> None:
    Asked.folder = folder
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def run_sdk(folder: Path) -> None:
    from flask import request
    from label_studio_ml.api import init_app
    from label_studio_ml.model import LabelStudioMLBase
    from werkzeug.serving import make_server

    class Words(LabelStudioMLBase):  # type: ignore[misc]  # the library has no hints
        def predict(self, tasks: list[dict[str, Any]], **_more: Any) -> list[dict[str, Any]]:
            # The control and the object as the SDK parsed them from the label config that it was sent.
            ((name, control),) = self.parsed_label_config.items()
            found = [predicted(task) for task in tasks]
            for one in found:
                one["result"][0].update(from_name=name, to_name=control["to_name"][0])
            return found

    app = init_app(Words, model_dir=str(folder))

    @app.before_request
    def note() -> None:
        told = {"method": request.method, "path": request.path, "headers": {}, "body": request.get_json(silent=True)}
        with (folder / "asked.jsonl").open("a") as log:
            log.write(json.dumps(told) + "\n")

    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    {"plain": run_plain, "sdk": run_sdk}[sys.argv[1]](Path(sys.argv[2]))
