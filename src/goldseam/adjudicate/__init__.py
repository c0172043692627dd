"""Stage 6, adjudicate: votes become settlements: a settled label, or an escalation to a person.

In: `Votes`, rulings, gold. Out: `Settlements`. Never: a settled label without the way it was settled.
"""
