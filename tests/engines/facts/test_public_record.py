"""What everybody may see of a subject: the log first, and beside it what was delivered and is marked as such."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from tests.engines.facts.conftest import FIRM, MORNING
from zhijian.engines.facts import services
from zhijian.engines.facts.queries import public_record

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TODAY = date(2026, 11, 10)
PENALTY = {
    "decision_no": "示例罚〔2026〕1号", "authority": "示例局", "violation": "标签不实", "types": ["fine"],
    "procedure": "ordinary", "fine_yuan": "20000.00",
}  # fmt: skip
LISTING = {"ground_code": "unreachable", "authority": "示例局"}


@pytest.fixture
def penalty(record):
    return record("p1", kind="penalty.decided", payload=PENALTY, occurred_on=date(2026, 10, 20))


def delivered(key, kind="penalty.decided", payload=PENALTY, **changed):
    return SimpleNamespace(**{
        "fact_id": key, "subject": FIRM, "kind": kind, "payload": payload, "occurred_on": date(2026, 10, 20),
        "recorded_at": MORNING, "source": "test", "source_key": key, "public_until": None, "is_synthetic": True,
    } | changed)  # fmt: skip


def shown(*rows):
    return [
        (one.fact.source_key, one.is_in_log) for one in public_record(FIRM, on=TODAY, delivered=list(rows))
    ]


def test_a_fact_that_was_delivered_and_recorded_is_shown_once_as_the_log_has_it(penalty):
    assert shown(delivered("p1", payload=PENALTY | {"fine_yuan": "1.00"})) == [("p1", True)]


def test_a_withdrawn_fact_does_not_come_back_by_its_delivery(penalty):
    services.withdraw(penalty, reason="撤销处罚决定", by="demo", at=MORNING + timedelta(days=1))
    assert shown(delivered("p1")) == []


def test_a_fact_corrected_into_one_that_is_not_public_does_not_come_back_by_its_delivery(penalty):
    later = PENALTY | {"published_on": "2099-01-01"}
    services.correct(penalty, payload=later, reason="更正", by="demo", at=MORNING + timedelta(days=1))
    assert shown(delivered("p1")) == []


def test_a_fact_withdrawn_because_it_was_about_another_subject_stays_away_from_both(record):
    record("p1", kind="penalty.decided", payload=PENALTY, subject="91440101MA59示例0002")
    assert shown(delivered("p1")) == []


def test_a_delivered_fact_that_the_log_never_knew_is_shown_and_marked(penalty):
    assert shown(delivered("p1"), delivered("p2", occurred_on=date(2026, 10, 25))) == [
        ("p2", False),
        ("p1", True),
    ]


def test_what_was_delivered_under_another_source_with_the_same_key_is_another_fact(penalty):
    assert shown(delivered("p1", source="elsewhere")) == [("p1", True), ("p1", False)]


def test_nothing_delivered_ends_the_publicity_of_what_the_log_holds(record):
    record("l1", kind="abnormal_list.listed", payload=LISTING, occurred_on=date(2026, 10, 1))
    assert shown(delivered("r1", "abnormal_list.removed", LISTING)) == [("l1", True)]


def test_a_removal_in_the_log_ends_the_publicity_of_a_delivered_listing(record):
    record("r1", kind="abnormal_list.removed", payload=LISTING, occurred_on=date(2026, 10, 25))
    listed = delivered("l1", "abnormal_list.listed", LISTING)
    assert shown(listed) == []
    assert shown(listed, delivered("l2", "abnormal_list.listed", LISTING | {"ground_code": "falsity"})) == [
        ("l2", False)
    ]
