"""Truth inference: the label behind the votes, and how far each annotator can be believed.

In: `Votes`; items already known (gold), a prior, a model's probabilities. Out: `Truth`.
Never: chance; ties go to the label with more votes over all items, then to the first in order.
"""

from goldseam.stats.truth.confusion import dawid_skene, one_coin
from goldseam.stats.truth.counting import majority, weighted
from goldseam.stats.truth.default import infer
from goldseam.stats.truth.glad import Glad, glad
from goldseam.stats.truth.known import Gold, Prior
from goldseam.stats.truth.mace import Mace, mace
from goldseam.stats.truth.numeric import NumberTruth, numbers
from goldseam.stats.truth.order import Orders, PreferenceTruth, RankingTruth, preferences, ranking
from goldseam.stats.truth.passages import SpanTruth, TextTruth, spans, texts
from goldseam.stats.truth.record import Method, Truth
from goldseam.stats.truth.shapes import BoxTruth, MaskTruth, boxes, masks

METHODS: dict[str, Method] = {
    "infer": infer,
    "majority": majority,
    "weighted": weighted,
    "dawid_skene": dawid_skene,
    "one_coin": one_coin,
    "glad": glad,
    "mace": mace,
}
"""Every method by name; each takes votes and gold=."""

__all__ = [
    "BoxTruth", "MaskTruth", "SpanTruth", "TextTruth", "boxes", "masks", "spans", "texts",
    "NumberTruth", "Orders", "PreferenceTruth", "RankingTruth", "numbers", "preferences", "ranking",
    "METHODS", "Glad", "Gold", "Mace", "Method", "Prior", "Truth",
    "dawid_skene", "glad", "infer", "mace", "majority", "one_coin", "weighted",
]  # fmt: skip
