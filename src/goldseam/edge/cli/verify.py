"""`goldseam verify`: check a release, or the whole project, against a public key; offline.

In: a release's folder and a key line; or a project. Out: every byte, row and entry that is not what was signed, by name.
Never: a network, or a key taken on trust without saying so.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from goldseam.edge.cli.show import HERE, AsJson, Folder, emit, line
from goldseam.edge.home import find_home
from goldseam.edge.project import Project
from goldseam.edge.runner.release import verify_folder
from goldseam.ledger.checkpoint import parse_key
from goldseam.release.verify import Finding
from goldseam.vocab.errors import BadValue, GoldseamError, Tampered

app = typer.Typer(add_completion=False)

LIMIT = 50


@app.command(epilog="Example: goldseam verify releases/mood-0001 --key 'goldseam+1f2e3d4c+AT…'")
def verify(
    release: Annotated[Path | None, typer.Argument(help="A release's folder; default: the whole project.")] = None,
    key: Annotated[str, typer.Option(help="The public key line, or a file that holds it.")] = "",
    project: Folder = HERE,
    as_json: AsJson = False,
) -> None:
    """Check a release offline with only the public key; without a release, check database, log and all releases."""
    if release is None:
        with Project(find_home(project)) as opened:
            found, what, trusted = opened.verify(), f"project {opened.facts.name}", True
    else:
        line_of_key, trusted = _key(release, key, project)
        found, what = verify_folder(release, line_of_key), str(release)
    if found:
        findings = [_text(finding) for finding in found[:LIMIT]]
        raise Tampered(
            f"{what} is not what was signed: {len(found):,} {'finding' if len(found) == 1 else 'findings'}.",
            findings=findings,
        )

    def draw() -> None:
        line(f"[green]✓[/green] {escape(what)}: every byte is what was signed.")
        if not trusted:
            line(
                "  [yellow]![/yellow] Checked with the key that came with it; to trust it, give the key you were told: --key"
            )

    emit(
        {"holds": True, "checked": what, "key_given": trusted, "findings": [asdict(f) for f in found]},
        draw,
        as_json=as_json,
    )


def _key(release: Path, key: str, project: Path) -> tuple[str | None, bool]:
    """Return the key to check against, and whether it came from outside the release."""
    if key:
        return _given_key(key), True
    try:
        home = find_home(project)
    except GoldseamError:
        return None, False
    if release.resolve().parent != home.releases.resolve():
        return None, False
    with Project(home) as opened:
        return opened.key_line, True


def _given_key(key: str) -> str:
    """Return the key line that was given, or that stands in the file that was given.

    Raises
    ------
    BadValue
        If it is neither.
    """
    try:
        line_of_key = Path(key).read_text(encoding="utf-8").strip() if Path(key).is_file() else key
        parse_key(line_of_key)
    except (OSError, ValueError) as error:
        raise BadValue(
            f"--key takes a public key line such as goldseam+1f2e3d4c+AT…, or a file of it. {error}"
        ) from error
    return line_of_key


def _text(finding: Finding) -> str:
    where = f", {finding.where}" if finding.where else ""
    return f"{finding.file}{where}: {finding.what}"
