"""Stage 8, publishes: settled labels become an immutable, numbered release that a stranger can verify.

In: settled labels, annotations with their salts, versions, the log. Out: files as bytes, a manifest, a diff, findings.
Never: a file written, a release changed, a signature made.
"""
