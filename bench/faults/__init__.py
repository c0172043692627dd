"""What is done to the product on purpose, and whether it keeps its promises: processes killed, disks full, thousands of streams.

In: a number and a seed. Out: figures, or the promise that broke. Never: a fault that is only pretended: processes are real, and
die.
"""
