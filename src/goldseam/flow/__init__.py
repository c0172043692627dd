"""Flow: a project's state becomes a plan: the next steps, as data.

In: facts and settings. Out: `Plan`. Never: a step done; the runner does them.
"""
