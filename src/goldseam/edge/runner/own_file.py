"""Own file: the project file of a home, if it is that of the project asked about; what is changed on the page is kept there too.

In: a project. Out: the file's text; the file with another text. Never: a file half written, or that of another project.
"""

from __future__ import annotations

import os
from pathlib import Path

from goldseam.edge.home import PROJECT_FILE
from goldseam.edge.runner import project_file
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import World
from goldseam.flow.settings import Settings
from goldseam.formats import yaml
from goldseam.vocab.errors import GoldseamError, StoreFailed


def text_of(world: World, project: ProjectFacts) -> str | None:
    """Return the text of the project file; None if there is none, or it is the file of another project."""
    try:
        text = world.home.project_file.read_text(encoding="utf-8")
        name = yaml.find(yaml.load(text), ("name",)).value
    except (OSError, UnicodeDecodeError, GoldseamError):
        return None
    return text if name == project.name else None


def parsed(text: str) -> Settings:
    """Return the settings that a text says, with its lines named where it is wrong."""
    return project_file.parse(text.encode("utf-8", "surrogatepass"), Path(PROJECT_FILE))


def keep(world: World, text: str) -> None:
    """Write the project file, whole or not at all.

    Raises
    ------
    StoreFailed
        If it cannot be written; the project is what was asked for all the same, and its file is older.
    """
    path = world.home.project_file
    beside = path.with_name(f".{path.name}.new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise StoreFailed(
            f"The project was changed, but its file {PROJECT_FILE} could not be written ({error.strerror}): "
            "write the same change there before 'goldseam apply' is run again."
        ) from error
