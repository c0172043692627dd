"""Labeling functions in a project: what changes is shown before it counts, and what they say is suggested like a model's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from httpx import Response
from starlette.testclient import TestClient

from goldseam.edge.home import Home
from goldseam.edge.project import Project
from goldseam.edge.runner import functions, functions_file, functions_set, functions_try, functions_workers, people
from goldseam.edge.runner.functions_workers import Setup, Stretch
from goldseam.edge.server import app as server
from goldseam.edge.store import functions as rows
from goldseam.edge.store import models, suggestions
from goldseam.flow import plain
from goldseam.flow.plan import Verb
from goldseam.formats import batches
from goldseam.vocab.errors import BadSetting, NotReady, StoreFailed
from goldseam.vocab.people import Act, Role
from tests.walk import small
from tests.walk.small import (
    LABELS,
    answer_all,
    opened,
    text_of,
    truth_of,
    waits_for,
    write_project,
    write_rows,
    write_settings,
)

CODE = """
from goldseam import labeling_function

WORD = "story"

@labeling_function
def wonderful(item):
    return "pos" if "wonderful " + WORD in item.text else None

@labeling_function
def fails(item):
    if item.text.endswith("number 3"):
        raise KeyError(item.text)
    return "neg" if "boring" in item.text else None
"""
DIES = """
import os, signal
WORD = "story"
if os.path.exists("die"):
    os.kill(os.getpid(), signal.SIGKILL)
"""
PLAIN = {
    "file": "functions.py",
    "keywords": [{"name": "praise", "label": "pos", "words": ["great", "lovely"]}],
    "patterns": [{"name": "blame", "label": "neg", "pattern": "(?i)awful|dull"}],
}


def made(
    folder: Path,
    n_items: int = 40,
    functions_: dict[str, object] | None = None,
    *,
    blind: float = 0.0,
    **policies: object,
) -> Project:
    """A project with labeling functions and its items taken in; every seventh item is gold."""
    gold = [[f"k{n}", LABELS[n % 2]] for n in range(0, n_items, 7)]
    plain = write_project(
        folder, n_items, functions=functions_ or PLAIN, gold=["gold.csv"], prelabel={"blind_share": blind, "min_labels": 4},
        **policies,
    )  # fmt: skip
    write_rows(folder / "gold.csv", ["key", "label"], gold)
    (folder / "functions.py").write_text(CODE, encoding="utf-8")
    write_settings(folder, plain)
    project = opened(folder)
    project.take_in()
    return project


def changed(project: Project, old: str, new: str) -> None:
    path = project.home.root / "functions.py"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def shown(project: Project) -> dict[str, str]:
    """What is suggested for each item now, by its text; only where anything is."""
    facts = project.facts
    found = project.world.store.read(lambda tx: suggestions.suggested(tx, facts.id, str(facts.model)))
    told = found.confidence > 0.5 + 1e-6
    pairs = zip(found.position[told].tolist(), found.label[told].tolist(), strict=True)
    return {text_of(position): facts.labels[label] for position, label in pairs}


def test_functions_suggest_from_when_they_are_applied_and_people_see_it(tmp_path: Path) -> None:
    with made(tmp_path) as project:
        facts = project.facts
        planned = functions.plan(project.world, facts)
        assert planned["added"] == ["praise", "blame", "wonderful", "fails"]
        assert facts.model is None, "looking changes nothing"
        assert functions_set.apply(project.world, facts, project.me).outcome is models.Outcome.PROMOTED
        said = shown(project)
        assert planned["n_moved"] == len(said) > 20
        assert all(truth_of(text) == label for text, label in said.items())
        small.run(project)
        assert waits_for(project) is Verb.COLLECT
        seen = {offer.item.content: offer.suggestion for offer in project.lease(6).offers}
        assert any(seen.values())
        for text, suggestion in seen.items():
            assert (suggestion and suggestion.label) == said.get(text), "where no function speaks nothing is suggested"
        assert not project.verify()


def test_their_confidence_is_what_gold_allows_also_for_what_comes_later(tmp_path: Path) -> None:
    with made(tmp_path, 60) as project:
        facts = project.facts
        raw = functions.look(project.world, facts).joint.proba.max(axis=1)
        set_id = functions_set.apply(project.world, facts, project.me).id

        def sure() -> list[float]:
            return project.world.store.read(lambda tx: suggestions.suggested(tx, facts.id, set_id)).confidence.tolist()

        spoke = [one for one in sure() if one > 0.5 + 1e-6]
        n = sum(1 for said in sure()[::7] if said > 0.5 + 1e-6)
        assert raw.max() + 0.02 < max(spoke) <= (n + 1) / (n + 2) + 1e-3, "gold that is all right licenses that"
        metrics = json.loads(project.world.store.read(lambda tx: models.get(tx, facts.id, set_id)).metrics)
        assert metrics["calibration"] == "temperature"
        write_rows(tmp_path / "items.csv", ["key", "text"], [["k60", text_of(60)]], mode="a")
        project.take_in()
        assert functions_set.propose(project.world, project.facts, project.me) == 1
        assert sure()[-1] == pytest.approx(max(spoke), abs=0.02)
        assert not project.verify()


def test_what_an_edit_would_change_is_known_before_it_counts_and_new_items_wait_for_that(tmp_path: Path) -> None:
    with made(tmp_path) as project:
        functions_set.apply(project.world, project.facts, project.me)
        before = shown(project)
        changed(project, '"story"', '"tale"')
        planned = functions.plan(project.world, project.facts)
        assert planned["changed"] == ["wonderful", "fails"], "what the file shares counts as part of each"
        lost = {text for text in before if "wonderful" in text}
        assert [(one["before"], one["after"], one["n"]) for one in planned["moves"]] == [("pos", None, len(lost))]
        assert shown(project) == before
        write_rows(tmp_path / "items.csv", ["key", "text"], [["k40", text_of(40)]], mode="a")
        project.take_in()
        with pytest.raises(NotReady, match="goldseam lf apply"):
            functions_set.propose(project.world, project.facts, project.me)
        changed(project, '"tale"', '"story"')
        assert functions_set.propose(project.world, project.facts, project.me) == 1
        changed(project, '"story"', '"tale"')
        functions_set.apply(project.world, project.facts, project.me)
        assert shown(project).keys() == {text_of(n) for n in range(41) if text_of(n) in before or n == 40} - lost


def test_only_what_a_function_does_makes_a_new_version_of_it(tmp_path: Path) -> None:
    with made(tmp_path) as project:
        home, policy = project.home, project.facts.settings.functions

        def versions() -> dict[str, str]:
            return {one.name: one.version for one in functions.named(home, policy)}

        first = versions()
        changed(project, "@labeling_function\ndef fails", "# said of reviews\n\n@labeling_function\ndef fails")
        assert versions() == first
        changed(project, '"boring"', '"tedious"')
        second = versions()
        assert {name for name in first if first[name] != second[name]} == {"fails"}
        changed(project, "WORD = ", "OTHER = 1\nWORD = ")
        assert {name for name in first if second[name] != versions()[name]} == {"wonderful", "fails"}


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "STRETCH", 10)
    looked: list[int] = []
    apply = functions_workers.apply

    def stopped_at_the_third(found, batch, *rest):
        looked.append(len(batch))
        if len(looked) == 3:
            raise KeyboardInterrupt
        return apply(found, batch, *rest)

    with made(tmp_path) as project:
        monkeypatch.setattr(functions_workers, "apply", stopped_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            functions.look(project.world, project.facts, processes=1)
        found = functions.look(project.world, project.facts, processes=1)
        assert looked == [10, 10, 10, 10, 10], "two stretches are not looked at again"
        assert len(found.said.codes) == project.facts.n_items
        assert (
            functions.look(project.world, project.facts, processes=1).said.codes.tolist() == found.said.codes.tolist()
        )
        assert len(looked) == 5
        fault = found.said.faults[found.names.index("fails")]
        assert [(n, reason.startswith("KeyError in line")) for reason, n in fault.items()] == [(1, True)]


@pytest.mark.slow
def test_several_processes_say_the_same_as_one_and_one_that_dies_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(functions, "STRETCH", 10)
    with made(tmp_path) as project:
        alone = functions.look(project.world, project.facts, processes=1).said.codes
        facts, home = project.facts, project.home
        project.world.store.write(lambda tx: rows.forget_others(tx, facts.id, []))
        changed(project, 'WORD = "story"', DIES)
        monkeypatch.chdir(tmp_path)
        (tmp_path / "die").touch()
        setup = Setup(str(home.root), plain.flatten(facts.settings.functions), ("neg", "pos"))
        part = Stretch(0, 1, ("praise",), batches.pack({"text": ["great"], "metadata": ["{}"]}))
        with pytest.raises(StoreFailed, match="goes on from there"):
            list(functions_workers.run(iter([part, part]), setup, 2))
        (tmp_path / "die").unlink()
        assert functions.look(project.world, facts, processes=2).said.codes.tolist() == alone.tolist()


def test_the_file_is_run_only_for_who_owns_it_and_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = tmp_path / "ran"
    folder = tmp_path / "project"
    folder.mkdir()
    path = folder / "functions.py"
    code = f"open({str(ran)!r}, 'w').close()\n{CODE}"
    path.write_text(code, encoding="utf-8")
    outside = tmp_path / "outside.py"
    outside.write_text(code, encoding="utf-8")
    (folder / "link.py").symlink_to(outside)
    home = Home(folder)
    for name in ("../outside.py", "link.py", str(outside), "functions.txt", "lacking.py"):
        with pytest.raises(BadSetting):
            functions_file.load(home, name)
    path.chmod(0o646)
    with pytest.raises(BadSetting, match="chmod o-w"):
        functions_file.load(home, "functions.py")
    path.chmod(0o644)
    mine = os.geteuid()
    monkeypatch.setattr(functions_file.os, "geteuid", lambda: mine + 1)
    with pytest.raises(BadSetting, match="you do not own both"):
        functions_file.load(home, "functions.py")
    assert not ran.exists()
    monkeypatch.undo()
    assert [one.name for one in functions_file.load(home, "functions.py").functions] == ["wonderful", "fails"]
    assert ran.exists()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def f(:", r"functions.py, line 1: SyntaxError"),
        ("x = 1\n1 / 0", r"line 2: ZeroDivisionError"),
        ("x = 1", "holds no labeling function"),
        (
            "from goldseam import labeling_function as lf\na = lf(name='n')(len)\nb = lf(name='n')(len)",
            "two labeling functions",
        ),
        ("from goldseam import labeling_function as lf\na = lf(lambda item: None)", "name is letters"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_line(tmp_path: Path, code: str, told: str) -> None:
    (tmp_path / "functions.py").write_text(code, encoding="utf-8")
    with pytest.raises(BadSetting, match=told):
        functions_file.load(Home(tmp_path), "functions.py")


@pytest.mark.slow
def test_no_part_of_the_server_can_reach_the_code_of_functions() -> None:
    """A process that has loaded every route has loaded none of the modules that run a project's file."""
    modules = "functions_file", "functions_workers", "functions", "functions_set", "functions_try"
    names = [f"goldseam.edge.runner.{one}" for one in modules]
    program = f"import sys; import goldseam.edge.server.app; sys.exit(any(one in sys.modules for one in {names!r}))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_trying_keeps_nothing_and_names_the_nearest_function(tmp_path: Path) -> None:
    with made(tmp_path) as project:
        found = functions_try.attempt(project.world, project.facts, 1_000, "fails")
        assert found["n_items"] == 40
        assert [one["name"] for one in found["functions"]] == ["fails"]
        assert sum(found["functions"][0]["faults"].values()) == 1
        with pytest.raises(Exception, match="Did you mean 'praise'"):
            functions_try.attempt(project.world, project.facts, 10, "prase")
        facts = project.facts
        versions = [one.version for one in functions.named(project.home, facts.settings.functions)]
        assert not project.world.store.read(lambda tx: rows.done(tx, facts.id, versions))


def test_reviewers_see_the_analysis_without_what_tells_gold(tmp_path: Path) -> None:
    with made(tmp_path) as project:
        app = server.make_app(project.world)
        with TestClient(app) as http:

            def get(path: str, role: Role) -> Response:
                person = small.member(project, f"{role.value}-{path}", role)
                token = people.make_token(project.world, project.facts.id, person, "t", frozenset(Act), 1)
                at = f"/api/projects/{project.facts.id}{path}"
                return http.get(at, headers={"Authorization": f"Bearer {token}"})

            assert get("/functions", Role.MANAGER).json() is None
            changed(project, 'return "pos" if "wonderful "', 'return "neg" if "wonderful "')
            functions_set.apply(project.world, project.facts, project.me)
            seen = get("/functions", Role.REVIEWER).json()
            row = next(one for one in seen["functions"] if one["name"] == "wonderful")
            assert seen["suggests"]
            assert row["accuracy"]["value"] == 0.0
            assert row["wrong"] == [{"said": "neg", "of": "pos", "n": row["accuracy"]["n"]}]
            whole = get("/functions/wonderful", Role.MANAGER).json()
            told = [one for one in whole if one["by"] == "gold"]
            assert told
            assert all(truth_of(one["text"]) == one["of"] for one in told)
            assert get("/functions/wonderful", Role.REVIEWER).json() == [one for one in whole if one["by"] != "gold"]
            assert get("/functions", Role.ANNOTATOR).status_code == 403
            assert get("/functions/wondrous", Role.MANAGER).status_code == 404


@pytest.mark.slow
def test_a_trained_model_replaces_functions_where_it_is_better_on_gold_and_functions_it(tmp_path: Path) -> None:
    poor = {"keywords": [{"name": "story", "label": "neg", "words": ["story", "film", "mess"]}]}
    with made(tmp_path, 60, poor, retrain={"min_gold": 5}) as project:
        functions_set.apply(project.world, project.facts, project.me)
        first = project.facts.model
        while project.facts.round == 1:
            small.run(project)
            if waits_for(project) is Verb.COLLECT:
                answer_all(project, [None])
        assert project.facts.model != first, "what was trained in the round is better on gold"
        trained = project.facts.model
        kept = functions_set.apply(project.world, project.facts, project.me)
        assert kept.id == first, "the same functions are not applied twice"
        settings = json.loads(project.home.project_file.read_text(encoding="utf-8"))
        write_settings(
            tmp_path, settings | {"functions": poor | {"patterns": [{"name": "a", "label": "neg", "pattern": "a"}]}}
        )
        project.apply()
        again = functions_set.apply(project.world, project.facts, project.me)
        assert again.outcome is models.Outcome.KEPT
        assert project.facts.model == trained
        assert not project.verify()


def test_what_functions_say_stands_beside_the_votes_and_can_count_as_one_whose_reliability_is_learned(
    tmp_path: Path,
) -> None:
    """Two people contradict each other on every item; functions that are right settle it, where the file lets them vote."""
    settings = {"route": {"redundancy": 2}, "sample": {"strategy": "random", "batch": 40}}
    with made(tmp_path, adjudicate={"method": "dawid_skene"}, **settings) as project:  # type: ignore[arg-type]  # options by name
        functions_set.apply(project.world, project.facts, project.me)
        right = shown(project)
        small.run(project)
        answer_all(project, [None], accuracy=0.9, seed=1)
        answer_all(project, [small.member(project, "ben")], accuracy=0.6, seed=2)
        small.run(project)
        waits = {str(one["item"]["content"]): one for one in project.disagreements(100)}  # type: ignore[index]  # plain values
        assert waits.keys() & right.keys()
        for words, one in waits.items():
            said = {each["name"]: each["answer"]["label"] for each in one["functions"]}  # type: ignore[index,attr-defined]  # plain values
            assert set(said.values()) == ({right[words]} if words in right else set())
            assert all(0.5 < each["reliability"] <= 1 for each in one["functions"])  # type: ignore[attr-defined]  # plain values
            assert [each["kind"] for each in one["votes"]] == ["person", "person"]  # type: ignore[attr-defined]  # plain values
        assert all(one["functions"] for words, one in waits.items() if words in right)
        before = dict(zip(project.labels()["item"], project.labels()["label"], strict=True))
        plain = json.loads(project.home.project_file.read_text(encoding="utf-8"))
        write_settings(tmp_path, plain | {"adjudicate": {"method": "dawid_skene", "functions": "counted"}})
        project.apply()
        now = project.labels()
        assert project.votes().n_annotators == 2, "how people agree is not touched by it"
        texts = {item: text_of(at) for at, item in enumerate(project.item_ids(range(40)))}
        of_right = [(before[item], label, texts[item]) for item, label in zip(now["item"], now["label"], strict=True)]
        assert sum(was == truth_of(text) for was, _, text in of_right) < sum(
            is_now == truth_of(text) for _, is_now, text in of_right
        )
        assert all(is_now == truth_of(text) for _, is_now, text in of_right if text in right)
