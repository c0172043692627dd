"""Home: the folder of a project on disk, and where each thing in it lies.

In: a path, and the setting GOLDSEAM_DATABASE_URL. Out: paths, and the database's URL. Never: the content of any of them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from goldseam.vocab.errors import BadSetting

PROJECT_FILE = "goldseam.yaml"
HIDDEN = ".goldseam"
LOCK = "lock"
VECTORS = "vectors"
DATABASE_SETTING = "GOLDSEAM_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Home:
    """A folder that holds a project file, and beside it what Goldseam keeps."""

    root: Path

    @property
    def project_file(self) -> Path:
        """The project as one YAML file."""
        return self.root / PROJECT_FILE

    @property
    def hidden(self) -> Path:
        """Where the database, the keys and the blobs lie."""
        return self.root / HIDDEN

    @property
    def keys(self) -> Path:
        """The folder of the signing key, readable by its owner alone."""
        return self.hidden / "keys"

    @property
    def blobs(self) -> Path:
        """Media and models, each named by the hash of its bytes."""
        return self.hidden / "blobs"

    @property
    def vectors(self) -> Path:
        """Embeddings of texts that were made once; what is missing is made again."""
        return self.hidden / VECTORS

    @property
    def releases(self) -> Path:
        """The releases, one folder each."""
        return self.root / "releases"

    @property
    def database_url(self) -> str:
        """The setting GOLDSEAM_DATABASE_URL, or an SQLite file in the hidden folder."""
        return os.environ.get(DATABASE_SETTING) or f"sqlite:///{self.hidden / 'goldseam.db'}"

    def make(self) -> None:
        """Make the hidden folder, for its owner alone.

        Raises
        ------
        BadSetting
            If the folder cannot be made or written.
        """
        try:
            self.hidden.mkdir(parents=True, exist_ok=True)
            self.hidden.chmod(0o700)
            ignore = self.hidden / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise BadSetting(f"Cannot write in {self.root}: {error.strerror}.", folder=str(self.root)) from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Do something that no other process may do at the same time; wait until the one that is at it has ended.

        The system lets go of the lock when a process dies, however it dies.
        """
        with (self.hidden / LOCK).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def find_home(start: Path) -> Home:
    """Return the home at this folder or the nearest one above it.

    Raises
    ------
    BadSetting
        If no folder from here upwards holds a project file.
    """
    start = start.resolve()
    folder = start.parent if start.is_file() else start
    for candidate in (folder, *folder.parents):
        if (candidate / PROJECT_FILE).is_file():
            return Home(candidate)
    raise BadSetting(
        f"There is no {PROJECT_FILE} in {folder} or above it. Make a project with: goldseam init NAME",
        folder=str(folder),
    )
