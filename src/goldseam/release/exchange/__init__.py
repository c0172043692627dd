"""Exchange: settled answers in the forms that other tools read, each with where it came from.

In: `Row` records of a release. Out: files by name. Never: an answer that the form cannot hold, quietly changed or left out.
"""

from goldseam.release.exchange.forms import FORMS, Form, files_of
from goldseam.release.exchange.read_coco import read_coco
from goldseam.release.exchange.read_label_studio import Found, read_export, read_proposals
from goldseam.release.exchange.read_spacy import read_spacy
from goldseam.release.exchange.row import Row, Source, rows_of

__all__ = [
    "FORMS", "Form", "Found", "Row", "Source", "files_of", "read_coco", "read_export", "read_proposals", "read_spacy",
    "rows_of",
]  # fmt: skip
