"""Testing: what projects and plug-ins test themselves with.

In: seeds. Out: a synthetic crowd that knows the truth. Never: anything that production code imports.
"""
