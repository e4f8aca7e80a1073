"""Finding the shop: by name, credit code, what the licence's QR code holds, or place, on the register as it is served."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from zhijian.apps.consumer.complaints.intake.questions import code_in
from zhijian.engines.registers import EntityFilters, EntityRecord, EntityRegister, ServingError, register_at
from zhijian.infrastructure.home import current_home
from zhijian.infrastructure.language import in_english
from zhijian.standards import uscc

SHOWN = 8


@dataclass(frozen=True)
class Found:
    """What a search found: the first few, whether there are more, and what is to be said about a code that was typed."""

    records: tuple[EntityRecord, ...] = ()
    has_more: bool = False
    words: str = ""
    is_ready: bool = True


def _register() -> EntityRegister:
    return register_at(current_home().serving)


def by_code(text: str) -> EntityRecord | None:
    """Return the entity of a credit code, or None."""
    code = uscc.normalise(text[:60]) if text else ""
    if not uscc.is_valid(code) or not _register().is_ready:
        return None
    try:
        return _register().find(code)
    except ServingError:
        return None


def search(typed: str, city: str) -> Found:
    """Return the first few entities that a text finds, narrowed to a city where one is chosen."""
    text = typed.strip()
    register = _register()
    if not register.is_ready:
        return Found(is_ready=False)
    if not text:
        return Found()
    code = code_in(text)
    if code is None and "://" in text:
        return Found(words=gettext("这段内容里没有统一社会信用代码。请输入店名，或者执照上的18位代码。"))
    try:
        page = register.search((code or text)[:100], EntityFilters(prefecture_code=city or None), None, SHOWN)
    except ServingError:
        return Found(is_ready=False)
    words = ""
    if page.code_check is not None:
        is_english = in_english()
        said = [one.message_en if is_english else one.message_zh for one in page.code_check.problems]
        words = (" " if is_english else "").join(said)
    return Found(page.records, page.next_cursor is not None, words)


def answers_of(record: EntityRecord) -> dict[str, Any]:
    """Return the answers that choosing an entity gives."""
    return {
        "shop_uscc": record.uscc,
        "shop_name": record.name,
        "shop_division": record.county_code or record.prefecture_code or "unknown",
        "shop_address": record.address or "",
        "shop_contact": "",
        "is_synthetic": record.is_synthetic,
    }
