"""The worker: jobs that nobody waits for, at their times, each by one process at a time.

In: a world, a schedule. Out: jobs done, figures of them. Never: a decision; each job is a use case of the runner.
"""
