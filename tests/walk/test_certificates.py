"""The automatic tier opens by a certificate and is closed by spot checks; on digits with a crowd, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from sklearn.datasets import load_digits
from sqlalchemy import text

from goldseam.edge.cli.digits import lay_out
from goldseam.edge.client import Client
from goldseam.edge.home import DATABASE_SETTING, Home
from goldseam.edge.project import Project
from goldseam.edge.runner import certificates_seen, people, watching
from goldseam.edge.store import certificates, draws
from goldseam.flow.plan import Verb
from goldseam.formats.images import png
from goldseam.route.tiers import Tier
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.people import AnnotatorId, Role
from tests.postgres import postgres
from tests.walk import small, story

__all__ = ["postgres"]

N, LATER = 640, 160
ROUTE = {"redundancy": 1, "error": 0.1, "delta": 0.1, "audit": 100, "spot_check": 0.25, "auto_at": 0.6}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(DATABASE_SETTING, raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_SETTING, request.getfixturevalue("postgres").fresh())
    return tmp_path


def laid_out(folder: Path) -> tuple[dict[str, str], dict[str, object]]:
    """Lay the digits out; those that come later look the same, and their labels have become other ones."""
    home = Home(folder)
    truth = lay_out(home, "random", 120, 3)
    digits = load_digits()
    for number in range(N, len(truth)):
        (home.root / "images" / f"{number:04d}.png").unlink()
    (home.root / "later").mkdir()
    for number in range(N, N + LATER):
        gray = np.round(digits.images[number] * (240 / 16)).astype(np.uint8)
        (home.root / "later" / f"l{number:04d}.png").write_bytes(png(250 - gray))
        truth[f"l{number:04d}.png"] = str((digits.target[number] + 1) % 10)
    plain: dict[str, Any] = yaml.safe_load(home.project_file.read_text())
    plain |= {"gold": [], "route": ROUTE, "annotate": {"gold_rate": 0.0}, "audit": {"draws": 20, "alpha_stop": -1.0}}
    plain["adjudicate"] = {"method": "majority", "escalate_below": 0.0}
    small.write_settings(folder, plain)
    return truth, plain


def answer_all(project: Project, person: AnnotatorId, truth: dict[str, str], rng: np.random.Generator) -> list[bool]:
    """Answer what there is, right 97 times in 100; return of each offer whether a suggestion was shown."""
    shown = []
    while offers := project.lease(50, person).offers:
        sent = []
        for offer in offers:
            right = truth[offer.item.origin.key]
            said = right if rng.random() < 0.97 else str((int(right) + 5) % 10)
            shown.append(offer.suggestion is not None)
            sent.append(small.submission(project, offer, Choice(LabelName(said))))
        assert all(one.error is None for one in project.submit(sent, person))
    return shown


def state(project: Project) -> dict[str, object]:
    return next(
        one for one in reversed(certificates_seen.listing(project.world, project.facts)) if one["threshold"] is not None
    )


@pytest.mark.slow
def test_a_tier_opens_by_its_certificate_and_what_it_let_through_comes_back_once_spot_checks_break_it(
    folder: Path,
) -> None:
    truth, plain = laid_out(folder)
    with small.opened(folder) as project:
        ada = small.member(project, "ada")
        rng = np.random.default_rng(0)
        small.run(project)
        here = project.facts.id
        while small.waits_for(project) is not None and project.facts.round == 1:
            small.run(project)
            if project.facts.round == 1:
                answer_all(project, ada, truth, rng)
        world = project.world

        # Round 2: the first model has proposed; people answer the draw and the audit, and do not see what it says of the audit.
        small.run(project)
        assert small.waits_for(project) is Verb.COLLECT
        audit = world.store.read(lambda tx: certificates.audit_of_round(tx, here, 2))
        assert audit is not None
        drawn = world.store.read(lambda tx: certificates.audited(tx, audit.id))
        assert len(drawn.position) == 100
        auto = world.store.read(lambda tx: draws.routed(tx, here))
        assert not (auto.tier == Tier.AUTO).any()  # a fixed threshold of 0.6 opens nothing by itself
        answer_all(project, ada, truth, rng)
        done = small.run(project)
        assert done[0] is Verb.CERTIFY
        found = state(project)
        assert found["state"] == "open"
        assert found["accepted"] > 100
        assert found["upper"] <= 0.1
        assert found["fixed"]["n"] > 0

        # What was accepted keeps the promise; labels of the pool are known here.
        routed = world.store.read(lambda tx: draws.routed(tx, here))
        accepted = routed.position[routed.tier == Tier.AUTO]
        assert len(accepted) == found["accepted"]
        small.run(project)
        answer_all(project, ada, truth, rng)
        while project.facts.round == 2:
            small.run(project)
            answer_all(project, ada, truth, rng)
        assert state(project)["checks"]["n"] > 10
        assert state(project)["state"] == "open"
        assert _right(project, accepted, truth) > 0.9

        # Items of another kind come in; the tier accepts them, spot checks find out, and it closes by itself.
        small.write_settings(folder, plain | {"sources": [{"path": "images"}, {"path": "later"}]})
        project.apply()
        before = project.status()["counts"]["auto"]
        for _ in range(8):
            small.run(project)
            if state(project)["state"] == "closed":
                break
            answer_all(project, ada, truth, rng)
        closed = state(project)
        assert closed["state"] == "closed"
        assert closed["checks"]["evidence"] >= 10
        assert project.status()["counts"]["auto"] < before
        assert small.waits_for(project) is Verb.COLLECT  # all that nobody had looked at is asked about again
        stored = world.store.read(lambda tx: certificates.listing(tx, here))
        kept = {one.id: seen for one, seen in stored if seen is not None}
        assert watching.rebuilt(world, project.facts) == kept
        assert kept
        answer_all(project, ada, truth, rng)
        while small.run(project):
            answer_all(project, ada, truth, rng)
        project.seal()
        assert project.verify() == ()
        _seen_by_people(project, truth)
        world.store.write(lambda tx: tx.run(text("UPDATE monitors SET closed = 0")))  # behind everybody's back
        assert {one.file for one in project.verify()} == {"monitors"}
        labels = project.labels()
        come = [at for at, key in project.keys().items() if key.startswith("l")]
        assert come
        assert _right(project, np.array(come), truth) > 0.8
        assert len(labels["item"]) > 0


@pytest.mark.slow
@pytest.mark.parametrize(("by", "groups"), [("label", ["neg", "pos"]), ("segment", ["", "front"])])
def test_each_label_or_segment_has_a_certificate_at_its_part_of_the_chance_and_a_forced_tier_has_none(
    tmp_path: Path, by: str, groups: list[str]
) -> None:
    route = {"redundancy": 1, "error": 0.1, "delta": 0.1, "audit": 100, "certify_by": by, "spot_check": 0.1}
    front = {"name": "front", "where": {"shelf": "s0"}}
    always = {"name": "always", "where": {"shelf": "s1"}, "tier": "consensus"}
    small.write_project(
        tmp_path, sample={"strategy": "random", "batch": 40}, segments=[front, always], route=route, rounds=2
    )
    rows = [[f"k{n}", small.text_of(n), f"s{n % 3}"] for n in range(360)]
    small.write_rows(tmp_path / "items.csv", ["key", "text", "shelf"], rows)
    with small.opened(tmp_path) as project:
        small.round_trip(project)
        found = certificates_seen.listing(project.world, project.facts)
        assert [(one["group"], one["state"], one["delta"]) for one in found] == [
            (name, "open", 0.05) for name in groups
        ]
        assert sum(one["n"] for one in found) == 100
        here = project.facts.id
        routed = project.world.store.read(lambda tx: draws.routed(tx, here))
        accepted = routed.position[routed.tier == Tier.AUTO]
        assert len(accepted) == sum(one["accepted"] for one in found) > 20
        assert not (accepted % 3 == 1).any()  # the shelf whose items people always answer
        project.seal()
        assert project.verify() == ()


def _seen_by_people(project: Project, truth: dict[str, str]) -> None:
    """The typed client reads what the command line shows: the same states, the fixed threshold beside."""
    boss = small.member(project, "boss", Role.MANAGER)
    token = people.make_token(project.world, project.facts.id, boss, "test", None, None)
    with story.serving(project.world) as address, Client(address, token=token) as client:
        found = client.certificates(project.facts.id)
    assert [one.state for one in found] == [
        one["state"] for one in certificates_seen.listing(project.world, project.facts)
    ]
    assert "closed" in {one.state for one in found}
    assert any(one.fixed is not None and one.fixed["threshold"] == ROUTE["auto_at"] for one in found)


def _right(project: Project, positions: np.ndarray, truth: dict[str, str]) -> float:
    """Return how many of the settled labels of these items are right."""
    keys = project.keys()
    labels = project.labels()
    place = dict(zip(project.item_ids(list(keys)), keys, strict=True))
    wanted = set(positions.tolist())
    hits = [
        label == truth[keys[place[item]]]
        for item, label in zip(labels["item"], labels["label"], strict=True)
        if place[item] in wanted
    ]
    return float(np.mean(hits))
