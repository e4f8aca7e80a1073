"""Firms with public records on a few days, and the night's work on them."""

from datetime import UTC, date, datetime, timedelta

import pytest

FIRM, OTHER, NONE = "91440101MA59示例0001", "91440101MA59示例0002", "91440101MA59示例0009"
DAY = date(2026, 11, 3)
BEFORE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # 09:00 in Guangdong on the day before


def morning(day):
    """00:15 in Guangdong."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=7, minutes=45)


@pytest.fixture
def penalty(db):
    """Record a penalty; what is not said is as usual."""
    from zhijian.engines.facts import services

    def add(key="1", *, subject=FIRM, at=BEFORE, **changed):
        payload = {
            "decision_no": f"示例处罚〔2026〕{key}号",
            "authority": "示例市市场监督管理局",
            "violation": "虚假宣传",
            "types": ["fine"],
            "fine_yuan": "20000.00",
            "procedure": "ordinary",
            "published_on": "2026-11-02",
        } | changed
        return services.record(
            "penalty.decided",
            subject=subject,
            occurred_on=date(2026, 11, 1),
            payload=payload,
            source="test",
            source_key=f"penalty/{key}",
            by="demo",
            at=at,
            is_synthetic=True,
        )

    return add


@pytest.fixture
def build(home, db):
    """Make the map of a day in its first quarter of an hour."""
    from zhijian.engines.publicity import building
    from zhijian.engines.publicity.delivered import NoFacts

    def night(day=DAY, **options):
        return building.build_day(day, at=morning(day), home=home, **{"delivered": NoFacts(), **options})

    return night


@pytest.fixture
def ask(home):
    """Return the answer about a code on a day."""
    from zhijian.engines.publicity import answers
    from zhijian.engines.publicity.building import open_map

    def about(uscc, day=DAY, today=None):
        with open_map(home) as store:
            return answers.answer(store, uscc, store.day(day), today=today or day)

    return about
