"""An item as the page shows it, wherever it stands.

In: an `Item`. Out: `ItemShown`. Never: where the item came from, or its place in the intake.
"""

from __future__ import annotations

from urllib.parse import quote

from goldseam.edge.server.wire import ItemShown
from goldseam.vocab.items import Item, Modality, ProjectId


def item_shown(project: ProjectId, item: Item) -> ItemShown:
    """Return the item with its text, or with the address of its media."""
    is_text = item.modality is Modality.TEXT
    return ItemShown(
        id=item.id,
        modality=item.modality.value,
        text=item.content if is_text else None,
        media_url=None if is_text else media_url(project, item.id),
        metadata=dict(item.metadata),
    )


def media_url(project: str, item: str) -> str:
    """Return where the bytes of an item are."""
    return f"/api/projects/{quote(project, safe='')}/items/{quote(item, safe='')}/media"
