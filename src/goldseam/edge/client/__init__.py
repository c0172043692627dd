"""Client: the server's HTTP contract for Python, typed, over connections that are kept.

In: an address, and a token or a login. Out: records of `vocab`, or the same errors that the server raised.
Never: the store, a call sent twice that may not be, a token in a message.

Every write carries an id made here (UUID version 7), so a call whose reply was lost is simply sent again.
"""

from goldseam.edge.client.annotate import MAX_BATCH, Annotating
from goldseam.edge.client.browse import Browsing
from goldseam.edge.client.calibration import Calibrating
from goldseam.edge.client.capture import CAPTURES_AT_ONCE, Capturing, Output, SignalAbout
from goldseam.edge.client.certificates import Certified, Certifying
from goldseam.edge.client.connection import new_id
from goldseam.edge.client.flags import Flagging
from goldseam.edge.client.functions import Guarding
from goldseam.edge.client.lines import Leading
from goldseam.edge.client.pay import Paying
from goldseam.edge.client.people import Governing
from goldseam.edge.client.projects import Looking
from goldseam.edge.client.qualification import Qualifying
from goldseam.edge.client.records import Leased, Offer, Outcome, Project, ProjectLine, Submission, Suggested
from goldseam.edge.client.sheets import Confirming, Sheet
from goldseam.edge.client.suggest import Proposal, Suggesting
from goldseam.edge.client.talk import Talking
from goldseam.edge.client.webhooks import Hearing, verify_webhook


class Client(
    Looking,
    Browsing,
    Annotating,
    Talking,
    Governing,
    Qualifying,
    Hearing,
    Calibrating,
    Leading,
    Flagging,
    Paying,
    Certifying,
    Guarding,
    Capturing,
    Suggesting,
    Confirming,
):
    """A connection to one server, as one person or token; threads may share it."""


__all__ = [
    "CAPTURES_AT_ONCE",
    "MAX_BATCH",
    "Certified",
    "Client",
    "Leased",
    "Offer",
    "Outcome",
    "Output",
    "Project",
    "ProjectLine",
    "Proposal",
    "SignalAbout",
    "Sheet",
    "Submission",
    "Suggested",
    "new_id",
    "verify_webhook",
]
