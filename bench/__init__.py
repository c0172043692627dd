"""Measures: our side and a peer's side of the same work, in one run, with a bar."""
