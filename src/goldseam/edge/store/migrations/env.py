"""What Alembic runs for each upgrade: it works on the connection that it is given, in the transaction that is open.

In: `config.attributes["connection"]`. Out: revisions run. Never: a connection of its own.
"""

from __future__ import annotations

from alembic import context

from goldseam.edge.store.declare import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=False,
)
context.run_migrations()
