"""What a closed round gives back to the pool, on every database: only what nobody has seen to any end."""

from __future__ import annotations

import numpy as np

from goldseam.edge.store import draws, queue, returns
from goldseam.route.tiers import Tier
from goldseam.testing.store_suite.world import ANN, BOB, at, world
from goldseam.vocab.annotations import Purpose

N = 6


def test_only_untouched_items_return_and_their_draw_still_names_them_all(store_url: str) -> None:
    with world(store_url, n_items=N, wanted=0) as w:
        now, chance = w.clock.now(), np.linspace(0.1, 0.6, N)
        drawn = at(3, 0, 5, 1, 4, 2)
        draw = w.write(lambda tx: draws.save(tx, w.project, 1, "random", 1, N, 1, drawn, chance, np.arange(N), now))
        tier = np.array([Tier.AUTO if one == 5 else Tier.CONSENSUS for one in drawn.tolist()])
        none = np.zeros(N, np.bool_)
        w.write(lambda tx: draws.save_routes(tx, w.project, 1, drawn, tier, np.full(N, 2), none, None, None))
        w.enqueue(drawn.tolist(), 2)
        w.write(lambda tx: queue.enqueue(tx, w.project, at(4), 1, 0, Purpose.RELABEL))
        w.answer(ANN, w.lease(ANN)[0])
        w.skip(BOB, next(one for one in w.lease(BOB, 2) if one.position == 0))
        w.write(lambda tx: queue.release_all(tx, w.project, w.clock.now()))
        left = w.read(lambda tx: returns.untouched(tx, w.project, 1))
        assert left.tolist() == [1, 2], (
            "3 was answered, 0 skipped, 5 accepted unseen, 4 is asked about for another reason"
        )

        w.write(lambda tx: returns.give_back(tx, w.project, left, w.clock.now()))
        assert w.read(lambda tx: draws.pool(tx, w.project)).tolist() == [1, 2]
        assert w.read(lambda tx: draws.drawn(tx, w.project, 1)).position.tolist() == [3, 0, 5, 4]
        ever = w.read(lambda tx: returns.ever_drawn(tx, w.project, draw))
        assert (ever.position.tolist(), ever.chance.tolist()) == (drawn.tolist(), chance.tolist())
        again = w.write(lambda tx: draws.save(tx, w.project, 2, "random", 2, 2, 1, left, chance[:2], at(0, 1), now))
        assert w.read(lambda tx: returns.ever_drawn(tx, w.project, again)).position.tolist() == [1, 2]
        assert w.read(lambda tx: draws.pool(tx, w.project)).tolist() == []
        assert w.read(lambda tx: queue.recounted(tx, w.project)).tolist() == []
