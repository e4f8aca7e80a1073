"""Our own facts reach the lake: each once, by numbers without a gap."""

from datetime import UTC, date, datetime, timedelta

import pytest

from zhijian.datazone.lake import Lake
from zhijian.engines.facts import seals
from zhijian.engines.facts import services as facts
from zhijian.engines.feed import services
from zhijian.engines.feed.models import FactPlace

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
AT = datetime(2026, 11, 1, 4, tzinfo=UTC)


@pytest.fixture
def lake(home):
    return Lake(home.lake)


def record(key, at=AT):
    return facts.record(
        "annual_report.published",
        subject="91440101MA59ABCD1D",
        occurred_on=date(2026, 3, 2),
        payload={"report_year": 2025},
        source="测试",
        source_key=str(key),
        by="测试",
        at=at,
        is_synthetic=True,
    )


def test_new_facts_are_fed_once_and_in_the_order_of_their_recording(lake):
    for number in range(3):
        record(number, AT + timedelta(seconds=number))
    assert services.feed(lake, at=AT).fed == 3
    record(3, AT + timedelta(seconds=9))
    assert services.feed(lake, at=AT).fed == 1
    assert services.feed(lake, at=AT).fed == 0
    rows = lake.read(services.TABLE).sort_by("sequence").to_pylist()
    assert [(row["sequence"], row["source_key"]) for row in rows] == [(1, "0"), (2, "1"), (3, "2"), (4, "3")]
    assert rows[0]["is_synthetic"] is True
    assert "recorded_by" not in rows[0]
    assert services.check(lake).is_complete


def test_a_fact_committed_late_gets_the_next_number(lake):
    record("b", AT + timedelta(seconds=5))
    services.feed(lake, at=AT)
    record("a", AT)
    services.feed(lake, at=AT)
    assert [row["source_key"] for row in lake.read(services.TABLE).sort_by("sequence").to_pylist()] == [
        "b",
        "a",
    ]
    assert services.check(lake).is_complete


def test_after_a_seal_only_what_came_later_is_looked_at_and_nothing_is_lost(lake, home):
    record("sealed")
    seals.seal_day(date(2026, 11, 1), at=AT + timedelta(days=1), home=home)
    record("later", AT + timedelta(days=2))
    services.feed(lake, at=AT)
    assert FactPlace.objects.order_by("-sequence").first().complete_through is not None
    record("last", AT + timedelta(days=2, seconds=1))
    services.feed(lake, at=AT)
    assert services.check(lake).is_complete


def test_dying_between_number_and_row_loses_nothing(lake, monkeypatch):
    record("x")
    monkeypatch.setattr(services, "_append", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        services.feed(lake, at=AT)
    assert (FactPlace.objects.count(), lake.exists(services.TABLE)) == (1, False)
    monkeypatch.undo()
    assert services.feed(lake, at=AT).fed == 1
    assert services.check(lake).is_complete


def test_a_missing_number_stops_the_feed_and_is_named(lake):
    record("x")
    services.feed(lake, at=AT)
    FactPlace.objects.create(sequence=3, fact_id=record("y").pk)
    with pytest.raises(services.FeedBroken, match="number 2 is missing"):
        services.feed(lake, at=AT)
    assert not services.check(lake).is_complete
