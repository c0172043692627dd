"""Names that answers and questions share.

In: texts. Out: texts with a type. Never: a check of what they say; the records that carry them do that.
"""

from __future__ import annotations

from typing import NewType

LabelName = NewType("LabelName", str)

MAX_NAME = 200
"""The most characters that a name of a label or a question has."""
