"""A folder of texts to mark: sentences that are hard to count, newspaper with crowd labels where the data is there, long ones.

In: an empty folder. Out: a project folder whose first project asks for spans. Never: a text that no test looks at.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from goldseam.edge.project import open_project
from goldseam.edge.runner import projects
from goldseam.flow.settings import settings_from_plain
from tests.browser.house import House
from tests.conftest import ROOT

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
ACUTE = "e\u0301"
PLAIN = "Ada Lovelace met Charles Babbage in London. London was loud, and Ada liked London."
ASTRAL = f"\N{GRINNING FACE} Rene{ACUTE} lives in \N{MATHEMATICAL BOLD CAPITAL A}\N{MATHEMATICAL BOLD CAPITAL B} with {FAMILY} near Paris \N{THUMBS UP SIGN}\U0001f3fd today."
HEBREW = "\u05d3\u05d5\u05d3 \u05d1\u05df \u05d2\u05d5\u05e8\u05d9\u05d5\u05df \u05d2\u05e8 \u05d1\u05ea\u05dc \u05d0\u05d1\u05d9\u05d1, not in Haifa."
NESTED = "The University of Cambridge in England gave Alan Turing a desk."
HOSTILE = "<img src=x onerror=window.hit=1> was written by <b>Mallory</b> in <script>window.hit=2</script> Rome."

LABELS = (
    {"name": "PER", "title": "Person", "definition": "A human being by name, real or made up."},
    {"name": "LOC", "title": "Place", "definition": "A country, town, river or region by name."},
    {"name": "ORG", "title": "Organization", "definition": "A company, party, club or institution by name."},
    {"name": "MISC", "title": "Other name"},
)
RELATIONS = (
    {"name": "in", "title": "is in", "heads": ["ORG", "LOC", "PER"], "tails": ["LOC"]},
    {"name": "knows", "title": "knows", "directed": False},
)
FIRST = {"name": "language", "prompt": "Can you read it?", "labels": ["yes", "no"]}
"""The loop follows a choice: it comes first."""
CONLL = ROOT.parent / "shared" / "data" / "crowd" / "conll_ner_crowd" / "tokens_gold.csv.gz"


def plain(
    name: str, path: str, overlap: str = "none", *, relations: bool = False, batch: int = 50
) -> dict[str, object]:
    """Return the settings of a project that asks for names in texts."""
    question: dict[str, object] = {
        "name": "names",
        "kind": "span",
        "prompt": "Mark every name.",
        "labels": list(LABELS),
    }
    question |= {"overlap": overlap} | ({"relations": list(RELATIONS)} if relations else {})
    return {
        "name": name,
        "schema": {"questions": [FIRST, question]},
        "guideline": {
            "text": "Mark the *whole* name, without titles.\n\n- A town that stands for its team is an organization."
        },
        "source": {"text": "text", "max_chars": 1_000_000},
        "sources": [{"path": path}],
        "sample": {"strategy": "random", "batch": batch},
        "route": {"redundancy": 1},
        "prelabel": {"suggester": "none"},
        "annotate": {"prefetch": 2},
    }


def news(count: int = 12) -> list[str]:
    """Return newspaper sentences, or plain ones where the data is not there."""
    if not CONLL.is_file():
        return [f"Report {n}: Germany beat Japan in Tokyo, said Anna Berg of Reuters." for n in range(count)]
    return [" ".join(tokens) for tokens in _sentences() if len(tokens) > 12][:count]


def _sentences() -> Iterator[list[str]]:
    with gzip.open(CONLL, "rt", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        held, tokens = "", list[str]()
        for row in rows:
            sentence = f"{row['doc']} {row['sent']}"
            if sentence != held and tokens:
                yield tokens
                tokens = []
            held = sentence
            tokens.append(row["token"])
        if tokens:
            yield tokens


def long_text(n_chars: int) -> str:
    """Return paragraphs with a name in every sentence, of this many characters."""
    sentence = "In spring Berlin was quiet, and Maria Koch went by train to see the harbor of Genoa once more. "
    paragraph = sentence * 4
    lines = n_chars // (len(paragraph) + 1) + 1
    return "\n".join(f"{n} {paragraph}" for n in range(lines))[:n_chars]


def write(path: Path, texts: Sequence[str]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "text"])
        writer.writerows([f"k{n}", text] for n, text in enumerate(texts))


PROJECTS = {
    "plain": ([PLAIN], "none", False),
    "astral": ([ASTRAL], "none", False),
    "hebrew": ([HEBREW], "none", False),
    "hostile": ([HOSTILE], "none", False),
    "keys": ([PLAIN], "none", False),
    "suggested": ([PLAIN], "none", False),
    "none": ([PLAIN], "none", False),
    "nested": ([NESTED], "any", True),
    "shown": ([f"{NESTED} Copy {n}." for n in range(30)], "any", True),
    "million": ([long_text(1_000_000)], "any", False),
    "dense": ([long_text(500_000)], "any", False),
}
"""Projects by name: their texts, how spans may overlap, and whether they can be joined."""


def build_spans(folder: Path) -> House:
    """Make the folder, with every project waiting for its first answer."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "news.csv", news())
    (folder / "goldseam.yaml").write_text(json.dumps(plain("news", "news.csv")), encoding="utf-8")
    with open_project(folder) as project:
        for _ in project.run():
            pass
    house = House(folder)
    for name, (texts, overlap, relations) in PROJECTS.items():
        write(folder / f"{name}.csv", texts)
        settings = settings_from_plain(plain(name, f"{name}.csv", overlap, relations=relations))
        projects.apply(house.world, settings, house.digits.me)
        house.run(name)
    return house
