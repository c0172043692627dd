"""The words: frozen records that hold only their own invariants.

In: plain values. Out: records that cannot be born wrong, and every error raised on purpose.
Never: input or output, numpy, another folder of ours, a noun that fewer than three stages use.
"""
