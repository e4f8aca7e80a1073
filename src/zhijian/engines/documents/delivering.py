"""Which papers are delivered on a page of their own, where their application asks what the law asks of each way."""

from collections.abc import Callable

from zhijian.engines.documents.errors import DocumentRefused
from zhijian.engines.documents.models import Document

Page = Callable[[str], str]
"""Takes the owner's id and returns the address of the page on which its papers are delivered."""

_PAGES: dict[str, Page] = {}


def register(owner_kind: str, page: Page) -> None:
    """Name where the papers of this kind of owner are delivered. Called once, when the application is ready."""
    _PAGES[owner_kind] = page


def page_of(document: Document) -> str:
    """Return the address where a paper is delivered; empty where it is on its own page in the register of papers."""
    page = _PAGES.get(document.owner_kind)
    return page(document.owner_id) if page is not None else ""


def check_here(document: Document) -> None:
    """Refuse to deliver in the register of papers what its application delivers.

    Raises:
        DocumentRefused: it has a page of its own.
    """
    if page_of(document):
        raise DocumentRefused(
            "这份文书在“检查文书”页送达，由办这件事的人按规定的方式记。请到那一页办理。",
            "This paper is delivered on the page of the papers of its check, by those whose check it is. Go there.",
        )
