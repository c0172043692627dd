"""What tests of webhooks share: a project with its manager and annotator, a clock, a receiver on loopback, and what a worker does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from goldseam.edge.client import new_id
from goldseam.edge.reach import Reach
from goldseam.edge.runner import annotate, deliveries, log, webhooks
from goldseam.edge.runner.annotate import Submission
from goldseam.edge.runner.people import Permit, Principal
from goldseam.edge.runner.webhooks import Delivery, Made
from goldseam.testing.clock import FakeClock
from goldseam.vocab.annotations import AnnotationId
from goldseam.vocab.answers import Choice, LabelName
from goldseam.vocab.people import Role
from tests.unit.edge.receiver import Receiver, receiver
from tests.walk import story
from tests.walk.story import Story

HERE = Reach(["127.0.0.1"])
NOW = datetime(2026, 5, 1, tzinfo=UTC)


@dataclass
class House:
    """A project, its manager, a clock, and a receiver on loopback."""

    made: Story
    clock: FakeClock
    there: Receiver

    def permit(self, role: Role = Role.MANAGER) -> Permit:
        return Permit(self.made.project, role, Principal(self.made.members[role], role.value))

    def hook(self, *events: str, webhook: str | None = None) -> Made:
        wanted = events or ("annotation.given",)
        return webhooks.make(
            self.made.world, HERE, self.permit(), webhook or new_id(), self.there.url(path="/in"), wanted
        )

    def answer(self, n: int = 1) -> list[str]:
        """Answer n items as the annotator; the ids of the annotations."""
        permit = self.permit(Role.ANNOTATOR)
        offers = annotate.lease(self.made.world, permit, n).offers
        sent = [
            Submission(AnnotationId(new_id()), one.id, one.token, {"mood": Choice(LabelName("pos"))}, 1.0, 1, 1)
            for one in offers
        ]
        assert {one.status for one in annotate.submit(self.made.world, permit, sent)} == {"saved"}
        return [one.id for one in sent]

    def send(self) -> int:
        """What a worker does: seal, gather, deliver to all."""
        log.seal(self.made.world)
        while deliveries.gather(self.made.world):
            pass
        return sum(deliveries.deliver(self.made.world, HERE, hook.id) for hook in deliveries.due(self.made.world))

    def sent(self, hook: Made) -> tuple[Delivery, ...]:
        return webhooks.log_of(self.made.world, self.permit(), hook.webhook.id, None, None, 200)

    def events(self) -> list[str]:
        return [json.loads(call.body)["id"] for call in self.there.calls]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    clock = FakeClock(NOW)
    with story.opened(tmp_path, clock) as world, receiver() as there:
        made = story.set_up(world, tmp_path, n_items=12, policies={"annotate": {"prefetch": 12}})
        log.seal(world)
        yield House(made, clock, there)
