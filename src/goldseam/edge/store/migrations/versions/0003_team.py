"""What a team needs: queue rules, sign-in, qualification, talk, live events, operation.

In: revision 0002. Out: the tables of every area in `migrations/team`. Never: a change to this file after the release that
carries it.
"""

from __future__ import annotations

from goldseam.edge.store.migrations.team import AREAS

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for make in AREAS:
        make()
