"""The proofs: canonical bytes, entries, a Merkle tree over them, and signed checkpoints.

In: plain values, hashes, a signer passed as a function. Out: bytes, roots, proofs, and whether they hold.
Never: a stored row, a private key, the time, or another folder of ours; what is refused is a `ValueError`.
"""
