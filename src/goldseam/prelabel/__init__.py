"""Stage 3, prelabel: items become suggestions with a calibrated confidence.

In: contents and soft labels. Out: a model as plain arrays, and probabilities. Never: a pickle, or a suggestion that
counts as a vote.
"""
