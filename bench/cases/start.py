"""What it costs to have Goldseam at all: time to start, bytes on the disk.

In: this environment, or a fresh one. Out: seconds and megabytes. Never: a warm process: each start is a new one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from bench.case import Case, NotHere

ROOT = Path(__file__).resolve().parents[2]
SPARED = ("pip", "setuptools", "_distutils_hack", "pkg_resources", "distutils-precedence.pth")


def import_time() -> float:
    """Seconds that `import goldseam` takes in a new interpreter."""
    code = "import time; t = time.perf_counter(); import goldseam; print(time.perf_counter() - t)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    return float(ran.stdout)


def help_time() -> float:
    """Seconds from `goldseam --help` typed to the prompt back, the interpreter's own start included."""
    script = Path(sys.executable).with_name("goldseam")
    code = "import sys; sys.argv = ['goldseam', '--help']; from goldseam.edge.cli import main; main()"
    command = [str(script), "--help"] if script.exists() else [sys.executable, "-c", code]
    begin = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - our own command
    return time.perf_counter() - begin


def server_ready() -> float:
    """Seconds from starting the server process on a new project until it answers."""
    with tempfile.TemporaryDirectory(prefix="goldseam-ready-") as folder:
        home = Path(folder) / "mood"
        code = f"import sys; sys.argv = ['goldseam', 'init', 'mood', '--folder', {str(home)!r}, '--json']"
        code += "; from goldseam.edge.cli import main; main()"
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)  # noqa: S603 - our own command
        begin = time.perf_counter()
        command = [sys.executable, "-m", "goldseam.edge.cli.serving", str(home)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
            said = process.stdout.readline() if process.stdout else ""
            seconds = time.perf_counter() - begin
            process.terminate()
        if not said.strip():
            raise NotHere("the server did not start")
        return seconds


def install_size() -> float:
    """Mebibytes of site-packages after `pip install goldseam` into a fresh environment, without pip itself."""
    folder = Path(tempfile.mkdtemp(prefix="goldseam-size-"))
    try:
        venv.create(folder, with_pip=True)
        install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        ran = subprocess.run(  # noqa: S603 - our own interpreter
            [*install, "-c", str(ROOT / "constraints.txt"), str(ROOT)], capture_output=True, text=True, check=False
        )
        if ran.returncode:
            raise NotHere(ran.stderr.strip().splitlines()[-1] if ran.stderr.strip() else "pip failed")
        packages = next((folder / "lib").glob("python*/site-packages"))
        return sum(_bytes(one) for one in packages.iterdir() if not one.name.startswith(SPARED)) / 2**20
    finally:
        shutil.rmtree(folder)


def _bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(one.lstat().st_size for one in files if not one.is_dir())


CASES = (
    Case("import_time", "import goldseam in a new interpreter", "s", import_time, limit=0.25, runs=7),
    Case("help_time", "goldseam --help, from key to prompt", "s", help_time, limit=0.6, runs=7),
    Case("server_ready", "server process of a new project, until it answers", "s", server_ready, limit=3, runs=3),
    Case("install_size", "site-packages of a fresh install", "MiB", install_size, limit=400, usual=False, runs=1),
)
