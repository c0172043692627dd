"""Settling answers of every kind: each kind goes to the kernel that fits it.

In: a question, what annotators said about items. Out: one `SettledAnswer` an item. Never: an answer that the question refuses
passed off as certain.
"""

from goldseam.adjudicate.kinds.said import Said, SettledAnswer
from goldseam.adjudicate.kinds.table import KINDS, settle_answers

__all__ = ["KINDS", "Said", "SettledAnswer", "settle_answers"]
