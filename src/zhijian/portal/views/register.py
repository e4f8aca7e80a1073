"""How every page reaches the register of market entities, what today is, and which day was typed."""

from datetime import date, datetime

from django.http import QueryDict
from django.utils import timezone

from zhijian.engines.registers import EntityFilters, EntityRegister, register_at
from zhijian.infrastructure.home import current_home

_CODES = ("prefecture_code", "county_code", "industry_section", "entity_kind_code", "status_code")


def market_entities() -> EntityRegister:
    """Return the register as this installation serves it; ask `is_ready` before anything else."""
    return register_at(current_home().serving)


def now() -> datetime:
    return timezone.localtime()


def today() -> date:
    return timezone.localdate()


def typed_day(text: str) -> date | None:
    """Return the day that was typed in a form; nothing where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def filters_of(chosen: QueryDict) -> EntityFilters:
    """Read the filters from a page's address; what cannot be read narrows nothing."""
    codes = {name: chosen.get(name) or None for name in _CODES}
    synthetic = {"1": True, "0": False}.get(chosen.get("is_synthetic", ""))
    return EntityFilters(
        **codes,
        is_synthetic=synthetic,
        registered_from_year=_year(chosen.get("from_year")),
        registered_to_year=_year(chosen.get("to_year")),
    )


def _year(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) == 4 else None
