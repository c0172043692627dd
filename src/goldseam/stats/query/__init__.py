"""Query strategies: which items of a pool are worth an annotator's time.

In: a model's probabilities (n_items, n_labels), features (n_items, n_features), what is labeled. Out: scores, where higher
means ask sooner, or item indices in the order to ask. Never: a draw with known chances; that is `designs`.
"""

from goldseam.stats.query._checks import first
from goldseam.stats.query.hybrid import hybrid, torn, within_budget
from goldseam.stats.query.mixed import density_weighted, gradients, uncertain_and_diverse
from goldseam.stats.query.scores import divergence, entropy, least_confidence, margin, rare_label, vote_entropy
from goldseam.stats.query.spread import Clusters, clustered, diverse, k_center, new_distribution, novelty, typical
from goldseam.stats.query.stopping import Step, Stop, decide, step

__all__ = [
    "Clusters", "Step", "Stop",
    "clustered", "decide", "density_weighted", "divergence", "diverse", "entropy", "first", "gradients", "hybrid", "k_center",
    "least_confidence", "margin", "new_distribution", "novelty", "rare_label", "step", "torn", "typical",
    "uncertain_and_diverse", "vote_entropy", "within_budget",
]  # fmt: skip
