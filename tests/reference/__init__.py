"""Equality with other implementations, where they define the same thing."""
