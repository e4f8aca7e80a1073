"""Where sealed texts lie: columns of the database, and what an application keeps sealed beside it."""

from zhijian.apps.consumer.complaints.hotline import SealedOriginals
from zhijian.datazone.lake import Lake
from zhijian.security import rotation, trying
from zhijian.security.rotation import Holder


def others(lake: Lake) -> tuple[tuple[str, Holder], ...]:
    """Return what holds sealed texts outside the database, with the name of its key."""
    return ((SealedOriginals.key, SealedOriginals(lake)),)


def holders(name: str, lake: Lake) -> list[Holder]:
    """Return what holds texts under a key."""
    return rotation.holders(name, others(lake))


def keys_that_seal(lake: Lake) -> set[str]:
    """Return the names of the keys under which texts are sealed."""
    return {one.key for one in rotation.columns()} | {name for name, _ in others(lake)}


def places(using: str, lake: Lake) -> list[trying.Place]:
    """Return every place of sealed texts in one database and one lake."""
    return [*trying.columns(using), SealedOriginals(lake)]
