"""Suggesters that are elsewhere: models behind OpenAI-compatible endpoints, and Label Studio ML backends.

In: a setting, what is asked, a `Reach`. Out: a `Suggester`. Never: an address that the operator does not allow.
"""
