"""文号: the office's word, the kind's word, the year in 〔〕, the serial without leading zeros, 号 (GB/T 9704-2012, 7.2.5).

Serials of an office, a year and a kind have no gap: a serial is taken in the transaction that writes the document,
under a lock on its row, so that a document that fails gives its serial back and two at once wait for each other.
"""

import re
from collections.abc import Iterable

from django.db import IntegrityError, transaction

from zhijian.engines.documents.errors import DocumentRefused
from zhijian.engines.documents.models import Document, NumberSequence, OfficeWord
from zhijian.security.models import Level, Organisation


def written(office: str, word: str, year: int, serial: int) -> str:
    return f"{office}{word}〔{year}〕{serial}号"


def hold(document: Document) -> None:
    """Wait, inside a transaction, for whoever writes beside this document now: a document itself is written once and not held."""
    NumberSequence.objects.select_for_update().get(
        organisation=document.organisation_id, year=document.year, word=document.word
    )


def take(organisation: Organisation, word: str, year: int) -> int:
    """Return the next serial; only inside a transaction, which keeps it or gives it back."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a serial is taken in the transaction that writes the document")
    NumberSequence.objects.get_or_create(organisation=organisation, year=year, word=word)
    row = NumberSequence.objects.select_for_update().get(organisation=organisation, year=year, word=word)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


def office_word(organisation: Organisation) -> str:
    """Return the office's word; the first time it is derived from the name and kept.

    Where another office has the derived word already, the code of the division stands behind it.
    """
    known = OfficeWord.objects.filter(organisation=organisation).first()
    if known:
        return known.word
    word = derived_word(organisation)
    if OfficeWord.objects.filter(word=word).exists():
        word = f"{word}{organisation.division_code}"
    return _kept(organisation, word)


def name_office(organisation: Organisation, word: str) -> str:
    """Set the word of an office that has none yet.

    Raises:
        DocumentRefused: another office has it, or it is no word.
    """
    if not re.fullmatch(r"[\u4e00-\u9fff]{2,12}", word):
        raise DocumentRefused("机关代字应为2到12个汉字。", "An office's word has 2 to 12 Chinese characters.")
    return _kept(organisation, word)


def _kept(organisation: Organisation, word: str) -> str:
    try:
        with transaction.atomic():
            OfficeWord.objects.create(organisation=organisation, word=word)
    except IntegrityError:
        known = OfficeWord.objects.filter(organisation=organisation).first()
        if known is not None:
            return known.word
        raise DocumentRefused(
            f"机关代字“{word}”已由别的单位使用，请为{organisation.name}另定一个。",
            f"The office's word '{word}' is taken; choose another for {organisation.name_en}.",
        ) from None
    return word


def derived_word(organisation: Organisation) -> str:
    """Derive a word from the places in the name: 广州市天河区市场监督管理局 gives 广州天河市监.

    ASSUMPTION: real words are set by each office (`name_office`); a derived one serves only who named none.
    """
    place = re.split("市场监督|市监", organisation.name)[0]
    short = re.sub(r"(?<=[\u4e00-\u9fff]{2})[省市区县镇]", "", place)[:10] or organisation.name[:4]
    return f"{short}市监{'所' if organisation.level == Level.STATION else ''}"


def gaps(organisation: Organisation, word: str, year: int) -> list[int]:
    """Return the serials of a series that no document has; always empty unless rows were tampered with."""
    there = Document.objects.filter(organisation=organisation, word=word, year=year)
    return missing(there.values_list("serial", flat=True))


def missing(serials: Iterable[int]) -> list[int]:
    found = set(serials)
    return sorted(set(range(1, max(found, default=0) + 1)) - found)
