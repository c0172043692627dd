"""The runner: load, decide, save; one short function per use case, one file per stage.

In: a `World` (store, blobs, keys, clock) and plain arguments. Out: what the stage's decision was, as records.
Never: a decision of its own that a stage could make, HTTP, a terminal.
"""
