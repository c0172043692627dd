"""Stage 9, retrain: settled labels become a training set; a new model is promoted, or the old one kept.

In: settled labels, gold. Out: `TrainingSet`, `Promotion`. Never: a promotion without a measured reason.
"""
