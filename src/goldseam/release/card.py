"""Card: the release's page for people: what, how, by whom, how good, which versions, how to verify.

In: `Contents` and the label columns. Out: Markdown.
Never: a person's name, a figure without how many items it rests on, agreement called accuracy.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from goldseam.audit.quality import AgreementRow, Share
from goldseam.formats.parquet import Column
from goldseam.formats.texts import Coded, Texts, pairs
from goldseam.ledger import entries
from goldseam.release.contents import Contents
from goldseam.vocab.schema import QuestionKind, QuestionName

BAR_WIDTH = 24
MAX_BARS = 40


def text(contents: Contents, labels: Mapping[str, Column], n_items: int) -> str:
    """Return the card; `labels` are the columns of labels.parquet, `n_items` how many items they are about."""
    parts = [
        f"# {_cell(contents.project)}, release {contents.number}",
        _what(contents, labels, n_items),
        _balance(contents, labels),
        _how(labels),
        _by_whom(contents),
        _how_good(contents),
        _versions(contents),
        _verify(contents),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _what(contents: Contents, labels: Mapping[str, Column], n_items: int) -> str:
    at = entries.time_text(contents.at)[:16].replace("T", " ")
    lines = [
        "## What",
        "",
        f"{len(labels['item']):,} settled labels on {n_items:,} items, from {_sources(labels)}.",
        f"Published {at} UTC in round {contents.round}.",
    ]
    for question in contents.schema.questions:
        prompt = f": {_cell(question.prompt)}" if question.prompt else ""
        lines += ["", f"- **{_cell(question.name)}** ({question.kind.value}){prompt}"]
    if contents.n_left_out:
        lines += ["", f"{contents.n_left_out:,} items are left out: they wait for a person's ruling."]
    if contents.n_flagged:
        said = "people flagged them, and a manager left them out or has yet to decide"
        lines += ["", f"{contents.n_flagged:,} settled answers are left out: {said}."]
    splits = _counts(labels["split"])
    lines += ["", "Splits: " + ", ".join(f"{name} {count:,}" for name, count in sorted(splits.items())) + "."]
    return "\n".join(lines)


def _sources(labels: Mapping[str, Column]) -> str:
    sources = _counts(labels["source"])
    named = [f"{_cell(name)} ({count:,})" for name, count in sorted(sources.items())[:5]]
    return ", ".join(named) + (f" and {len(sources) - 5} more" if len(sources) > 5 else "") if named else "no source"


def _balance(contents: Contents, labels: Mapping[str, Column]) -> str:
    """Return how often each label was given; of other kinds what one answer holds, since few answers are equal."""
    kinds = {question.name: question.kind for question in contents.schema.questions}
    counts: Counter[tuple[str, str]] = Counter()
    for (question, label), count in pairs(_texts(labels["question"]), _texts(labels["label"])).items():
        if kinds.get(QuestionName(question), QuestionKind.CHOICE) is QuestionKind.CHOICE:
            counts[question, label] += count
        else:
            for named, n in named_parts(label).items():
                counts[question, named] += count * n
    if not counts:
        return ""
    most = max(counts.values())
    lines = ["## Label balance", "", "| question | label | times | |", "|---|---|--:|---|"]
    ranked = sorted(counts.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0][1]))
    for (question, label), count in ranked[:MAX_BARS]:
        bar = "█" * max(1, round(BAR_WIDTH * count / most))
        lines.append(f"| {_cell(question)} | {_cell(label)} | {count:,} | {bar} |")
    if len(ranked) > MAX_BARS:
        lines.append(f"| | and {len(ranked) - MAX_BARS:,} more | | |")
    return "\n".join(lines)


def named_parts(answer: str) -> Counter[str]:
    """Return what an answer, given as JSON, names: its labels, each as often as it does; else its value or its kind.

    Examples
    --------
    >>> named_parts('{"kind":"rating","value":3}')
    Counter({'3': 1})
    """
    plain = json.loads(answer)
    kind = str(plain["kind"])
    for key in ("spans", "boxes", "ellipses", "polygons", "polylines", "poses", "masks"):
        if key in plain:
            return Counter(str(part["label"]) for part in plain[key]) or Counter({"(none)": 1})
    if "labels" in plain:
        return Counter(map(str, plain["labels"])) or Counter({"(none)": 1})
    if kind in {"rating", "best", "preference"}:
        value = plain["value"] if kind == "rating" else plain["chosen"]
        return Counter({"tie" if value is None else str(value): 1})
    return Counter({f"({kind})": 1})


def _how(labels: Mapping[str, Column]) -> str:
    lines = ["## How the labels were settled", "", "| method | tier | items |", "|---|---|--:|"]
    counts = pairs(_texts(labels["method"]), _texts(labels["tier"]))
    lines += [f"| {_cell(method)} | {_cell(tier)} | {count:,} |" for (method, tier), count in sorted(counts.items())]
    votes = np.asarray(labels["n_votes"], np.int64)
    if len(votes):
        n_votes = int(votes.sum())
        lines += ["", f"{n_votes:,} votes, {n_votes / len(votes):.2f} an item."]
    return "\n".join(lines)


def _by_whom(contents: Contents) -> str:
    given = [one.annotation for one in contents.annotations]
    n_annotators = len({one.annotator for one in given})
    people = "annotator" if n_annotators == 1 else "annotators"
    reactions = Counter(one.reaction.value for one in given)
    purposes = Counter(one.purpose.value for one in given)
    return "\n".join(
        [
            "## By whom",
            "",
            f"{len(given):,} annotations by {n_annotators:,} {people}, known here by ids only.",
            "",
            f"- asked for: {_counted(purposes)}",
            f"- reaction to a suggestion that was shown: {_counted(reactions)}",
        ]
    )


def _how_good(contents: Contents) -> str:
    report = contents.quality
    if report is None:
        return "## How good\n\nNot measured before this release."
    lines = [
        "## How good",
        "",
        f"- Agreement (Krippendorff's alpha): {_agreement(report.agreement)}. Band: {report.band}.",
        f"- Settled labels on gold: {_share(report.accuracy)}",
        f"- Single votes on gold: {_share(report.vote_accuracy)}",
        "",
        "Agreement says how much annotators agree beyond chance; accuracy on gold says how often they are right.",
    ]
    for one in report.questions:
        lines += [
            "",
            f"**{_cell(one.question)}**: {one.n_settled:,} settled.",
            "",
            f"- Agreement (Krippendorff's alpha): {_agreement(one.agreement)}. Band: {one.band}.",
            f"- Settled answers on gold: {_share(one.accuracy)}",
        ]
    if report.warnings:
        lines += ["", "Warnings:", "", *(f"- {_cell(warning)}" for warning in report.warnings)]
    return "\n".join(lines)


def _agreement(row: AgreementRow) -> str:
    over = f"over {row.n_items:,} items and {row.n_votes:,} votes"
    if row.value is None:
        return f"undefined ({_cell(row.reason)}), {over}"
    if row.low is None or row.high is None:
        return f"{row.value:.3f}, {over}"
    return f"{row.value:.3f} [{row.low:.3f}, {row.high:.3f}], {over}"


def _share(share: Share) -> str:
    if share.value is None:
        return f"undefined ({_cell(share.reason)})."
    figure = f"{share.value:.3f} [{share.low:.3f}, {share.high:.3f}]"
    if not share.measure:
        return f"{figure} ({share.k:,} of {share.n:,})."
    told = f", {_cell(share.reason)}" if share.reason else ""
    return f"{figure} by {share.measure} ({share.k:,} of {share.n:,} exactly right{told})."


def _versions(contents: Contents) -> str:
    rows = [
        ("schema", str(contents.schema_version)),
        ("guideline", str(contents.guideline_version)),
        ("model", contents.model or "none"),
        ("goldseam", contents.code_version),
        ("previous release's manifest", contents.previous or "none"),
    ]
    return "\n".join(
        ["## Versions", "", "| | |", "|---|---|", *(f"| {name} | {_cell(value)} |" for name, value in rows)]
    )


def _verify(contents: Contents) -> str:
    return "\n".join(
        [
            "## How to verify",
            "",
            "Offline, with this folder and the public key, which should reach you another way than the folder does:",
            "",
            "```",
            f"goldseam verify . --key '{contents.key_line}'",
            "```",
            "",
            "It recomputes every hash, the log's tree, the signature, the proof that this release stands in the log,",
            "and for each annotation that the log committed to it when it was given. It does not prove that an entry",
            "was true when it was made, or that nobody who holds both the database and the key rewrote entries that",
            "no one else had seen.",
        ]
    )


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in sorted(counts.items())) or "none"


def _counts(column: Column) -> Counter[str]:
    return column.counts() if isinstance(column, Coded) else Counter(_texts(column))


def _texts(column: Column) -> Sequence[str]:
    if isinstance(column, Texts | Coded):
        return column
    return column if isinstance(column, list) and set(map(type, column)) <= {str} else [str(value) for value in column]


def _cell(value: str) -> str:
    """Return a text that can neither break a table nor become markup, whatever a project's owner wrote."""
    flat = " ".join(value.split())
    for mark in "\\`*_[]<>|#":
        flat = flat.replace(mark, "\\" + mark)
    return flat if len(flat) <= 200 else flat[:199] + "…"
