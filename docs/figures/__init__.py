"""Pictures of the documentation, drawn from measured data: `python -m docs.figures [NAME ...]` writes docs/images/stats/NAME.svg.

In: seeds and, where they are there, the real data sets. Out: one SVG a picture, the same bytes each time.
Never: a number typed in by hand.
"""
