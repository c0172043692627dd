"""Exchange: settled answers in the forms that other tools read, each with where it came from.

In: `Row` records of a release. Out: files by name. Never: an answer that the form cannot hold, quietly changed or left out.
"""

from goldseam.release.exchange.forms import FORMS, Form, files_of
from goldseam.release.exchange.row import Row, Source, rows_of

__all__ = ["FORMS", "Form", "Row", "Source", "files_of", "rows_of"]
