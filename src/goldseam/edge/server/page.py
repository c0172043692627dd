"""The compiled page: files that were read once, at start, and are found by their exact name only.

In: the folder that the page's build wrote. Out: replies with the right type and caching; the page's first file for any
address that only the page knows. Never: a path that a client made up, a file outside of the folder.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

FOLDER: Final = Path(__file__).parent / "page"
FIRST: Final = "index.html"
IMMUTABLE: Final = "_app/immutable/"
ASSETS: Final = "_app/"
SMALL: Final = 1_000
BROTLI: Final = ".br"
"""The build writes these; browsers take them over TLS and from their own machine, gzip anywhere."""
NOT_COMPILED: Final = (
    "Goldseam is running, but its page was not compiled.\n\n"
    "In a checkout, compile it once with: make page\n"
    "A package that was installed with pip brings the page along; install it again if this is one.\n"
    "The HTTP API under /api works without the page, and so does: goldseam annotate\n"
)
TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file of the page, as it is sent. `packed` are its compressed forms by the encoding's name, the smallest first."""

    data: bytes
    packed: tuple[tuple[str, bytes], ...]
    media_type: str
    tag: str
    caching: str


def read(folder: Path = FOLDER) -> dict[str, File]:
    """Return the page's files by their path inside the folder; none if it was not compiled."""
    if not (folder / FIRST).is_file():
        return {}
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    shown = {name: path for name, path in found.items() if not _is_hidden(name) and not name.endswith(BROTLI)}
    return {name: _file(name, path.read_bytes(), _beside(path)) for name, path in shown.items()}


def reply(files: dict[str, File], request: Request) -> Response:
    """Return the file at this address, or the page's first file when only the page knows the address."""
    if not files:
        return PlainTextResponse(NOT_COMPILED, status_code=503, headers={"Cache-Control": "no-store"})
    name = request.url.path.lstrip("/")
    file = files.get(name)
    if file is None:
        if name.startswith(ASSETS):
            return PlainTextResponse("There is no such file of the page; load the page again.\n", status_code=404)
        file = files[FIRST]
    headers = {"Cache-Control": file.caching, "ETag": file.tag, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == file.tag:
        return Response(status_code=304, headers=headers)
    body = file.data
    taken = {word.split(";")[0].strip() for word in request.headers.get("accept-encoding", "").split(",")}
    for encoding, packed in file.packed:
        if encoding in taken:
            headers["Content-Encoding"] = encoding
            body = packed
            break
    return Response(body, headers=headers, media_type=file.media_type)


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def _beside(path: Path) -> bytes:
    """Return the brotli form that the build wrote beside a file, empty if it wrote none."""
    packed = path.with_name(path.name + BROTLI)
    return packed.read_bytes() if packed.is_file() else b""


def _file(name: str, data: bytes, brotli: bytes) -> File:
    ending = Path(name).suffix
    media_type = TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    forms = (("br", brotli), ("gzip", gzip.compress(data, 9, mtime=0) if len(data) >= SMALL else b""))
    packed = tuple((encoding, form) for encoding, form in forms if 0 < len(form) < len(data))
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    forever = name.startswith(IMMUTABLE)
    caching = "public, max-age=31536000, immutable" if forever else "no-cache"
    return File(data, packed, media_type, tag, caching)
