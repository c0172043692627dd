"""Client: the server's HTTP contract for Python, typed, over connections that are kept.

In: an address, and a token or a login. Out: records of `vocab`, or the same errors that the server raised.
Never: the store, a call sent twice that may not be, a token in a message.

Every write carries an id made here (UUID version 7), so a call whose reply was lost is simply sent again.
"""

from goldseam.edge.client.annotate import MAX_BATCH, Annotating
from goldseam.edge.client.connection import new_id
from goldseam.edge.client.people import Governing
from goldseam.edge.client.projects import Looking
from goldseam.edge.client.records import Leased, Offer, Outcome, Project, ProjectLine, Submission, Suggested
from goldseam.edge.client.talk import Talking


class Client(Looking, Annotating, Talking, Governing):
    """A connection to one server, as one person or token; threads may share it."""


__all__ = [
    "MAX_BATCH",
    "Client",
    "Leased",
    "Offer",
    "Outcome",
    "Project",
    "ProjectLine",
    "Submission",
    "Suggested",
    "new_id",
]
