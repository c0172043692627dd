"""Files are taken up so that no worker is left with a long one while the others have nothing more to do."""

from __future__ import annotations

from itertools import pairwise

from tests.order import in_turn

FILES = {f"unit/test_{n}.py": [()] * n for n in range(1, 40)}
FILES |= {f"walk/test_{n}.py": [("slow",)] * n for n in range(1, 6)}
FILES |= {f"browser/test_{n}.py": [("slow", "browser")] * n for n in range(1, 9)}


def browsers(names: list[str]) -> list[int]:
    return [place for place, name in enumerate(names) if name.startswith("browser")]


def test_every_file_is_taken_up_once() -> None:
    assert sorted(in_turn(FILES)) == sorted(FILES)


def test_of_either_kind_the_dearest_come_first_and_the_end_is_of_small_ones() -> None:
    names = in_turn(FILES)
    assert names[:2] == ["browser/test_8.py", "walk/test_5.py"]
    assert [name for name in names if name.startswith("browser")] == [f"browser/test_{n}.py" for n in range(8, 0, -1)]
    assert all(name.startswith("unit/") for name in names[-5:])


def test_files_with_a_browser_are_not_taken_up_all_at_once() -> None:
    places = browsers(in_turn(FILES))
    assert max(after - before for before, after in pairwise(places)) > 2
    assert sum(after == before + 1 for before, after in pairwise(places)) <= len(places) // 2


def test_a_run_of_browsers_alone_or_without_any_is_put_in_order_too() -> None:
    assert in_turn({"a.py": [()], "b.py": [()] * 2}) == ["b.py", "a.py"]
    assert in_turn({"a.py": [("browser",)], "b.py": [("browser",)] * 2}) == ["b.py", "a.py"]
    assert in_turn({}) == []
