"""Who has a release and nothing else asks what stands behind one label of it, and is told the same as in the project."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.unit.edge.cli.call import goldseam
from tests.unit.edge.cli.test_commands import in_one_sentence
from tests.walk import small


def test_a_release_alone_tells_what_the_project_tells_of_an_item_and_an_altered_one_tells_nothing(
    tmp_path: Path,
) -> None:
    home, alone = tmp_path / "project", tmp_path / "elsewhere" / "rel"
    small.write_project(home, n_items=6, sample={"strategy": "random", "batch": 6})
    with small.opened(home) as project:
        small.round_trip(project)
        folder = project.release_folder(1)
        shutil.copytree(folder, alone)
    known = goldseam(home, "trace", "k3", "--json").json

    told = goldseam(alone.parent, "trace", "k3", "--release", "rel", "--json").json

    assert told["item"]["id"] == known["item"]["id"]
    assert told["item"]["origin"]["line"] == known["item"]["origin"]["line"]
    same = ("id", "annotator", "answer", "guideline_version", "schema_version", "reaction", "entry")
    assert [{name: one[name] for name in same} for one in told["annotations"]] == [
        {name: one[name] for name in same} for one in known["annotations"]
    ]
    (label,) = told["settlements"]
    assert (label["label"], label["method"]) == (known["settlements"][-1]["label"], known["settlements"][-1]["method"])
    said = goldseam(alone.parent, "trace", told["item"]["id"][:8], "--release", "rel").out
    assert "release 1 says" in said
    assert "The release has no item 'x'" in in_one_sentence(goldseam(alone.parent, "trace", "x", "--release", "rel"), 2)
    (alone / "card.md").write_text("other")
    assert "not what was signed" in in_one_sentence(goldseam(alone.parent, "trace", "k3", "--release", "rel"), 5)
