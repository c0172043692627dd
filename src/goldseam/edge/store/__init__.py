"""The store: everything that is kept, in one SQLite file or one PostgreSQL database, behind functions that take a `Tx`.

In: `store.read(fn)` and `store.write(fn)`, where `fn` calls this folder's modules. Out: records and arrays.
Never: a decision. What an answer means, whom to ask, when to stop: the stages decide and the runner saves.
"""

from goldseam.edge.store import access_tables as access_tables
from goldseam.edge.store import talk_tables as talk_tables
from goldseam.edge.store.engine import Store, open_store
from goldseam.edge.store.tx import Tx

__all__ = ["Store", "Tx", "open_store"]
