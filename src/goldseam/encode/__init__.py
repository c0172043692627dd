"""Records to arrays and back: the one place where words and numbers meet.

In: annotations, answers, questions. Out: what kernels take, and answers made of what they give. Never: a decision.
"""

from goldseam.encode.choices import labels_of, votes
from goldseam.encode.kinds import KINDS, Coding, agreement
from goldseam.encode.masks import mask_of_pixels, mask_of_runs, pixels_of, runs_of

__all__ = [
    "KINDS",
    "Coding",
    "agreement",
    "labels_of",
    "mask_of_pixels",
    "mask_of_runs",
    "pixels_of",
    "runs_of",
    "votes",
]
