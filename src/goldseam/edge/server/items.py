"""An item as the page shows it, wherever it stands.

In: an `Item`. Out: `ItemShown`. Never: where the item came from, or its place in the intake.
"""

from __future__ import annotations

from urllib.parse import quote

from goldseam.edge.server.shown import parts
from goldseam.edge.server.wire import ItemShown
from goldseam.vocab.items import Item, ProjectId


def item_shown(project: ProjectId, item: Item) -> ItemShown:
    """Return the item with its text (JSON for chats, candidates and tables), or with the address of its media."""
    is_media = item.modality.is_media
    return ItemShown(
        id=item.id,
        modality=item.modality.value,
        text=None if is_media else item.content,
        media_url=media_url(project, item.id) if is_media else None,
        metadata=dict(item.metadata),
        html=parts(item.modality, item.content),
    )


def media_url(project: str, item: str) -> str:
    """Return where the bytes of an item are."""
    return f"/api/projects/{quote(project, safe='')}/items/{quote(item, safe='')}/media"
