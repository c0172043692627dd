"""Stage 5, annotate: answers become annotations; an assignment's life is a table.

In: a submission and the assignment it answers. Out: annotations. Never: a queue, a clock, or an unchecked answer.
"""
