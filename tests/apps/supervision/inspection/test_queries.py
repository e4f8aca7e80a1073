"""What everybody may read of inspections, and nothing more."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.apps.supervision.inspection.casework import AT, HERE, NOTHING_FOUND, PROBLEM_FOUND, corrected
from zhijian.apps.supervision.inspection import queries, services
from zhijian.apps.supervision.inspection.models import (
    Check,
    CheckEvent,
    CheckItemResult,
    CheckResult,
    InspectionTask,
    RecordedCode,
)
from zhijian.apps.supervision.inspection.queries import ResultFilters

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def carry_out(check, staff, entry, at):
    services.begin(check, HERE, certificates_shown=True, by=staff.first, at=at)
    services.record_result(check, entry, by=staff.first, at=at)
    services.confirm_by_second(check, by=staff.second, at=at)
    services.publish(check, by=staff.publisher, at=at)


@pytest.fixture
def two_published(staff, a_draw, home):
    services.publish_item_list(by=None, at=AT)
    task = services.dispatch(a_draw(names=("示例甲店", "示例乙店", "示例丙店")), by=staff.drawer, at=AT)
    first, second, _ = task.checks.order_by("number")
    carry_out(first, staff, PROBLEM_FOUND, AT)
    carry_out(second, staff, NOTHING_FOUND, AT + timedelta(days=1))
    return first, second


def names(**filters):
    return [one.entity_name for one in queries.published_results(ResultFilters(**filters))]


def test_only_what_is_published_is_shown_the_newest_first(two_published):
    assert names() == ["示例乙店", "示例甲店"]
    assert len(queries.published_results(limit=1)) == 1


def test_what_is_not_published_is_not_there(confirmed):
    assert queries.result(confirmed.pk) is None
    assert queries.results_of(confirmed.uscc) == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"code": "9"}, ["示例甲店"]),
        ({"code": "2"}, []),
        ({"words": "乙"}, ["示例乙店"]),
        ({"words": "91440106ma9xh0t10x"}, ["示例甲店"]),
        ({"prefecture_code": "440100"}, ["示例乙店", "示例甲店"]),
        ({"prefecture_code": "440300"}, []),
        ({"plan_id": "2026-0312"}, ["示例乙店", "示例甲店"]),
        ({"published_from": date(2026, 9, 17)}, ["示例乙店"]),
        ({"published_to": date(2026, 9, 16)}, ["示例甲店"]),
    ],
)
def test_results_are_found_by_city_code_draw_day_and_words(two_published, filters, expected):
    assert names(**filters) == expected


def test_a_corrected_result_is_no_longer_found_by_its_former_code(published, staff):
    corrected(published, NOTHING_FOUND, "另一家的标签", staff=staff, at=AT + timedelta(days=1))
    assert names(code="9") == []
    assert names(code="1") == [published.entity_name]


def test_a_public_result_holds_neither_notes_nor_names_nor_class(published):
    shown = repr(queries.result(published.pk))
    for secret in ("红豆", "下架", "示例陈检", "示例李检", "R1", "latitude"):
        assert secret not in shown
    assert "食品标签标明生产日期和保质期" in shown


def test_the_public_reads_the_sealed_fact_whatever_somebody_writes_into_our_tables(published):
    shown = queries.result(published.pk)
    RecordedCode.objects.filter(result__check_record=published, code="9").update(code="1")
    CheckItemResult.objects.update(finding="conform")
    CheckResult.objects.update(completed_on=date(2020, 1, 1))
    CheckEvent.objects.filter(check_record=published, verb="publish").update(payload={}, recorded_at=AT)
    InspectionTask.objects.update(title="另一项任务", plan_id="other")
    Check.objects.filter(pk=published.pk).update(is_synthetic=False)
    assert queries.result(published.pk) == shown
    CheckEvent.objects.filter(check_record=published, verb="publish").update(verb="other")
    assert [one.id for one in queries.published_results()] == [published.pk]


def test_a_result_moved_to_another_firm_in_sql_is_not_shown_on_its_page(published):
    owner = published.uscc
    Check.objects.filter(pk=published.pk).update(uscc="91440106MA9XH0T99X")
    assert queries.results_of("91440106MA9XH0T99X") == []
    assert queries.result(published.pk).uscc == owner


def test_visits_are_counted_by_year_and_rehearsals_are_none(on_site, staff, a_draw):
    assert queries.checks_this_year(on_site.uscc, 2026) == 1
    assert queries.checks_this_year(on_site.uscc, 2025) == 0
    rehearsal = services.dispatch(a_draw(plan_id="R-1", is_rehearsal=True), by=staff.drawer, at=AT)
    services.begin(rehearsal.checks.get(), HERE, certificates_shown=True, by=staff.first, at=AT)
    assert queries.checks_this_year(on_site.uscc, 2026) == 1


def test_an_entity_drawn_twice_counts_once_in_the_share(check, staff, a_draw):
    services.dispatch(a_draw(plan_id="2026-0400"), by=staff.drawer, at=AT)
    share = queries.drawn_share_by_prefecture(2026)["440100"]
    assert (share.drawn_count, share.frame_count, share.share_percent) == (1, 40, 2.5)
    assert not share.is_rehearsal
    assert queries.drawn_share_by_prefecture(2025) == {}


def test_a_rehearsal_counts_only_where_there_is_nothing_else_and_is_marked(staff, a_draw):
    services.publish_item_list(by=None, at=AT)
    services.dispatch(a_draw(is_rehearsal=True, is_synthetic=False), by=staff.drawer, at=AT)
    assert queries.drawn_share_by_prefecture(2026)["440100"].is_rehearsal


def test_the_inbox_runs_overdue_due_today_new_the_rest_and_what_waits():
    def row(colour, left, **marks):
        light = queries.Light(colour, "", "", left)
        plain = queries.Row(light, date(2026, 9, 30), "", "", "", "", "", "", False, False, False, "")
        return replace(plain, **marks)

    waiting, rest, new = row("red", -3, is_waiting=True), row("green", 9), row("green", 9, is_new=True)
    today, overdue = row("yellow", 0), row("red", -1)
    ordered = sorted([waiting, rest, new, today, overdue], key=lambda one: one.rank)
    assert ordered == [overdue, today, new, rest, waiting]


@pytest.mark.parametrize(
    ("days", "count"),
    [
        ("from=0001-01-01", 1),
        ("to=9999-12-31", 1),
        ("from=0001-01-01&to=9999-12-31", 1),
        ("from=9999-12-31", 0),
        ("to=0001-01-01", 0),
    ],
)
def test_any_day_that_can_be_written_can_be_asked_for(client, published, days, count):
    answer = client.get(f"/results/?{days}")
    assert (answer.status_code, len(answer.context["results"])) == (200, count)


def test_a_proposed_correction_waits_on_the_other_publishers_workbench(published, staff):
    services.propose_correction(published, NOTHING_FOUND, "另一家", by=staff.publisher, at=AT)
    (theirs,) = queries.workbench(staff.reviewer, AT.date()).mine
    (own,) = queries.workbench(staff.publisher, AT.date()).mine
    assert (theirs.verb_zh, theirs.who, theirs.is_waiting) == ("确认更正", "示例钱公示", False)
    assert (theirs.light.words_zh, theirs.due_on) == ("无期限", None)
    assert own.is_waiting and theirs.url == own.url == f"/work/checks/{published.pk}/correct/"
    assert queries.workbench(staff.first, AT.date()).mine == []
    services.confirm_correction(published, by=staff.reviewer, at=AT)
    assert queries.workbench(staff.reviewer, AT.date()).mine == []
