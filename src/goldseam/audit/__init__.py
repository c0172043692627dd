"""Stage 7, audit: settlements and gold become a quality report, and a gate that gives reasons.

In: votes, settlements, gold. Out: `QualityReport`, `Gate`. Never: one figure that mixes agreement and accuracy.
"""
