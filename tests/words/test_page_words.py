"""What the page says of every kind of entry and of every setting: a new one without words here fails."""

from __future__ import annotations

import dataclasses
import re
import typing

from goldseam.flow.settings import Settings
from goldseam.ledger.entries import EntryKind
from tests.conftest import ROOT

WORDS = ROOT / "web" / "src" / "lib" / "project"


def keys_of(name: str, table: str) -> set[str]:
    """The keys of a table of words in the page's sources."""
    text = (WORDS / name).read_text(encoding="utf-8")
    body = text.split(f"const {table} = {{", 1)[1].split("\n} as const;", 1)[0]
    return set(re.findall(r"^\s+'?([\w.]+)'?: ", body, re.MULTILINE))


def test_every_kind_of_entry_is_said_in_plain_words() -> None:
    kinds = {kind.value for kind in EntryKind}
    assert kinds - keys_of("ledger.ts", "DID") == set(), "say in web/src/lib/project/ledger.ts what such an entry tells"


def test_every_setting_says_on_the_page_what_it_does() -> None:
    settings = set()
    for top, hint in typing.get_type_hints(Settings).items():
        below = dataclasses.fields(hint) if dataclasses.is_dataclass(hint) else ()
        settings |= {f"{top}.{one.name}" for one in below} or {top}
    settings -= {one for one in settings if one.partition(".")[0] in {"name", "schema", "guideline"}}
    assert settings - keys_of("settings.ts", "HELP") == set(), "say in web/src/lib/project/settings.ts what it does"
