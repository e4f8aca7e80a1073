"""By what a search among market entities can be narrowed."""

from dataclasses import dataclass, fields

UNKNOWN = "unknown"

FACETS = (
    "prefecture_code",
    "county_code",
    "industry_section",
    "entity_kind_code",
    "status_code",
    "is_synthetic",
)
"""The filters by whose combinations entities are counted; the year of registration is one besides."""


@dataclass(frozen=True)
class EntityFilters:
    """All given conditions hold together; None narrows nothing. `unknown` as a code finds what has none."""

    prefecture_code: str | None = None
    county_code: str | None = None
    industry_section: str | None = None
    entity_kind_code: str | None = None
    status_code: str | None = None
    is_synthetic: bool | None = None
    registered_from_year: int | None = None
    registered_to_year: int | None = None

    @property
    def is_empty(self) -> bool:
        return all(getattr(self, one.name) is None for one in fields(self))

    @property
    def years(self) -> tuple[int, int] | None:
        """First and last year of registration, both included; None where neither is given."""
        if self.registered_from_year is None and self.registered_to_year is None:
            return None
        first = 0 if self.registered_from_year is None else self.registered_from_year
        return first, 9999 if self.registered_to_year is None else self.registered_to_year


def stored(value: object) -> str:
    """Return the form of a filter's value inside the store."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return UNKNOWN if value is None else str(value)
