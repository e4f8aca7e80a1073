"""What is known about a firm, its own facts and those delivered: all of it, and what everybody may see."""

from datetime import date
from typing import Any

from zhijian.engines.facts import queries as facts
from zhijian.engines.facts.blemishes import Blemish, blemishes
from zhijian.engines.facts.publicity import is_removed
from zhijian.engines.facts.queries import Known, PublicFact
from zhijian.engines.registers.market_entities import register_at
from zhijian.engines.registers.records import EntityRecord
from zhijian.infrastructure.home import current_home


def known_of(uscc: str, *, on: date) -> Known:
    """Return what is known about a firm at the end of a day, from our facts and the deliveries that are served."""
    register = register_at(current_home().serving)
    delivered = register.delivered_facts(uscc) if register.is_ready else []
    return facts.known_of(uscc, on=on, delivered=delivered)


def registered(uscc: str) -> EntityRecord | None:
    """Return a firm as the register that is served has it; None where it is not there, or nothing is served."""
    register = register_at(current_home().serving)
    return register.find(uscc) if register.is_ready else None


def place_of(uscc: str) -> str:
    """Return the division where a firm is registered now; of a firm that the register lacks, the one in its code.

    A code keeps the division of the first registration: a firm that moved is found at its present authority.
    """
    return place_on_record(registered(uscc), uscc)


def place_on_record(record: EntityRecord | None, uscc: str) -> str:
    """Return the division where a firm is registered by its record; where there is none, the one in its code."""
    known = (record.county_code or record.prefecture_code) if record is not None else None
    return known or uscc[2:8]


def everything_of(uscc: str, *, on: date) -> list[Any]:
    """Return every standing fact about a firm, also what is not public (any more). A rule of law that is asked of the log
    alone misses what other systems decided."""
    return known_of(uscc, on=on).everything


def history_of(uscc: str, *, on: date) -> list[Any]:
    """Return every standing fact about a firm, newest first, as a file on the firm tells them."""
    return sorted(
        everything_of(uscc, on=on), key=lambda one: (one.occurred_on, one.recorded_at), reverse=True
    )


def public_record_of(uscc: str, *, on: date) -> list[PublicFact]:
    """Return what is public about a firm on a day, newest first, from our facts and the deliveries that are served."""
    return known_of(uscc, on=on).public


def is_on_serious_list(known: list[Any], *, on: date) -> bool:
    """Say whether a firm of which all this is known stands on the serious-violation list on a day."""
    return any(
        one.kind == "serious_list.listed"
        and one.occurred_on <= on
        and not is_removed(one, known, on=on)
        and (one.public_until is None or on <= one.public_until)
        for one in known
    )


def blemishes_of(uscc: str, *, on: date, months: int) -> tuple[Blemish, ...]:
    """Return what stands against a clean record of a firm on a day: its lists, and what was decided in the months before."""
    return blemishes([one.fact for one in public_record_of(uscc, on=on)], on=on, months=months)
