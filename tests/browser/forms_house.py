"""A folder of items to answer questions about: one small project a kind of question, with contents as people have them.

In: an empty folder. Out: a project folder whose projects wait for their first answers. Never: a text that no test looks at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from goldseam.edge.project import open_project
from goldseam.edge.runner import projects
from goldseam.flow.settings import settings_from_plain
from tests.browser.house import House

Plain = dict[str, Any]
FIRST: Plain = {"name": "readable", "prompt": "Can you read it?", "labels": ["yes", "no"]}
"""The loop follows a choice: it comes first."""
LETTER = "Dear Ms. Okafor, the pump at Kisumu drew 12.5 kW on 3 May 2024. Invoice 88-104 over 1,250.00 EUR is paid. Regards, J. Lind"
CODE = (
    "def median(values):\n    ordered = sorted(values)\n    half = len(ordered) // 2\n    if len(ordered) % 2:\n"
    "        return ordered[half]\n    return (ordered[half - 1] + ordered[half]) / 2  # the mean of the two in the middle, as everybody expects\n"
)
CHAT = [
    {"role": "system", "text": "You answer in at most three sentences."},
    {"role": "user", "text": "How do I reverse a list in Python, *without* changing it?"},
    {"role": "assistant", "text": "Use a slice:\n\n```python\nback = items[::-1]\n```\n\nIt makes a **new** list."},
    {"role": "user", "text": "And lazily?"},
    {"role": "assistant", "text": "`reversed(items)` returns an iterator; nothing is copied."},
]
ASKED = {
    "prompt": "Explain in one sentence why the sky is blue.",
    "candidates": [
        "Air scatters short waves of light more than long ones, so that blue reaches us from everywhere.",
        "Because the sea is blue, and the sky is its **mirror**.",
        "- light comes in\n- air scatters it\n- blue most of all",
    ],
}
PAIR = ASKED | {"candidates": ASKED["candidates"][:2]}
TABLE = {
    "columns": ["station", "year", "rain_mm", "open"],
    "rows": [[f"Station {n}", 1990 + n % 30, round(400 + n * 1.37, 2), n % 3 != 0] for n in range(5_000)],
}
RECORD = {"columns": ["name", "city", "phone", "since"], "rows": [["Lind & Sons", "Århus", None, 1978]]}
PAGE = (
    "<h1>Harbor news</h1><p>The <b>late ferry</b> is back, says <a href='https://example.org/ferry'>the office</a>.</p>"
    "<table><tr><th>Line</th><th>From</th></tr><tr><td>7</td><td>09:30</td></tr></table>"
)
ATTACKS = (
    "<script>parent.hit=1;alert(1)</script><img src=x onerror='parent.hit=2'><svg onload='parent.hit=3'></svg>"
    "<a href='javascript:parent.hit=4' id=press>press</a><form action='http://elsewhere.invalid/f'><input name=q><button>send</button></form>"
    "<meta http-equiv=refresh content='0;url=http://elsewhere.invalid/m'><base href='http://elsewhere.invalid/'>"
    "<style>@import url(http://elsewhere.invalid/c);p{background:url(http://elsewhere.invalid/s)}</style>"
    "<p style='background:url(http://elsewhere.invalid/i)'>still readable</p><img src='http://elsewhere.invalid/p.gif'>"
    "<iframe srcdoc='<script>top.hit=5</script>'></iframe><link rel=stylesheet href='http://elsewhere.invalid/l.css'>"
    "<video poster='http://elsewhere.invalid/v'></video><object data='http://elsewhere.invalid/o'></object>"
)
TREE = (
    [f"animal/mammal/{name}" for name in ("dog", "cat", "otter", "sea lion", "lion")]
    + ["animal/bird/heron", "animal/bird/gull"]
    + [f"plant/family {n // 60}/species {n}" for n in range(2_990)]
    + ["mineral", "mineral/quartz", "mineral/salt"]
)

Case = tuple[str, Sequence[object], Mapping[str, Any] | Sequence[Mapping[str, Any]]]
PROJECTS: dict[str, Case] = {
    "choices": ("text", [LETTER], {"kind": "choices", "labels": ["name", "place", "money", "date"], "at_least": 1}),
    "taxonomy": ("text", ["An otter eats a crab on the pier."], {"kind": "taxonomy", "labels": TREE, "leaf_only": True}),
    "paths": ("text", ["Salt and quartz."], {"kind": "taxonomy", "labels": TREE, "at_most": 4}),
    "rating": ("text", [CODE], {"kind": "rating", "maximum": 7, "low_title": "unreadable", "high_title": "a joy"}),
    "number": ("text", [LETTER], {"kind": "number", "minimum": 0, "maximum": 100, "step": 0.5, "unit": "kW"}),
    "date": ("text", [LETTER], {"kind": "date", "earliest": "2000-01-01"}),
    "text": ("text", [LETTER], {"kind": "text", "max_length": 300}),
    "preference": ("candidates", [PAIR], {"kind": "preference"}),
    "strength": ("candidates", [PAIR], {"kind": "preference", "strengths": 3}),
    "ranking": ("candidates", [ASKED], {"kind": "ranking"}),
    "best": ("candidates", [ASKED], {"kind": "best"}),
    "rubric": ("chat", [CHAT], {"kind": "rubric", "turns": "assistant", "criteria": [
        {"name": "correct", "low_title": "wrong", "high_title": "right"},
        {"name": "brief", "maximum": 3, "help": "Says no more than was asked."},
    ]}),
    "fields": ("text", [LETTER], {"kind": "key_values", "keys": [
        {"name": "total", "kind": "number", "required": True}, {"name": "sent", "kind": "date"},
        {"name": "paid", "kind": "flag"}, {"name": "currency", "kind": "choice", "labels": ["EUR", "USD"]},
        {"name": "names", "kind": "text", "several": True, "help": "Everybody named in it."},
    ]}),
    "table": ("table", [TABLE], {"kind": "rating"}),
    "record": ("table", [RECORD], {"kind": "rating"}),
    "page": ("html", [PAGE], {"kind": "rating"}),
    "attacks": ("html", [ATTACKS], {"kind": "rating"}),
    "tree": ("text", [f"{LETTER} Copy {n}." for n in range(3)], [
        {"name": "kind", "prompt": "What is it?", "labels": ["letter", "list", "poem"]},
        {"name": "about", "kind": "choices", "prompt": "What is it about?", "labels": ["money", "machines"],
         "ask_if": {"question": "kind", "labels": ["letter"]}},
        {"name": "tone", "kind": "rating", "prompt": "How kind is it?", "ask_if": {"question": "about", "labels": ["money"]}},
        {"name": "note", "kind": "text", "prompt": "Anything else?", "required": False, "lines": 1},
    ]),
}  # fmt: skip
"""Projects by name: what their items are, their contents, and the question; or all questions, instead of the first and it."""


def plain(name: str) -> Plain:
    """Return the settings of a project."""
    modality, _, asked = PROJECTS[name]
    questions = (
        list(asked)
        if not isinstance(asked, Mapping)
        else [FIRST, {"name": "q", "prompt": PROMPTS.get(name, "Look closely: what is it?")} | dict(asked)]
    )
    return {
        "name": name,
        "schema": {"questions": questions},
        "guideline": {"text": "Answer what the item *says*."},
        "source": {"kind": modality, "text": "content", "max_chars": 1_000_000},
        "sources": [{"path": f"{name}.jsonl"}],
        "sample": {"strategy": "random", "batch": 50},
        "route": {"redundancy": 20},
        "prelabel": {"suggester": "none"},
        "annotate": {"prefetch": 2},
    }


PROMPTS = {
    "choices": "What does the letter name?",
    "taxonomy": "Which living thing is it about?",
    "rating": "How readable is this code?",
    "number": "How much power did the pump draw?",
    "date": "When was that?",
    "text": "Say it in one sentence.",
    "preference": "Which explanation is better?",
    "strength": "Which explanation is better, and by how much?",
    "ranking": "Rank the explanations.",
    "best": "Which explanation is the best?",
    "rubric": "Grade what the assistant says.",
    "fields": "Fill in what the letter says.",
}


def build_forms(folder: Path, names: Sequence[str] = tuple(PROJECTS)) -> House:
    """Make the folder, with every project waiting for its first answer."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        lines = [json.dumps({"id": f"i{n}", "content": content}) for n, content in enumerate(PROJECTS[name][1])]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "goldseam.yaml").write_text(json.dumps(plain(names[0])), encoding="utf-8")
    with open_project(folder) as project:
        for _ in project.run():
            pass
    house = House(folder)
    for name in names[1:]:
        projects.apply(house.world, settings_from_plain(plain(name)), house.digits.me)
        house.run(name)
    return house
