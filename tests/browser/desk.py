"""A person at the page: a browser window of their own, what they press, and what went wrong in it unseen.

In: a Chromium, the server's address, somebody's sign-in code. Out: what is on screen, what the server has of them.
Never: a wait for a fixed time where something can be waited for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Request,
    Response,
    WebError,
    expect,
)

ITEM = "article[data-item]"
LISTEN = """
addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""
BLOCKED = "Service Worker registration blocked by Playwright"
AWAY = r"ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_FAILED"
"""What a browser says of calls without a server; the last one of those that went through the page's service worker."""


class Watch:
    """What a browser says that nobody sees: errors, dialogs, breaches of the policy, calls to elsewhere."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = origin
        self.found: list[str] = []
        self.calls: list[str] = []
        self._expected: list[str] = []
        self._heard = {
            "console": self._hear,
            "weberror": self._note,
            "dialog": self._dismiss,
            "request": self._follow,
            "response": self._weigh,
        }
        if not context.pages:
            context.add_init_script(LISTEN)
        for event, hear in self._heard.items():
            context.on(event, hear)  # type: ignore[call-overload]  # a table of events

    def leave(self, context: BrowserContext) -> None:
        """Listen no more: somebody else's window begins here."""
        for event, hear in self._heard.items():
            context.remove_listener(event, hear)

    def expect(self, pattern: str) -> None:
        """Take findings of this form as part of the story."""
        self._expected.append(pattern)

    @property
    def unexpected(self) -> list[str]:
        return [line for line in self.found if not any(re.search(one, line) for one in self._expected)]

    def _note(self, error: WebError) -> None:
        self.found.append(f"error: {error.error}")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"} and BLOCKED not in message.text:
            self.found.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _dismiss(self, dialog: Dialog) -> None:
        self.found.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _follow(self, request: Request) -> None:
        self.calls.append(request.url)
        if not request.url.startswith((f"{self.origin}/", "blob:", "data:")):
            self.found.append(f"left the origin: {request.url}")

    def _weigh(self, response: Response) -> None:
        if response.status >= 500:
            self.found.append(f"status {response.status}: {response.url}")


class Desk:
    """One person's window."""

    def __init__(self, context: BrowserContext, origin: str, project: str) -> None:
        self.context = context
        self.watch = Watch(context, origin)
        self.origin = origin
        self.project = project
        self.page: Page = context.pages[0] if context.pages else context.new_page()

    def enter(self, code: str) -> None:
        """Sign in without the form."""
        reply = self.context.request.post(
            f"{self.origin}/api/session", data={"code": code}, headers={"X-Goldseam": "1"}
        )
        assert reply.ok, reply.text()

    def open(self, path: str = "", wait_for: str = "main :is(h1, h2)") -> None:
        """Open a page of the project, and wait until it has something to show."""
        self.page.goto(f"{self.origin}/p/{self.project}{path}")
        self.page.locator(wait_for).first.wait_for()

    def annotate(self) -> None:
        """Open the page to label on, with its first item."""
        self.open("/annotate", ITEM)
        # Dialogs are fetched after the first item: a key pressed before that waits for the server.
        self.page.wait_for_load_state("networkidle")

    @property
    def item(self) -> str | None:
        """The id of the item on screen."""
        found = self.page.locator(ITEM)
        return found.get_attribute("data-item") if found.count() else None

    def shown(self) -> str | None:
        """Wait for the next item, and return its id; None once the page says that there is none."""
        # A robot answers faster than a server fills the queue: it waits for the next item, as anybody would.
        self.page.locator(f"{ITEM}, .rest .acts, .rest a").first.wait_for()
        return self.item

    @property
    def suggestion(self) -> str | None:
        """The label that is suggested for the item on screen."""
        found = self.page.locator(".gs-proposal strong")
        return found.text_content() if found.count() else None

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def answer(self, *keys: str) -> str:
        """Press keys that answer the item on screen, wait for the next, and return the item's id."""
        before = self.shown()
        assert before is not None, f"no item is on screen: {self.page.locator('main').inner_text()}"
        self.press(*keys)
        self.changes_from(before)
        return before

    def changes_from(self, before: str) -> None:
        """Wait until another item is on screen, or none."""
        self.page.wait_for_function(
            "([where, before]) => document.querySelector(where)?.dataset.item !== before", arg=[ITEM, before]
        )

    def outbox(self, words: str | re.Pattern[str]) -> None:
        """Wait until the outbox in the header says this."""
        expect(self.page.locator("header [data-tone]")).to_contain_text(words, timeout=40_000)

    def all_sent(self) -> None:
        """Wait until the server has everything."""
        self.outbox("all sent")

    def get(self, path: str) -> Any:
        """Ask the server, as this person."""
        reply = self.context.request.get(f"{self.origin}/api/projects/{self.project}{path}")
        assert reply.ok, reply.text()
        return reply.json()

    def given(self) -> list[tuple[str, str]]:
        """What the server has of this person and was not taken back: item and label, oldest first."""
        kept = self.get("/history?limit=500")
        return [(one["item"], one["answer"].get("label", "")) for one in reversed(kept) if not one["withdrawn"]]

    def close(self) -> None:
        """Close the dialog by key, and wait until the page has taken note: a closed one is gone from the document."""
        self.press("Escape")
        self.page.locator("dialog").wait_for(state="detached")

    def dialog(self, title: str) -> Locator:
        return self.page.get_by_role("dialog", name=title)

    def fits(self) -> bool:
        """Whether everything on this page is on screen, without scrolling."""
        fits: bool = self.page.evaluate(
            "document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth"
        )
        return fits


OpenDesk = Callable[..., Desk]
