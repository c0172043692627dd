"""Asking: lets a suggester elsewhere propose for items, each once, within the limits; every answer is kept as it comes.

In: a suggester, positions. Out: rows of what it said, and how it went. Never: an item asked about twice in a version, an answer
that was paid for lost to a later failure, or more spent than the limits allow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import numpy as np

from goldseam.edge.runner.elsewhere import Remote, contents_of
from goldseam.edge.runner.log import record
from goldseam.edge.runner.projects import ProjectFacts
from goldseam.edge.runner.world import Report, World, silent
from goldseam.edge.store import model_answers as rows
from goldseam.edge.store.tx import Positions, Tx
from goldseam.ledger.entries import EntryKind
from goldseam.prelabel.policy import Limit
from goldseam.prelabel.suggester import Proposals, Usage


@dataclass(frozen=True, slots=True)
class Asked:
    """How asking went: new answers and abstentions, and which limit ended it, if one did."""

    n: int
    n_abstained: int
    stopped: str = ""


@dataclass(slots=True)
class Purse:
    """What may still be spent; calls that are under way are reckoned at the most they can take."""

    limit: Limit
    spent: Usage
    held: Usage = field(default_factory=Usage)

    def refuses(self, most: Usage) -> str:
        """Return which limit one more call could break; nothing if none."""
        total = self.spent + self.held + most
        if self.limit.tokens is not None and total.tokens > self.limit.tokens:
            return f"the limit of {self.limit.tokens:,} tokens (prelabel.limit.tokens)"
        if self.limit.money is not None and total.money > self.limit.money:
            return f"the limit of {self.limit.money:,.2f} in money (prelabel.limit.money)"
        return ""

    def take(self, most: Usage) -> None:
        """Reckon with a call."""
        self.held = self.held + most

    def settle(self, most: Usage, took: Usage) -> None:
        """Put what a call took in the place of the most that it could have."""
        self.held = Usage(
            self.held.tokens_in - most.tokens_in, self.held.tokens_out - most.tokens_out, self.held.micros - most.micros
        )
        self.spent = self.spent + took


def ask(
    world: World, project: ProjectFacts, suggester: Remote, position: Positions, actor: str, report: Report = silent
) -> Asked:
    """Ask about the items of these positions that this version was not asked about, in this order.

    Raises
    ------
    Unreachable, BadSetting, AddressRefused
        If the model cannot be asked; what it said before is kept, and the next call goes on from there.
    """
    version, policy = suggester.version, project.settings.prelabel.limit
    done = world.store.read(lambda tx: rows.known(tx, project.id, version))
    todo = position[~np.isin(position, done)]
    spending = world.store.read(lambda tx: rows.spending(tx, project.id))
    stopped = ""
    if policy.items is not None:
        n_here = sum(one.n_here for one in spending if one.name == suggester.name and one.round == project.round)
        left = max(policy.items - n_here, 0)
        if left < len(todo):
            todo, stopped = todo[:left], f"the limit of {policy.items:,} items a round (prelabel.limit.items)"
    purse = Purse(policy, sum((one.usage for one in spending), Usage()))
    asking = _Asking(world, project, suggester, version, actor, purse)
    n, n_abstained, purse_stopped = asking.run(todo, report)
    return Asked(n, n_abstained, purse_stopped or stopped)


@dataclass(frozen=True, slots=True)
class _Call:
    """One call under way: its items, and the most that it can take."""

    position: Positions
    most: Usage


@dataclass(slots=True)
class _Asking:
    """One pass over items: calls at the same time, each kept in a transaction of its own when it is done."""

    world: World
    project: ProjectFacts
    suggester: Remote
    version: str
    actor: str
    purse: Purse

    def run(self, todo: Positions, report: Report) -> tuple[int, int, str]:
        """Ask until all is asked, a limit is reached or a call fails; what is under way is waited for and kept."""
        running: dict[Future[Proposals], _Call] = {}
        n, n_abstained, start, stopped = 0, 0, 0, ""
        failed: BaseException | None = None
        with ThreadPoolExecutor(self.suggester.at_once, thread_name_prefix="goldseam-ask") as pool:
            while True:
                while failed is None and start < len(todo) and len(running) < self.suggester.at_once:
                    call, begin = self._next(todo[start : start + self.suggester.batch])
                    stopped = self.purse.refuses(call.most)
                    if stopped:
                        break
                    self.purse.take(call.most)
                    running[pool.submit(begin)] = call
                    start += len(call.position)
                if not running:
                    break
                ended, _ = wait(running, return_when=FIRST_COMPLETED)
                for one in ended:
                    call = running.pop(one)
                    failed = failed or one.exception()
                    if one.exception() is None:
                        n_abstained += self._keep(call, one.result())
                        n += len(call.position)
                report(f"asking {self.suggester.name}", n, len(todo))
        if failed is not None:
            raise failed
        return n, n_abstained, stopped

    def _next(self, position: Positions) -> tuple[_Call, Callable[[], Proposals]]:
        contents = contents_of(self.world, self.project, position)
        return _Call(position, self.suggester.most(contents)), lambda: self.suggester.propose(contents)

    def _keep(self, call: _Call, came: Proposals) -> int:
        """Keep what came of a call, and return of how many items the model abstained."""
        took = sum((one.usage for one in came.said), Usage())
        self.purse.settle(call.most, took)
        now, project, name = self.world.clock.now(), self.project, self.suggester.name
        n_abstained = sum(bool(one.abstained) for one in came.said)
        body = {
            "model": name,
            "version": self.version,
            "round": project.round,
            "n": len(call.position),
            "n_abstained": n_abstained,
            "tokens_in": took.tokens_in,
            "tokens_out": took.tokens_out,
            "micros": took.micros,
            "positions_sha256": hashlib.sha256(np.ascontiguousarray(call.position, "<i8").tobytes()).hexdigest(),
        }

        def save(tx: Tx) -> None:
            rows.save(tx, project.id, name, self.version, call.position, came.proba, came.said, project.round, now)
            record(tx, project.id, EntryKind.MODEL_ASKED, now, actor=self.actor, about=project.id, body=body)

        self.world.store.write(save)
        return n_abstained
