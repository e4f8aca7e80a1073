"""The papers that reached a firm without a check: guidance on a first offence, notices and decisions of the lists."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from zhijian.apps.supervision.inclusive import letters
from zhijian.apps.supervision.listing import paperwork
from zhijian.engines.documents import taking
from zhijian.engines.documents.models import Document
from zhijian.portal.components.words import in_english
from zhijian.portal.views.business import for_firm
from zhijian.security.models import BusinessPerson
from zhijian.security.permissions import OfFirm

_TEMPLATES = letters.PAPERS | paperwork.PAPERS


def letters_of(uscc: str) -> list[Document]:
    """Return the papers of a firm, newest first; a void one is none."""
    found = letters.letters_of(uscc) + paperwork.papers_of(uscc)
    return sorted(found, key=lambda one: one.issued_at, reverse=True)


def title_of(letter: Document) -> str:
    """Return what a paper is called in the reader's language."""
    return _TEMPLATES[letter.template].title_en if in_english() else letter.title


@for_firm(OfFirm.READ)
def letter_file(request: HttpRequest, person: BusinessPerson, document_id: UUID) -> HttpResponse:
    """The PDF of a paper to this firm; of another firm's there is none."""
    document = next((one for one in letters_of(person.uscc) if one.pk == document_id), None)
    return taking.pdf(document)
