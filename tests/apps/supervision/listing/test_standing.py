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
    assert [one.subject for one in listings.standing(on=AT.date())] == [FIRM]


def test_the_lines_of_a_day_are_read_once_and_again_when_a_fact_of_the_lists_comes(
    django_assert_num_queries,
):
    def fact(kind, key, **payload):
        told = {"ground_code": "unreachable", "authority": "示例区局", "decision_no": key, **payload}
        return facts.record(kind, subject=FIRM, occurred_on=AT.date(), payload=told, source="test", source_key=key, by="test", at=AT, is_synthetic=True)  # fmt: skip

    def shown(**asked):
        return [one.decision_no for one in listings.standing(on=AT.date(), **asked)]

    assert shown() == []
    first = fact("abnormal_list.listed", "L1", ground="无法联系")
    assert shown() == ["L1"]
    with django_assert_num_queries(2):
        assert shown(city="440100", ground="unreachable", text=FIRM.lower()) == ["L1"]
    assert shown(city="440300") == [] and shown(kind="serious_list.listed") == []
    facts.withdraw(first, reason="列错了", by="test", at=AT)
    assert shown() == []
    fact("abnormal_list.listed", "L2", ground="无法联系")
    assert shown() == ["L2"]
    fact("abnormal_list.removed", "R2", reason="事由已经消除")
    assert shown() == []
