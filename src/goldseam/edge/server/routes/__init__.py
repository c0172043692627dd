"""Routes: one file per stage. Each takes a call apart, asks the runner, and puts the reply together."""
