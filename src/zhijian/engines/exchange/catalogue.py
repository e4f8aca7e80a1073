"""The data services that may be applied for, as declared."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class DataService:
    """One table that leaves on application."""

    name: str
    zh: str
    en: str
    table: str
    owner_division: str
    region: tuple[str, ...]
    only_public_facts: bool = False
    kinds: tuple[str, ...] = ()  # of facts: these alone


@cache
def data_services() -> dict[str, DataService]:
    """Return the services by name."""
    declared = yaml.safe_load((Path(__file__).parent / "services.yaml").read_text("utf-8"))
    return {
        name: DataService(
            name=name, **{**one, "region": tuple(one["region"]), "kinds": tuple(one.get("kinds", ()))}
        )
        for name, one in declared.items()
    }
