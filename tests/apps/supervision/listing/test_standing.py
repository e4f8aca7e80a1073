"""Who stands on the public lists: no number of removals lets a firm that left be shown."""

from datetime import date, datetime

import pytest

from zhijian.apps.supervision.listing import queries as listings
from zhijian.engines.facts import services as facts
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.django_db, pytest.mark.database]
AT = datetime(2026, 9, 23, 10, 0, tzinfo=ZONE)
FIRM = synthetic_code(830_090, "440106")


def test_no_number_of_removals_lets_a_firm_that_left_be_shown(monkeypatch):
    def fact(kind, firm, key, on):
        payload = {
            "ground_code": "unreachable",
            "ground": "无法联系",
            "decision_no": key,
            "authority": "示例区局",
        }
        payload |= {} if kind.endswith("listed") else {"reason": "列入事由已经消除"}
        payload = payload if kind.endswith("listed") else {k: v for k, v in payload.items() if k != "ground"}
        facts.record(kind, subject=firm, occurred_on=on, payload=payload, source="test", source_key=key, by="test", at=AT, is_synthetic=True)  # fmt: skip

    gone = [synthetic_code(830_100 + n, "440106") for n in range(3)]
    for n, firm in enumerate(gone):
        fact("abnormal_list.listed", firm, f"L{n}", date(2026, 9, 1 + n))
        fact("abnormal_list.removed", firm, f"R{n}", date(2026, 9, 10 + n))
    fact("abnormal_list.listed", FIRM, "L9", date(2026, 8, 1))
    monkeypatch.setattr(listings, "_BATCH", 2)
    monkeypatch.setattr(listings, "_MOST", 1)
    assert [one.fact.subject for one in listings.standing(on=AT.date())] == [FIRM]
