"""A folder of photos to draw on, one project a kind of shape.

In: an empty folder. Out: a project folder whose projects have one photo each. Never: a photo that no test looks at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import sklearn.datasets
from PIL import Image

from goldseam.edge.project import open_project
from goldseam.edge.runner import projects
from goldseam.flow.settings import settings_from_plain
from tests.browser.house import House
from tests.browser.test_access import SIZES

PHOTOS = Path(sklearn.datasets.__file__).parent / "images"
WIDTH, HEIGHT = 640, 427
LABELS = ({"name": "roof", "title": "Roof", "definition": "All of a roof."}, {"name": "person", "title": "Person"})
SKELETON = {"points": ["top", "middle", "foot"], "edges": [["top", "middle"], ["middle", "foot"]]}
PROJECTS: Mapping[str, tuple[str, str, Mapping[str, object]]] = {
    "boxes": ("box", "china.jpg", {}),
    "box keys": ("box", "china.jpg", {}),
    "box touch": ("box", "china.jpg", {}),
    "turned": ("box", "turned.jpg", {}),
    "polygons": ("polygon", "china.jpg", {}),
    "polylines": ("polyline", "china.jpg", {}),
    "poses": ("keypoints", "flower.jpg", {"skeleton": SKELETON}),
    "ellipses": ("ellipse", "flower.jpg", {}),
    "masks": ("mask", "flower.jpg", {}),
    "objects": ("mask", "flower.jpg", {}),
    "suggested": ("box", "china.jpg", {}),
    "many": ("box", "china.jpg", {}),
    **{f"looks {size}": ("box", "china.jpg", {}) for size in SIZES},
}
"""Projects by name: the kind of shape, the photo, more of the question."""


def plain(name: str, kind: str, folder: str, more: Mapping[str, object]) -> dict[str, object]:
    """Return the settings of a project that asks for shapes on a photo; the loop follows a choice, which comes first."""
    first = {"name": "usable", "prompt": "Can it be used?", "labels": ["yes", "no"]}
    shapes = {"name": "shapes", "kind": kind, "prompt": "Draw every roof and person.", "labels": list(LABELS), **more}
    return {
        "name": name,
        "schema": {"questions": [first, shapes]},
        "guideline": {"text": "Draw what you see, not what you know."},
        "source": {"kind": "image"},
        "sources": [{"path": folder}],
        "sample": {"strategy": "random", "batch": 5},
        "route": {"redundancy": 1},
        "prelabel": {"suggester": "none"},
        "annotate": {"prefetch": 2},
    }


def build(folder: Path) -> House:
    """Make a folder in which every project has one photo."""
    for name, (_, photo, _) in PROJECTS.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "photo.jpg").write_bytes(turned() if photo == "turned.jpg" else (PHOTOS / photo).read_bytes())
    name, *others = PROJECTS
    kind, _, more = PROJECTS[name]
    (folder / "goldseam.yaml").write_text(json.dumps(plain(name, kind, name, more)), encoding="utf-8")
    with open_project(folder) as project:
        for _ in project.run():
            pass
    house = House(folder)
    for name in others:
        kind, _, more = PROJECTS[name]
        projects.apply(house.world, settings_from_plain(plain(name, kind, name, more)), house.digits.me)
        house.run(name)
    return house


def turned() -> bytes:
    """Return a photo taken with the camera on its side: its pixels lie, and a note says how to hold them."""
    image = Image.open(PHOTOS / "china.jpg")
    note = image.getexif()
    note[0x0112] = 6
    buffer = BytesIO()
    image.save(buffer, "JPEG", exif=note)
    return buffer.getvalue()
