"""Stage 4, route: drawn items become candidates: which tier, and how many answers each wants.

In: positions and calibrated confidence. Out: `Routes`. Never: a choice of person by name, or a route without a policy.
"""
