"""A project that asks for spans: what people settled in a round is suggested in the next, and waits for them like any suggestion."""

from __future__ import annotations

from pathlib import Path

from goldseam.edge.project import Project
from goldseam.flow.plan import Verb
from goldseam.vocab.marks import Span, Spans
from goldseam.vocab.names import LabelName
from tests.walk import small

WHO = LabelName("who")
NAMES = ("Ada", "Grace Hopper", "Bo Li")


def text_of(n: int) -> str:
    return f"on day {n} {NAMES[n % 3]} laughed" if n % 5 else f"on day {n} it rained"


def right(text: str) -> Spans:
    name = next((one for one in NAMES if one in text), None)
    return Spans(()) if name is None else Spans((Span(text.index(name), text.index(name) + len(name), WHO),))


def answer_all(project: Project) -> dict[str, Spans | None]:
    """Answer everything, rightly; return what was suggested, by text."""
    seen: dict[str, Spans | None] = {}
    while offers := project.lease(20).offers:
        for offer in offers:
            answer = None if offer.suggestion is None else offer.suggestion.answer
            seen[offer.item.content] = answer if isinstance(answer, Spans) else None
        project.submit([small.submission(project, one, right(one.item.content)) for one in offers])
    return seen


def test_settled_spans_teach_what_the_next_round_suggests(tmp_path: Path) -> None:
    small.write_project(
        tmp_path,
        schema={"questions": [{"name": "people", "kind": "span", "labels": [WHO]}]},
        sample={"strategy": "random", "batch": 15},
        prelabel={"min_labels": 8, "blind_share": 0.0},
    )
    small.write_rows(tmp_path / "items.csv", ["key", "text"], [[f"k{n}", text_of(n)] for n in range(30)])
    with small.opened(tmp_path) as project:
        small.run(project)
        assert set(answer_all(project).values()) == {None}, "nothing was settled yet"
        small.run(project)
        assert small.waits_for(project) is Verb.COLLECT
        assert project.facts.round == 2
        second = answer_all(project)
        for text, shown in second.items():
            assert shown == (right(text) if right(text).spans else None), "no suggestion that there is nothing"
        small.run(project)
        assert project.verify() == ()
