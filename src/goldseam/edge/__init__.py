"""The edge: the only folder that touches disk, network, time or chance.

Faces (`server`, `cli`, `project`) call the `runner`; the runner loads, asks the stages to decide, and saves through the
drivers (`store`, `blobs`, `keys`, `clock`). A face never reaches the store.
"""
