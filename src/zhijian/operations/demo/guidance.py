"""What the demonstration has of guidance: a first offence of a firm that a visitor signs in as, with its letter. Invented, marked."""

from datetime import datetime, timedelta

from zhijian.apps.supervision.inclusive.models import FirstOffenceItem, Leniency
from zhijian.apps.supervision.inclusive.registers import LENIENCIES
from zhijian.engines.registers.declared import services
from zhijian.engines.registers.public_records import place_of
from zhijian.security.models import BusinessPerson, Officer
from zhijian.standards.calendar import statutory_day

KEY = "BF2026-101"


def seed(keeper: Officer, *, now: datetime) -> bool:
    """Decide for guidance about the newest invented firm that signs in; return whether it was new."""
    person = BusinessPerson.objects.filter(is_synthetic=True).order_by("-pk").first()
    if person is None or Leniency.objects.filter(key=KEY).exists():
        return False
    on, item = statutory_day(now), FirstOffenceItem.objects.get(key="SW-02")
    row = {
        "key": KEY, "name": person.firm_name, "uscc": person.uscc, "division_code": place_of(person.uscc), "item": item.key,
        "is_minor": "1", "harm_code": "none", "guidance": "请对照《计量法》核对全部价签，补齐计量单位（合成）。",
        "correct_by": (on + timedelta(days=item.correct_days)).isoformat(), "corrected_on": "",
        "authority": keeper.organisation.name if keeper.organisation else "", "valid_from": on.isoformat(), "is_synthetic": "1",
    }  # fmt: skip
    services.add(LENIENCIES, row, reason="初次违法，责令改正并指导（合成）", by=keeper, at=now)
    return True
