"""``zhijian rate``: everyone's class as of a month's end, from delivered facts and our own inspections."""

import json
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner

from tests.datazone.entity.test_market_entities import FIRST, deliver, row
from zhijian.datazone.entity.market_entities import build_market_entities
from zhijian.datazone.lake import Lake
from zhijian.operations.commands import rate

pytestmark = [pytest.mark.django_db, pytest.mark.database]
AT = datetime(2026, 10, 20, 2, tzinfo=UTC)


@pytest.fixture
def lake(home):
    lake = Lake(home.lake)
    deliver(lake, "a", FIRST, row())
    build_market_entities(lake, at=AT)
    return lake


def inspected(lake, *codes):
    from zhijian.engines.facts import services

    [uscc] = lake.read("entity_market_entities")["uscc"].to_pylist()
    return services.record(
        "inspection.result", subject=uscc, occurred_on=date(2026, 10, 15), source="inspection", source_key="1",
        payload={"codes": list(codes), "authority": "示例局"}, by="demo", at=AT, is_synthetic=True,
    )  # fmt: skip


def rated(month="2026-10"):
    return json.loads(CliRunner().invoke(rate.command, ["--month", month, "--json"]).stdout)


def problems_counted(lake):
    [count] = lake.read("mart_credit_score")["count_inspection_problem"].to_pylist()
    return count


def test_without_any_record_data_are_insufficient_and_the_same_again_changes_nothing(lake):
    first = rated()
    assert (first["month"], first["classes"]["B"], first["insufficient"], first["changed"]) == (
        "2026-10",
        1,
        1,
        True,
    )
    assert not rated()["changed"]


def test_our_own_results_count_from_the_month_in_which_they_occurred(lake):
    inspected(lake, "6")
    assert rated("2026-09")["insufficient"] == 1
    assert rated("2026-10")["insufficient"] == 0
    assert problems_counted(lake) == 1


def test_of_a_corrected_result_only_the_newest_version_counts(lake):
    from zhijian.engines.facts import services

    services.correct(
        inspected(lake, "6"),
        payload={"codes": ["1"], "authority": "示例局"},
        reason="录入有误",
        by="demo",
        at=AT,
    )
    rated()
    assert problems_counted(lake) == 0


def test_what_is_no_month_is_refused_and_a_missing_register_named(home):
    assert "Write 2026-10" in CliRunner().invoke(rate.command, ["--month", "October"]).stderr
    result = CliRunner().invoke(rate.command, ["--month", "2026-10"])
    assert result.exit_code == 1
    assert "entity_market_entities" in result.stderr
