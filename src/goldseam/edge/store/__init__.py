"""The store: everything that is kept, in one SQLite file or one PostgreSQL database, behind functions that take a `Tx`.

In: `store.read(fn)` and `store.write(fn)`, where `fn` calls this folder's modules. Out: records and arrays.
Never: a decision. What an answer means, whom to ask, when to stop: the stages decide and the runner saves.
"""

from goldseam.edge.store import access_tables as access_tables
from goldseam.edge.store import calibration_tables as calibration_tables
from goldseam.edge.store import capture_tables as capture_tables
from goldseam.edge.store import certificate_tables as certificate_tables
from goldseam.edge.store import competence_tables as competence_tables
from goldseam.edge.store import finding_tables as finding_tables
from goldseam.edge.store import functions_tables as functions_tables
from goldseam.edge.store import guard_tables as guard_tables
from goldseam.edge.store import job_tables as job_tables
from goldseam.edge.store import lines_tables as lines_tables
from goldseam.edge.store import map_tables as map_tables
from goldseam.edge.store import model_tables as model_tables
from goldseam.edge.store import oidc_tables as oidc_tables
from goldseam.edge.store import pay_tables as pay_tables
from goldseam.edge.store import qualification_tables as qualification_tables
from goldseam.edge.store import return_tables as return_tables
from goldseam.edge.store import search_tables as search_tables
from goldseam.edge.store import sheets_tables as sheets_tables
from goldseam.edge.store import stop_tables as stop_tables
from goldseam.edge.store import suggested_tables as suggested_tables
from goldseam.edge.store import talk_tables as talk_tables
from goldseam.edge.store import waiting_tables as waiting_tables
from goldseam.edge.store import webhook_tables as webhook_tables
from goldseam.edge.store.engine import Store, open_store
from goldseam.edge.store.tx import Tx

__all__ = ["Store", "Tx", "open_store"]
