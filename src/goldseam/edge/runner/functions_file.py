"""The functions file: the project's Python file with labeling functions, read and run for whoever owns the folder.

In: a home, the name of the file. Out: its functions, each with a version that changes when what it does may change. Never: a file
outside the folder, of somebody else, or that others may write; a call of the server.
"""

from __future__ import annotations

import ast
import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from goldseam.edge.home import Home
from goldseam.prelabel.functions import LabelingFunction
from goldseam.vocab.errors import BadSetting

MARK = "labeling_function"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds: its functions in their order, and the version of each by its name."""

    path: Path
    functions: tuple[LabelingFunction, ...]
    versions: Mapping[str, str]


def load(home: Home, name: str) -> Loaded:
    """Run the file and return its labeling functions.

    Raises
    ------
    BadSetting
        If it is not a file of the folder and of whoever calls, cannot be run, or holds no labeling function or two of one name.
    """
    path = _allowed(home, name)
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text, str(path))
        module = ModuleType("goldseam_functions")
        module.__file__ = str(path)
        exec(compile(tree, str(path), "exec"), module.__dict__)  # noqa: S102 - the owner's own file, in the owner's own folder
    except Exception as error:
        line = error.lineno if isinstance(error, SyntaxError) else _line(error, path)
        raise BadSetting(f"{name}, line {line}: {type(error).__name__}: {error}.", file=name) from error
    found = tuple(one for one in vars(module).values() if isinstance(one, LabelingFunction))
    names = [one.name for one in found]
    if not found:
        raise BadSetting(
            f"{name} holds no labeling function: import labeling_function from goldseam and write @labeling_function above one.",
            file=name,
        )
    double = next((one for one in names if names.count(one) > 1), None)
    if double is not None:
        raise BadSetting(f"{name} holds two labeling functions named {double!r}.", file=name)
    return Loaded(path, found, _versions(tree, found))


def _allowed(home: Home, name: str) -> Path:
    """Return the path of the file, if whoever calls owns it and the folder, and nobody else may write it."""
    path = (home.root / name).resolve()
    if not path.is_relative_to(home.root.resolve()) or path.suffix != ".py":
        raise BadSetting(f"functions.file names a Python file (.py) in the project's folder; got {name!r}.", file=name)
    try:
        found, folder = path.stat(), home.root.stat()
    except OSError as error:
        raise BadSetting(f"Cannot read the file of labeling functions, {name}: {error.strerror}.", file=name) from error
    if not stat.S_ISREG(found.st_mode):
        raise BadSetting(f"functions.file names a file; {name} is none.", file=name)
    if found.st_uid != os.geteuid() or folder.st_uid != os.geteuid():
        raise BadSetting(
            f"{name} is code: only who owns the project's folder and the file may run it, and you do not own both.",
            file=name,
        )
    if found.st_mode & stat.S_IWOTH:
        raise BadSetting(
            f"{name} is code, and everybody may write it: run chmod o-w {name}, and look what is in it.", file=name
        )
    return path


def _versions(tree: ast.Module, found: tuple[LabelingFunction, ...]) -> dict[str, str]:
    """Return a version of each function: a hash of its code and of all that is not another labeling function.

    A change of a comment or of another function leaves it as it is; a change of what functions share changes all of them.
    """
    lines = {_first_line(one): one.name for one in found}
    marked = {node: lines.get(_marked_line(node)) for node in tree.body if _is_marked(node)}
    shared = [ast.dump(node) for node in tree.body if node not in marked]
    own = {name: ast.dump(node) for node, name in marked.items() if name is not None}
    rest = [ast.dump(node) for node, name in marked.items() if name is None]
    whole = "\n".join([*shared, *rest])
    return {one.name: _hash(whole, own.get(one.name, ast.dump(tree)), one.name) for one in found}


def _is_marked(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef):
        return False
    marks = [mark.func if isinstance(mark, ast.Call) else mark for mark in node.decorator_list]
    names = [mark.attr if isinstance(mark, ast.Attribute) else getattr(mark, "id", "") for mark in marks]
    return MARK in names


def _marked_line(node: ast.stmt) -> int:
    marks = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return min([node.lineno, *(mark.lineno for mark in marks)])


def _first_line(one: LabelingFunction) -> int:
    code = getattr(one.call, "__code__", None)
    return -1 if code is None else int(code.co_firstlineno)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n\n".join(("python", *parts)).encode()).hexdigest()


def _line(error: BaseException, path: Path) -> int:
    trace, line = error.__traceback__, 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
