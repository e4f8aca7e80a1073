"""S54: what is read, answered and counted, and that nothing of a person is kept."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.consumer.education import queries, quiz, rules
from zhijian.apps.consumer.education import services as education
from zhijian.apps.consumer.education.models import ReadingCount
from zhijian.apps.consumer.education.registers import EVENTS, ITEMS
from zhijian.engines.registers.declared import services
from zhijian.portal.views import education as pages
from zhijian.standards.calendar import ZONE


@pytest.fixture
def items(db):
    keeper = desk.province_keeper(ITEMS)
    content = ITEMS.demo_file.read_bytes()
    services.take_in(ITEMS, "items.csv", content, by=keeper, at=AT)
    return keeper


def test_a_county_is_covered_by_a_base_an_event_of_the_year_or_enough_readings():
    found = rules.coverage(
        ["440106", "440105", "440104", "440103"], bases=["440106", "999999"],
        events=[("440105", date(2026, 5, 1)), ("440104", date(2025, 5, 1))], readings={"440104": 29, "440103": 30},
        on=date(2026, 11, 20),
    )  # fmt: skip
    assert found.covered == {"440106", "440105", "440103"} and found.share_percent == 75


def test_the_counties_of_the_province_are_all_and_cities_without_counties_stand_for_themselves():
    codes = queries.counties()
    assert {"440106", "441900", "442000"} <= set(codes) and "440101" not in codes and "440100" not in codes
    assert len(codes) == 124


def test_reading_needs_no_account_and_opening_a_page_counts_nothing(client, items):
    page = client.get("/learn/items/XX-0001/")
    assert "办卡之前先看三样" in page.content.decode() and not page.cookies.get("sessionid")
    assert ReadingCount.objects.count() == 0
    for _ in range(2):
        client.post("/learn/items/XX-0001/count/", {"county": "440106"})
    row = ReadingCount.objects.get()
    assert (row.item, row.division_code, row.count) == ("XX-0001", "440106", 2)
    said = client.post("/learn/items/XX-0001/count/", {"county": "110101"}, follow=True).content.decode()
    assert "请选择您所在的县" in said and ReadingCount.objects.get().count == 2
    assert client.post("/learn/items/NONE/count/", {"county": "440106"}).status_code == 404


def test_a_day_s_count_of_a_county_has_a_limit(items, monkeypatch):
    monkeypatch.setattr(education, "MOST_A_DAY", 1)
    at = datetime(2026, 11, 20, 9, tzinfo=ZONE)
    education.count_reading("XX-0001", "440106", by=None, at=at)
    with pytest.raises(education.NotCounted, match="full"):
        education.count_reading("XX-0001", "440106", by=None, at=at)


def test_items_are_found_by_trade_and_warnings_link_to_what_fits(client, items):
    page = client.get("/learn/", {"field_code": "M11"}).content.decode()
    assert "办卡之前先看三样" in page and "三包怎么算" not in page
    assert client.get("/learn/", {"field_code": "M77", "q": "<script>"}).status_code == 200
    assert queries.topic_of("健身房关门跑路，会员卡余额不退款，充值的钱怎么办") == "M11"
    assert queries.topic_of("天气很好") == ""
    assert [one.key for one in queries.for_topic("M1102", on=AT.date())] == ["XX-0002", "XX-0001"]
    assert queries.for_topic("nothing", on=AT.date()) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind_code": "video", "link": "javascript:alert(1)"}, "link"),
        ({"kind_code": "article", "link": "javascript:alert(1)"}, "link"),
        ({"body": "太短"}, "body"),
        ({"language_code": "both", "body_en": ""}, "body_en"),
        ({"field_code": "M77"}, "field_code"),
    ],
)
def test_an_item_that_cannot_be_read_is_refused(items, change, field):
    row = {**desk.demo_rows(ITEMS, 1)[0], "key": "NEW-1", **change}
    with pytest.raises(services.WrongRow) as refused:
        services.add(ITEMS, row, reason="试一试登记", by=items, at=AT)
    assert field in {one.field for one in refused.value.problems}


def test_attendance_of_an_event_that_lies_ahead_is_refused(items):
    row = {**desk.demo_rows(EVENTS, 1)[0], "key": "NEW-1", "base": "", "valid_from": "2026-12-20", "valid_to": "2026-12-20", "attended": "5"}  # fmt: skip
    with pytest.raises(services.WrongRow) as refused:
        services.add(EVENTS, row, reason="试一试登记", by=items, at=AT)
    assert [one.field for one in refused.value.problems] == ["attended"]


def test_script_in_a_text_is_shown_as_text(client, items):
    row = {**desk.demo_rows(ITEMS, 1)[0], "key": "S-1", "body": "<script>alert(1)</script>" + "正文" * 20}
    services.add(ITEMS, row, reason="按申请登记", by=items, at=AT)
    page = client.get("/learn/items/S-1/").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_the_quiz_judges_explains_and_forgets(client, db):
    right = {f"q{one.number}": str(one.right) for one in quiz.questions()}
    page = client.post("/learn/quiz/", {**right, "q1": "9", "q2": "<script>"}).content.decode()
    assert f"答对{len(right) - 2}题" in page and "《消费者权益保护法》第二十五条" in page
    assert "正确" not in client.get("/learn/quiz/").content.decode()


def test_coverage_has_a_picture_a_table_and_a_file(client, items):
    page = client.get("/learn/coverage/").content.decode()
    assert "<svg" in page and "怎么数的" in page
    assert client.get("/learn/coverage/?format=csv").content.decode().count("\n") >= 23


def test_one_address_does_not_cover_a_county_by_itself(client, items, monkeypatch):
    monkeypatch.setattr(pages, "READING", replace(pages.READING, per_address=3))
    for _ in range(5):
        page = client.post("/learn/items/XX-0001/count/", {"county": "440106"}, follow=True).content.decode()
    assert ReadingCount.objects.get().count == 3
    assert "次数太多" in page
