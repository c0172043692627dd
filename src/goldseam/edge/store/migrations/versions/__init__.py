"""One module a revision, in order; each is frozen once it was released."""
