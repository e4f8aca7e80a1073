"""How inspections do, on pages: sums for everybody, the rest for auditors and leaders, a clue answered with its reason."""

from datetime import timedelta
from functools import partial

import pytest

from tests.apps.supervision.inspection import casework
from zhijian.apps.supervision.inspection import (
    audit,
    burden,
    counting,
    kept_audit,
    kept_figures,
    services,
    targeting,
)
from zhijian.apps.supervision.inspection.models import Check, KeptFigures
from zhijian.datazone.lake import Lake
from zhijian.engines.draws import strictness
from zhijian.engines.draws.strictness import funnel
from zhijian.portal.components import funnel_chart
from zhijian.security.models import AccessRecord, Organisation

TARGETING, STRICTNESS, COUNTING = (f"/work/audit/{name}/" for name in ("targeting", "strictness", "counting"))


def _kept(home):
    for scope in ("44", "4401", "440106"):
        kept_figures.keep(scope, Lake(home.lake), at=casework.AT + timedelta(days=1))


@pytest.fixture
def hurried(staff, a_draw, home):
    """Three visits of one team within minutes, the second 190 km away, all with one text; who looks at them."""
    services.publish_item_list(by=None, at=casework.AT)
    names = [f"示例{one}食品店" for one in "甲乙丙"]
    task = services.dispatch(a_draw(names=names), by=staff.drawer, at=casework.AT)
    places = (("23.13", "113.26"), ("24.81", "113.60"), ("23.13", "113.26"))
    for place, check in enumerate(task.checks.order_by("number")):
        at = casework.AT + timedelta(minutes=20 * place)
        where = services.Position.from_texts(*places[place], "20", "")
        services.begin(check, where, certificates_shown=True, by=staff.first, at=at)
        entry = services.ResultEntry(
            ("1",), casework.NOTHING_FOUND.findings,
            summary="现场检查营业执照公示情况，经营场所与登记住所一致，未发现无照经营，货架商品标签齐全。",
        )  # fmt: skip
        services.record_result(check, entry, by=staff.first, at=at + timedelta(minutes=9))
    above = Organisation.objects.create(
        code="GD-4401", name="示例广州市局", name_en="City (example)", level="city", division_code="440100",
        is_synthetic=True,
    )  # fmt: skip
    make = type(staff.first).objects.create
    _kept(home)
    staff.above = make(username="above", display_name="示例市局领导", organisation=above, roles=["leader"])
    staff.leader = make(
        username="own", display_name="示例区局领导", organisation=staff.unit, roles=["leader"]
    )
    return staff


def test_an_impossible_journey_and_copied_records_are_shown_to_the_unit_above_and_answered(client, hurried):
    client.force_login(hurried.above)
    address = f"{COUNTING}?year=2026"
    page = client.get(address).content.decode()
    assert "3条线索等待答复" in page and "路程不可能" in page and "检查记录雷同" in page
    assert AccessRecord.objects.filter(part="counting", officer=hurried.above).exists()
    numbers = list(Check.objects.order_by("number").values_list("number", flat=True))
    said = {"clue": f"copied@{numbers[0]}/{numbers[2]}", "year": "2026", "verdict": "look_into"}
    assert "请写明理由" in client.post(f"{COUNTING}answer/", said, follow=True).content.decode()
    page = client.post(f"{COUNTING}answer/", said | {"reason": "请区局说明"}, follow=True).content.decode()
    assert "2条线索等待答复" in page and "请区局说明" in page
    assert audit.answers()[said["clue"]].payload["verdict"] == "look_into"
    assert client.post(f"{COUNTING}answer/", said | {"clue": "copied@x/y"}).status_code == 404
    assert f"copied,{hurried.unit.code}" in client.get(f"{address}&format=csv").content.decode()


def test_the_own_leader_sees_no_clue_of_the_own_unit_and_an_inspector_no_page(client, hurried):
    client.force_login(hurried.leader)
    assert "这一年您能看的单位没有线索" in client.get(f"{COUNTING}?year=2026").content.decode()
    client.force_login(hurried.first)
    assert [client.get(one).status_code for one in (TARGETING, STRICTNESS, COUNTING)] == [403] * 3


def test_where_there_is_little_the_pages_say_so(client, hurried):
    client.force_login(hurried.above)
    assert "还说不出按风险抽查多查出几倍" in client.get(f"{TARGETING}?year=２０２６").content.decode()
    assert "检查还太少，看不出尺度" in client.get(f"{STRICTNESS}?year=99999").content.decode()
    for one in (TARGETING, STRICTNESS):
        assert client.get(f"{one}?format=csv")["Content-Type"].startswith("text/csv")


def test_everybody_sees_how_often_firms_were_visited_and_no_firm(client, hurried, home):
    page = client.get("/results/visits/?year=2026").content.decode()
    assert "2026年查了3户企业，共3次" in page and "户数少，不公布" in page
    assert "示例甲食品店" not in page
    text = client.get("/results/visits/?year=2026&format=csv").content.decode()
    assert "all,,3,3" in text and "county,440106,," in text
    (first, *_others) = burden.firms_of(2026, Lake(home.lake))
    assert (first.visits, first.is_over) == (1, False)


def test_a_page_reads_what_the_night_kept_says_when_and_reckons_nothing(client, hurried, monkeypatch):
    def no(*_given, **_named):
        raise AssertionError("a page reckons")

    for module, name in (
        (counting, "seen_in"),
        (targeting, "account"),
        (targeting, "looked_in"),
        (burden, "firms_of"),
        (audit, "held"),
    ):
        monkeypatch.setattr(module, name, no)
    client.force_login(hurried.above)
    for address in (TARGETING, STRICTNESS, COUNTING, "/results/visits/"):
        page = client.get(f"{address}?year=2026").content.decode()
        assert "计算，每晚更新" in page and "还没有计算" not in page, address


def test_where_no_night_reckoned_a_year_the_page_says_so_and_the_button_reckons_it(client, hurried):
    KeptFigures.objects.all().delete()
    client.force_login(hurried.above)
    for address in (TARGETING, STRICTNESS, COUNTING, "/results/visits/"):
        assert "还没有计算" in client.get(address).content.decode(), address
    assert client.post("/work/audit/draws/compute/", follow=True).status_code == 200
    assert "还没有计算" not in client.get(COUNTING).content.decode()


def test_what_is_kept_is_read_as_it_was_reckoned(hurried, home):
    lake, scope = Lake(home.lake), "440106"
    assert kept_figures.clues_of(scope, 2026).figures == counting.clues(
        counting.seen_in(2026, scope=scope), 2026
    )
    assert kept_figures.burden_of(2026).figures == burden.account(2026, burden.firms_of(2026, lake))
    draws = kept_audit.draws_in(scope)
    assert kept_figures.targeting_of(scope, 2026).figures == targeting.account(2026, draws, lake)
    assert kept_figures.strictness_of(scope, 2026).figures.visits == len(targeting.looked_in(2026, draws))
    assert kept_figures.burden_of(2019) is None


def test_where_no_check_found_anything_there_is_no_funnel_and_still_a_page(client, hurried, monkeypatch):
    nobody = strictness.Office((strictness.Strictness("chen", 12, 0, 0.0, 1.0, 0.0, 9.0, 1.0),), 0.0)
    kept = kept_figures.Told(kept_figures.Office(12, nobody), casework.AT, is_synthetic=True)
    monkeypatch.setattr(kept_figures, "strictness_of", lambda scope, year: kept)
    client.force_login(hurried.above)
    page = client.get(STRICTNESS)
    assert page.status_code == 200 and "都没有查出问题" in page.content.decode()


def test_the_funnel_marks_who_stands_outside_of_it():
    chart = funnel_chart.draw(
        "", "", [(20.0, 1.0), (20.0, 2.2)], partial(funnel, level=0.95), partial(funnel, level=0.998)
    )
    assert [is_outside for _x, _y, is_outside in chart.points] == [False, True]
    assert chart.points[0][1] == pytest.approx(chart.middle_y)
