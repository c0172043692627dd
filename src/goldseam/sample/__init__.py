"""Stage 2, sample: a pool becomes a draw: items, each with its known inclusion chance.

In: positions, with model probabilities or features where there are some. Out: `Draw`. Never: a draw that a seed cannot
replay.
"""
