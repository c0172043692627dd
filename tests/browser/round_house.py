"""Projects that an answer travels between: drawn in one, released, exported, and suggested in another that holds the same item.

In: an empty folder. Out: a project with one item for every kind of mark, and copies of it to confirm in. Never: an answer written
past the page, the export or the import.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from goldseam.edge.project import open_project
from goldseam.edge.runner import people, projects, release
from goldseam.edge.runner.people import Principal
from goldseam.edge.runner.suggested_file import Suggested, suggest_file
from goldseam.flow.settings import settings_from_plain
from goldseam.vocab.people import Act
from tests.browser.house import House
from tests.browser.shapes_house import LABELS, PHOTOS, SKELETON
from tests.browser.spans_house import ASTRAL, HEBREW, NESTED, RELATIONS, write
from tests.browser.spans_house import LABELS as NAMES

TEXT = f"{ASTRAL}\n{HEBREW}\n{NESTED}"
ENDINGS = {"jsonl": ".jsonl", "parquet": ".parquet", "spacy": ".jsonl", "conll": ".conll"}
"""Of the forms that are no JSON in one piece."""
KINDS: Mapping[str, Mapping[str, object]] = {
    "span": {"labels": list(NAMES), "overlap": "any", "relations": list(RELATIONS)},
    "box": {"labels": list(LABELS)},
    "ellipse": {"labels": list(LABELS)},
    "polygon": {"labels": list(LABELS)},
    "mask": {"labels": list(LABELS)},
    "keypoints": {"labels": list(LABELS), "skeleton": SKELETON},
}


def plain(kind: str, name: str) -> dict[str, object]:
    """Return the settings of a project that asks for marks of one kind, and for nothing else."""
    is_text = kind == "span"
    return {
        "name": name,
        "schema": {"questions": [{"name": "marks", "kind": kind, "prompt": "Mark everything.", **KINDS[kind]}]},
        "guideline": {"text": "Mark what you see."},
        "source": {"text": "text"} if is_text else {"kind": "image"},
        "sources": [{"path": "text.csv" if is_text else "photos"}],
        "sample": {"strategy": "random", "batch": 1},
        "route": {"redundancy": 1},
        "prelabel": {"suggester": "none", "blind_share": 0.0},
        "adjudicate": {"escalate_below": 0},
        "annotate": {"prefetch": 1},
    }


def build(folder: Path) -> House:
    """Make the folder: a text and a photo, and a project for each kind of mark."""
    (folder / "photos").mkdir(parents=True)
    (folder / "photos" / "flower.jpg").write_bytes((PHOTOS / "flower.jpg").read_bytes())
    write(folder / "text.csv", [TEXT])
    first, *others = KINDS
    (folder / "goldseam.yaml").write_text(json.dumps(plain(first, first)), encoding="utf-8")
    with open_project(folder) as project:
        for _ in project.run():
            pass
    house = House(folder)
    for kind in others:
        add(house, kind, kind)
    return house


def add(house: House, kind: str, name: str) -> None:
    projects.apply(house.world, settings_from_plain(plain(kind, name)), house.digits.me)
    house.run(name)


def exported(house: House, kind: str, form: str) -> Path:
    """Let the loop publish what was drawn, if it has not yet, and write the release in this form."""
    house.run(kind)
    target = house.folder / f"{kind}-{form}{ENDINGS.get(form, '.json')}"
    release.export(house.world, house.facts(kind), target, None, form)
    return target


def suggested(house: House, kind: str, form: str, file: Path) -> Suggested:
    """Make another project of the same item, and suggest there what the file says."""
    name = f"{kind} from {form}"
    add(house, kind, name)
    owner = Principal(house.digits.me, "me")
    permit = people.permit(house.world, owner, house.facts(name).id, Act.MANAGE)
    return suggest_file(house.world, permit, file, form)
