"""Label errors: which labels are likely wrong, how many, and who or what causes them.

In: labels given, and what a model, a crowd or similar items say of the same items. Out: ranked issues, estimates of the
joint distribution of labels given and true ones. Never: a label changed.
"""

from goldseam.stats.noise.boxes import BoxIssues, box_issues
from goldseam.stats.noise.confident import Joint, joint
from goldseam.stats.noise.groups import Groups
from goldseam.stats.noise.issues import Issues, label_issues
from goldseam.stats.noise.multilabel import LabelIssues, multilabel_issues
from goldseam.stats.noise.neighbors import NeighborIssues, neighbor_issues
from goldseam.stats.noise.scores import normalized_margin, self_confidence, weighted_entropy
from goldseam.stats.noise.spans import SpanIssues, span_issues

__all__ = [
    "BoxIssues", "Groups", "Issues", "Joint", "LabelIssues", "NeighborIssues", "SpanIssues",
    "box_issues", "joint", "label_issues", "multilabel_issues", "neighbor_issues", "span_issues",
    "normalized_margin", "self_confidence", "weighted_entropy",
]  # fmt: skip
