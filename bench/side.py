"""One side of one case, once, in a process of its own: `python -m bench.side NAME ours|peer`.

In: the name of a case and of a side. Out: one line of JSON: the figure and the process's largest memory.
Never: more than one measurement, so that nothing is warm that would be cold elsewhere.
"""

from __future__ import annotations

import json
import resource
import sys

from bench.case import NotHere
from bench.cases import CASES


def main() -> int:
    """Measure and print; 3 means that this side cannot run here."""
    name, side = sys.argv[1:3]
    case = CASES[name]
    work = case.ours if side == "ours" else case.peer
    if work is None:
        return 3
    try:
        value = work()
    except (NotHere, ImportError) as missing:
        print(json.dumps({"missing": str(missing)}))
        return 3
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(one).ru_maxrss for one in who) / 1024
    print(json.dumps({"value": value, "megabytes": round(peak, 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
