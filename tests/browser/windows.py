"""Windows of one Chromium, handed out again once they are empty: a new one costs more than most tests.

In: what a window should look like. Out: a context with one empty page: no cookie, nothing stored, no route, a connection.
Never: a window that was changed in a way that cannot be undone, or one with the page's service worker, for a second test.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, expect

WAIT_MS = 20_000
"""Long, for a loaded machine; what comes is not waited for any longer than it takes."""
expect.set_options(timeout=WAIT_MS)
LOOK: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 860},
    "reduced_motion": "reduce",
    "color_scheme": "light",
    # It fetches the whole page ahead, a second of work in each new window; tests without a connection allow it.
    "service_workers": "block",
}


@dataclass(frozen=True)
class Window:
    """A context with one page, and what it was opened with."""

    context: BrowserContext
    options: dict[str, Any]

    @property
    def again(self) -> bool:
        """Whether it may be emptied and handed out again."""
        plain = self.options.keys() <= LOOK.keys() | {"has_touch", "is_mobile", "locale"}
        return plain and self.options["service_workers"] == "block" and len(self.context.pages) == 1


class Windows:
    """Those that are free, by what they look like."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[Window]] = {}

    def open(self, options: dict[str, Any]) -> Window:
        """Return an empty window of this look."""
        options = LOOK | options
        free = self._free.get(json.dumps(options, sort_keys=True))
        if free:
            return free.pop()
        context = self._browser.new_context(**options)
        context.set_default_timeout(WAIT_MS)
        return Window(context, options)

    def take_back(self, window: Window, origin: str) -> None:
        """Empty a window for the next test, or close it."""
        if not window.again:
            window.context.close()
            return
        try:
            self._empty(window, origin)
        except Error:  # its page crashed, or hangs
            window.context.close()
        else:
            self._free.setdefault(json.dumps(window.options, sort_keys=True), []).append(window)

    def _empty(self, window: Window, origin: str) -> None:
        context, (page,) = window.context, window.context.pages
        context.unroute_all(behavior="ignoreErrors")
        page.unroute_all(behavior="ignoreErrors")
        context.set_offline(False)
        if page.url.startswith(origin):
            page.evaluate("sessionStorage.clear()")
        page.goto("about:blank")
        wire = context.new_cdp_session(page)
        wire.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        wire.detach()
        context.clear_cookies()
        context.clear_permissions()
        page.set_viewport_size(window.options["viewport"])
        page.emulate_media(color_scheme=window.options["color_scheme"], reduced_motion=window.options["reduced_motion"])
