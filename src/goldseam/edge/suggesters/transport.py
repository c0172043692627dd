"""Transport: the official client's requests, carried by `Reach`: judged addresses, no redirects, replies of bounded length.

In: requests of the client. Out: responses. Never: a header beyond those that an endpoint needs, such as what the client tells
about this machine, or names of organizations from the environment.
"""

from __future__ import annotations

import httpx2
import openai

from goldseam.edge.reach import Reach

MAX_REPLY = 4 << 20
NEEDED = frozenset({"accept", "content-type"})


class ReachTransport(httpx2.BaseTransport):
    """Carries one client's requests; `key` is empty for an endpoint that wants none."""

    def __init__(self, reach: Reach, key: str, seconds: float) -> None:
        self._reach = reach
        self._key = key
        self._seconds = seconds

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Make one request and return the whole response."""
        headers = {name: value for name, value in request.headers.items() if name.lower() in NEEDED}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        reply = self._reach.request(
            request.method,
            str(request.url),
            content=request.read(),
            headers=headers,
            max_bytes=MAX_REPLY,
            timeout=self._seconds,
            redirects=0,
        )
        kept = {name: value for name, value in reply.headers.items() if name in {"content-type", "retry-after"}}
        return httpx2.Response(reply.status, headers=kept, content=reply.content, request=request)


def client(url: str, reach: Reach, key: str, seconds: float) -> openai.OpenAI:
    """Return the official client; it does not know the key, so no error of it can hold it."""
    carried = httpx2.Client(transport=ReachTransport(reach, key, seconds), trust_env=False)
    return openai.OpenAI(api_key="none", base_url=url, max_retries=0, timeout=seconds, http_client=carried)
