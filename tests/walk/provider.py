"""An OpenID provider in a process of its own: real HTTP, real signed tokens, and on request a provider that does wrong.

In: JSON at `/control`. Out: what a provider serves: discovery, a page to sign in on, tokens, keys, the way out.
Never: a code that works twice, for another client, another way back or another verifier (unless that is what a test asks for).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import os
import secrets
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
from joserfc import jwk, jwt

CLIENT, SECRET = "goldseam", "a secret: with/odd+letters"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class State:
    """What the provider knows, and what it is told to do wrong."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.codes: dict[str, dict[str, str]] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.wrong: dict[str, Any] = {}
        self.asked: dict[str, int] = {}
        self.keys = [self.new_key()]

    @staticmethod
    def new_key() -> jwk.RSAKey:
        return jwk.RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})

    def document(self) -> dict[str, Any]:
        issuer = self.issuer
        made = {
            "issuer": issuer, "authorization_endpoint": f"{issuer}/authorize", "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks", "end_session_endpoint": f"{issuer}/end",
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        }  # fmt: skip
        return made | self.wrong.get("document", {})

    def id_token(self, given: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": given["user"], "iat": now, "exp": now + 300, "nonce": given["nonce"],
        } | self.people.get(given["user"], {})  # fmt: skip
        claims |= self.wrong.get("claims", {})
        claims = {name: value for name, value in claims.items() if value is not None}
        how = self.wrong.get("sign", "")
        if how == "none":
            return f"{_b64(json.dumps({'alg': 'none'}).encode())}.{_b64(json.dumps(claims).encode())}."
        if how == "public":  # HS256 with what everybody knows
            head = _b64(json.dumps({"alg": "HS256", "kid": self.keys[-1].kid}).encode())
            told = f"{head}.{_b64(json.dumps(claims).encode())}"
            key = self.keys[-1].as_pem(private=False)
            return f"{told}.{_b64(hmac.digest(key, told.encode(), 'sha256'))}"
        key = self.new_key() if how in {"stranger", "own key"} else self.keys[-1]
        header: dict[str, Any] = {"alg": "RS256", "kid": self.keys[-1].kid}
        if how == "own key":  # the token brings the key along that it is to be checked with
            header |= {"jwk": key.as_dict(private=False)}
        return jwt.encode(header, claims, key, algorithms=["RS256"])


class Answering(BaseHTTPRequestHandler):
    """One call."""

    state: State

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer a browser, or Goldseam asking for documents."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        state = self.state
        state.asked[parts.path] = state.asked.get(parts.path, 0) + 1
        if parts.path == "/.well-known/openid-configuration":
            self._json(state.document())
        elif parts.path == "/jwks":
            self._json({"keys": [key.as_dict(private=False) for key in state.keys]} | state.wrong.get("jwks", {}))
        elif parts.path == "/authorize":
            fields = "".join(
                f'<input type="hidden" name="{html.escape(k)}" value="{html.escape(v)}">' for k, v in query.items()
            )
            self._page(
                f'<h1>Provider</h1><form action="/confirm">{fields}<label>Who <input name="user"></label>'
                "<button>Go on</button></form>"
            )
        elif parts.path == "/confirm":
            self._confirm(query)
        elif parts.path == "/end":
            self._page(f"<h1>Goodbye</h1><p>{html.escape(json.dumps(query))}</p>")
        elif parts.path == "/asked":
            self._json(state.asked)
        else:
            self._json({"error": "not found"}, 404)

    def do_POST(self) -> None:
        """Exchange a code, or be told what to do wrong."""
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        if self.path == "/control":
            told = json.loads(body)
            if told.pop("rotate", False):
                self.state.keys = [self.state.new_key()]
            self.state.people |= told.pop("people", {})
            self.state.wrong = told
            self._json({})
        elif self.path == "/token":
            self._token({name: values[0] for name, values in parse_qs(body.decode()).items()})
        else:
            self._json({"error": "not found"}, 404)

    def _confirm(self, query: dict[str, str]) -> None:
        code = secrets.token_urlsafe(16)
        self.state.codes[code] = query
        reply = {"state": query["state"], "iss": self.state.issuer}
        reply |= {"error": "access_denied"} if query["user"] == "nobody" else {"code": code}
        reply |= self.state.wrong.get("reply", {})
        self.send_response(302)
        self.send_header("Location", f"{query['redirect_uri']}?{urlencode({k: v for k, v in reply.items() if v})}")
        self.end_headers()

    def _token(self, sent: dict[str, str]) -> None:
        given = self.state.codes.pop(sent.get("code", ""), None)
        pair = f"{quote(CLIENT, safe='')}:{quote(SECRET, safe='').replace('%20', '+')}"
        said = base64.b64decode(self.headers.get("authorization", "Basic ").split(" ")[1]).decode()
        challenge = _b64(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        fits = given is not None and said == pair and given["redirect_uri"] == sent["redirect_uri"]
        if not fits or given is None or given["code_challenge"] != challenge or given["client_id"] != CLIENT:
            self._json({"error": "invalid_grant"}, 400)
            return
        self._json({"access_token": "opaque", "token_type": "Bearer", "id_token": self.state.id_token(given)})

    def _json(self, plain: object, status: int = 200) -> None:
        self._send(json.dumps(plain).encode(), "application/json", status)

    def _page(self, inside: str) -> None:
        self._send(f"<!doctype html><title>Provider</title>{inside}".encode(), "text/html; charset=utf-8", 200)

    def _send(self, data: bytes, kind: str, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class ProviderProcess:
    """The provider's process, and a line to tell it what to do."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, host], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": ""}
        )
        assert self._process.stdout is not None
        self.issuer = self._process.stdout.readline().strip()
        assert self.issuer, "the provider did not start"

    def tell(self, **told: Any) -> None:
        """Tell it what to do from now on: `people` adds, `rotate` changes the key, all else stands until the next call."""
        httpx.post(f"{self.issuer}/control", json=told, trust_env=False).raise_for_status()

    def asked(self) -> dict[str, int]:
        """Return how often each address was asked for."""
        found: dict[str, int] = httpx.get(f"{self.issuer}/asked", trust_env=False).json()
        return found

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


def main() -> None:
    """Serve on a free port of loopback, and say under which address."""
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    issuer = f"http://{sys.argv[1]}:{listening.server_address[1]}"
    Answering.state = State(issuer)
    print(issuer, flush=True)
    listening.serve_forever()


if __name__ == "__main__":
    main()
