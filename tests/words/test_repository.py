"""The repository keeps the promises that no compiler checks."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from tests.words import repository

# Written in parts, so that this file does not hold what it looks for.
FORBIDDEN = [
    "python" + "hosted.org",
    "pypi" + ".org",
    "registry.npm" + "js",
    "npm" + "js.org",
    "deb.deb" + "ian.org",
    "/work" + "/main",
    "/work" + "/shared",
    "/tmp" + "/w/",
    ".." + "/shared",
    "farm" + "-bench",
    "farm" + "-studio",
]
APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in repository.tracked_files():
        data = path.read_bytes()
        if b"\0" not in data[:8192]:
            found.append((path, data.decode("utf-8", errors="replace")))
    return found


def test_no_file_names_a_registry_or_one_machine() -> None:
    files = texts()
    assert len(files) > 50
    wrong = [f"{repository.short(path)}: {word}" for path, text in files for word in FORBIDDEN if word in text.lower()]
    assert not wrong


def test_the_lock_file_holds_no_download_address() -> None:
    assert '"resolved"' not in (repository.ROOT / "web" / "package-lock.json").read_text(encoding="utf-8")
    assert "omit-lockfile-registry-resolved=true" in (repository.ROOT / "web" / ".npmrc").read_text(encoding="utf-8")


def test_the_license_is_apache_2() -> None:
    text = (repository.ROOT / "LICENSE").read_bytes()
    assert hashlib.sha256(text).hexdigest() == APACHE_2
    assert repository.pyproject()["project"]["license"] == "Apache-2.0"


def test_every_decision_is_listed_and_has_its_four_parts() -> None:
    folder = repository.ROOT / "docs" / "adr"
    pages = sorted(folder.glob("[0-9]*.md"))
    index = (folder / "README.md").read_text(encoding="utf-8")
    numbers = [int(page.name[:4]) for page in pages]
    assert numbers == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert f"({page.name})" in index, f"{page.name} is not listed in docs/adr/README.md"
        title = re.match(r"# (\d{4}) (.+)", text)
        assert title, page.name
        assert title.group(2) in index
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Options", "Decision", "What we give up"], (
            page.name
        )


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*repository.ROOT.glob("*.md"), *(repository.ROOT / "docs").rglob("*.md")]
    link = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
    broken = [
        f"{repository.short(page)}: {target}"
        for page in pages
        for target in link.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken


def test_the_changelog_names_the_version() -> None:
    import goldseam

    text = (repository.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(goldseam.__version__)}\]", text, re.MULTILINE)


def test_every_make_target_in_the_docs_exists() -> None:
    targets = set(
        re.findall(r"^([a-z][a-z-]*):", (repository.ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    pages = [*repository.ROOT.glob("*.md"), *(repository.ROOT / "docs").rglob("*.md")]
    named = {name for page in pages for name in re.findall(r"\bmake ([a-z][a-z-]*)\b", _code(page))}
    assert named
    assert not named - targets


def _code(page: Path) -> str:
    text = page.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"`(make [^`]*)`", text) + repository.fences(text, "sh")) + "\n"
