"""The server: the runner's functions over HTTP; one file of routes per stage, wire types, one table of errors.

In: calls from the page, the Python client, or anything that speaks HTTP. Out: what the runner says, as JSON.
Never: a decision, a query, a secret in a log. Only this folder knows FastAPI.
"""
