"""What everybody may see about a firm: its own facts and those delivered, as rules that ask for a clean record need it."""

from datetime import date

from zhijian.engines.facts import queries as facts
from zhijian.engines.facts.blemishes import Blemish, blemishes
from zhijian.engines.facts.queries import PublicFact
from zhijian.engines.registers.market_entities import register_at
from zhijian.infrastructure.home import current_home


def public_record_of(uscc: str, *, on: date) -> list[PublicFact]:
    """Return what is public about a firm on a day, newest first, from our facts and the deliveries that are served."""
    register = register_at(current_home().serving)
    delivered = register.delivered_facts(uscc) if register.is_ready else []
    return facts.public_record(uscc, on=on, delivered=delivered)


def blemishes_of(uscc: str, *, on: date, months: int) -> tuple[Blemish, ...]:
    """Return what stands against a clean record of a firm on a day: its lists, and what was decided in the months before."""
    return blemishes([one.fact for one in public_record_of(uscc, on=on)], on=on, months=months)
