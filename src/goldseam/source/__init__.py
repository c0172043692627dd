"""Stage 1, source: raw records become an intake: accepted, duplicate or refused, and why.

In: raw records of `formats`. Out: items, and refusals with line and reason. Never: a file, or a bad row that stops the
rest.
"""
