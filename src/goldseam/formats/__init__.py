"""The border: records and arrays to bytes, and back.

In: bytes or chunks of bytes, or records. Out: the other. Never: an open file, a network, or a guess that is not said.
"""
