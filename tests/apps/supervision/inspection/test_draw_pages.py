"""A draw is held from its page, by the right people, and its checks are dispatched."""

from datetime import date, datetime, timedelta
from math import sqrt
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from tests.apps.supervision.inspection.casework import AT
from zhijian.apps.supervision.inspection import draw_pages, policies, queries, rosters, scoping, services
from zhijian.apps.supervision.inspection.dispatching import drawn_visits
from zhijian.apps.supervision.inspection.models import Check, InspectionItem, InspectionTask
from zhijian.datazone.lake import Lake
from zhijian.engines.draws import core
from zhijian.engines.draws.models import Draw
from zhijian.engines.draws.queries import state_of
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.security.models import AccessRecord, Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SHANGHAI = ZoneInfo("Asia/Shanghai")
NINE = datetime(2026, 11, 16, 9, tzinfo=SHANGHAI)
NONCE = {"organiser": "11" * 32, "supervisor": "22" * 32}
FORM = {
    "plan_id": "TH-2026-1",
    "title": "示例：登记事项抽查",
    "items": ["REG-01", "REG-03"],
    "subjects": "synthetic",
    "mode": "plain",
    "rate-A": "2500",
    "auditor": "sun",
    "source_name": "示例彩票第1期",
    "source_place": "示例网站",
    "source_shape": "9999999999",
    "freeze_at": "2026-11-16T10:00",
    "commit_until": "2026-11-16T12:00",
    "exists_at": "2026-11-16T15:00",
    "reveal_until": "2026-11-16T18:00",
    "inspection_until": "2026-12-15",
    "outside_reason": "上级交办",
}


@pytest.fixture
def clock(monkeypatch):
    """Set the time that the pages read."""

    def at(hours):
        monkeypatch.setattr(draw_pages.timezone, "now", lambda: NINE + timedelta(hours=hours))

    return at


@pytest.fixture
def register(home):
    """Forty invented entities; one of them is deregistered, one real."""
    rows = [
        {
            "uscc": f"91440106MA{number:08d}",
            "name": f"示例{number}号店",
            "prefecture_code": "440100",
            "county_code": "440106",
            "industry_section": "F",
            "status_code": "deregistered" if number == 0 else "active",
            "is_synthetic": number != 1,
        }
        for number in range(40)
    ]
    lake = Lake(home.lake)
    lake.write("entity_market_entities", pa.Table.from_pylist(rows))
    return lake


@pytest.fixture
def people(staff, django_user_model):
    for officer in (staff.first, staff.second, staff.third):
        officer.skills = ["general"]
        officer.save()
    staff.auditor = django_user_model.objects.create(
        username="sun", display_name="示例孙审", roles=["auditor"], organisation=staff.unit
    )
    services.publish_item_list(by=None, at=AT)
    return staff


def act(client, officer, action, **fields):
    client.force_login(officer)
    return client.post("/work/draws/TH-2026-1/", {"action": action, **fields})


def announce(client, people, **changes):
    client.force_login(people.drawer)
    return client.post("/work/draws/new/", {**FORM, **changes})


def test_a_draw_outside_every_plan_needs_a_reason_that_auditors_read(client, people, register, clock):
    clock(0)
    bare = announce(client, people, outside_reason="")
    assert bare.status_code == 422 and "年度抽查计划内" in bare.content.decode() and not Draw.objects.exists()
    assert announce(client, people, task="GD-2026-1-01").status_code == 302
    client.force_login(people.auditor)
    assert "上级交办" in client.get("/work/draws/TH-2026-1/").content.decode()
    assert "计划外" in client.get("/work/draws/").content.decode()


def test_a_task_of_the_newest_plan_needs_none_unless_its_items_are_others(db):
    day = date(2026, 11, 16)
    for version in (1, 2):
        payload = {"plan": "GD-2026", "year": 2026, "authority": "示例", "version": version, "tasks": 3, "visits": 9,
                   "digest": "0" * 64, "items": ["REG-01"]}  # fmt: skip
        facts.record("plan.published", subject="plan/GD-2026", occurred_on=day, payload=payload, source="planning",
                     source_key=f"GD-2026/{version}", by="test", at=NINE + timedelta(hours=version))  # fmt: skip

    def planned(task, codes=("REG-01",), **more):
        return scoping.planned_of({"task": task, **more}, codes, until=day)

    assert planned("GD-2026-2-03") == scoping.Planned("GD-2026-2-03")
    for task in ("GD-2026-1-01", "GD-2026-2-04", "GD-2026-2-x", ""):
        with pytest.raises(policies.Incomplete):
            planned(task)
    with pytest.raises(policies.Incomplete):
        planned("GD-2026-2-01", ("REG-01", "PRI-01"))
    with pytest.raises(policies.Incomplete):
        scoping.planned_of({"task": "GD-2026-2-01"}, ["REG-01"], until=date(2027, 1, 5))
    assert planned("", outside_reason="专项整治").outside_reason == "专项整治"


def hold(client, people, clock):
    clock(1)
    act(client, people.drawer, "freeze")
    clock(2)
    for party, officer in (("organiser", people.drawer), ("supervisor", people.auditor)):
        promise = core.commitment("TH-2026-1", 1, party, NONCE[party])
        act(client, officer, "commit", party=party, commitment=promise)
    clock(6.5)
    act(client, people.drawer, "value", value="0123456789")
    for party, officer in (("organiser", people.drawer), ("supervisor", people.auditor)):
        act(client, officer, "reveal", party=party, nonce=NONCE[party])
    act(client, people.drawer, "run")
    act(client, people.drawer, "publish")


def test_a_draw_is_held_from_its_page_and_its_checks_reach_the_inspectors(client, people, register, clock):
    clock(0)
    assert announce(client, people).status_code == 302
    hold(client, people, clock)
    assert act(client, people.drawer, "dispatch").status_code == 302
    state = state_of(Draw.objects.get())
    assert state.frozen["objects"] == 38  # neither the deregistered one nor the real one
    assert Check.objects.count() == state.drawn["drawn"] == 10
    assert InspectionTask.objects.get().frame_by_prefecture == {"440100": 38}
    check = Check.objects.first()
    assert check.inspector_first != check.inspector_second
    assert [step.is_done for step in draw_pages.steps_of(Draw.objects.get(), state)] == [True] * 8


def test_a_step_too_early_is_refused_with_the_moment(client, people, register, clock):
    clock(0)
    announce(client, people)
    response = act(client, people.drawer, "freeze")
    assert response.status_code == 409
    assert "要到2026年11月16日10:00才能冻结名单" in response.content.decode()


def test_a_party_commits_only_for_itself(client, people, register, clock):
    clock(0)
    announce(client, people)
    clock(1)
    act(client, people.drawer, "freeze")
    response = act(client, people.drawer, "commit", party="supervisor", commitment="0" * 64)
    assert response.status_code == 409
    assert "这一步应由" in response.content.decode()


def test_an_inspector_may_look_but_not_announce(client, people, clock):
    clock(0)
    client.force_login(people.first)
    assert client.get("/work/draws/").status_code == 200
    assert client.get("/work/draws/new/").status_code == 403


def test_a_plan_half_filled_in_is_refused_with_words(client, people, clock):
    clock(0)
    assert announce(client, people, freeze_at="").status_code == 422
    assert announce(client, people, items=[]).status_code == 422
    assert announce(client, people, auditor="").status_code == 422
    assert not Draw.objects.exists()


def test_a_refused_plan_keeps_everything_that_was_chosen(client, people, clock):
    clock(0)
    refused = announce(
        client, people, freeze_at="", subjects="rehearsal", mode="by_class",
        **{f"rate-{letter}": rate for letter, rate in zip("ABCD", ("111", "222", "333", "444"), strict=True)},
    )  # fmt: skip
    page = refused.content.decode()
    for kept in ("item-REG-01", "item-REG-03", "s-rehearsal", "m-class"):
        assert f'id="{kept}" checked>' in page
    for dropped in ("item-REG-02", "s-synthetic", "m-plain"):
        assert f'id="{dropped}">' in page
    assert '<option value="sun" selected>' in page
    assert all(f'value="{rate}"' in page for rate in ("111", "222", "333", "444"))


def test_the_last_step_of_a_drill_on_real_firms_promises_no_dispatch(client, people, clock):
    clock(0)
    announce(client, people, subjects="rehearsal")
    drill = Draw.objects.get()
    assert draw_pages.steps_of(drill, state_of(drill))[-1].label_zh == "记下演练"


def test_the_steps_taken_are_named_in_the_language_of_the_page(client, people, clock):
    clock(0)
    announce(client, people)
    client.cookies["django_language"] = "en"
    page = client.get("/work/draws/TH-2026-1/").content.decode()
    assert "<td>Announced</td>" in page
    item = InspectionItem.objects.get(code="REG-01", valid_to=None)
    public = client.get("/draws/TH-2026-1/").content.decode()
    assert item.name_en in public and item.name not in public


def test_without_a_register_nothing_is_frozen(client, people, home, clock):
    clock(0)
    announce(client, people)
    clock(1)
    response = act(client, people.drawer, "freeze")
    assert response.status_code == 409
    assert rosters.NoRegister.message_zh in response.content.decode()


def test_a_voiding_takes_two_people_and_the_draw_stays_with_both_names(client, people, register, clock):
    clock(0)
    announce(client, people)
    assert act(client, people.drawer, "void", reason="名单有误，另行公告").status_code == 302
    assert not state_of(Draw.objects.get()).voided
    assert "approve_void" not in client.get("/work/draws/TH-2026-1/").content.decode()
    assert act(client, people.drawer, "approve_void", reason="名单有误，另行公告").status_code == 409
    assert act(client, people.publisher, "approve_void", reason="名单有误，另行公告").status_code == 409
    client.force_login(people.auditor)
    assert 'value="approve_void"' in client.get("/work/draws/TH-2026-1/").content.decode()
    assert act(client, people.auditor, "approve_void", reason="名单有误，另行公告").status_code == 302
    client.force_login(people.drawer)
    text = client.get("/work/draws/TH-2026-1/").content.decode()
    assert "名单有误，另行公告" in text and "zhao" in text and "sun" in text
    assert act(client, people.drawer, "freeze").status_code == 409


def test_a_drawer_of_another_unit_neither_manages_nor_voids_the_draw(
    client, people, register, clock, django_user_model
):
    clock(0)
    announce(client, people)
    unit = Organisation.objects.create(
        code="GD-440305", name="示例外区局", name_en="Other", level="county", division_code="440305"
    )
    stranger = django_user_model.objects.create(
        username="outsider", roles=["drawer", "auditor"], organisation=unit
    )
    clock(1)
    for action in ("freeze", "void", "value", "run", "publish"):
        assert act(client, stranger, action, reason="名单有误，另行公告").status_code == 409
    assert 'name="action"' not in client.get("/work/draws/TH-2026-1/").content.decode()
    assert not Draw.objects.get().void_requested_by


def test_after_dispatch_nothing_is_voided(client, people, dispatched):
    response = act(client, people.drawer, "void", reason="名单有误，另行公告")
    assert response.status_code == 409
    assert "派发，不能再作废" in response.content.decode()
    assert Draw.objects.get().dispatched_at


def finish(check, steps, staff):
    services.begin(check, steps.HERE, certificates_shown=True, by=check.inspector_first, at=NINE)
    found = {item.code: ("conform", "") for item in check.task.ordered_items}
    entry = services.ResultEntry(codes=("1",), findings=found)
    services.record_result(check, entry, by=check.inspector_first, at=NINE)
    services.confirm_by_second(check, by=check.inspector_second, at=NINE)
    services.publish(check, by=staff.publisher, at=NINE)


def test_a_publisher_publishes_results_with_the_draw_in_parts_where_it_is_open(
    client, people, dispatched, steps
):
    client.force_login(people.publisher)
    assert 'value="outcomes"' not in client.get("/work/draws/TH-2026-1/").content.decode()
    finish(dispatched, steps, people)
    assert 'value="outcomes"' in client.get("/work/draws/TH-2026-1/").content.decode()
    assert act(client, people.drawer, "outcomes").status_code == 409
    assert act(client, people.publisher, "outcomes").status_code == 302
    [visit] = drawn_visits()
    assert (visit.uscc, visit.has_problem, visit.chance) == (dispatched.uscc, False, 10 / 38)
    published = state_of(Draw.objects.get()).outcomes[-1]
    assert (published["published"], published["pending"]) == (1, 9)
    again = act(client, people.publisher, "outcomes")
    assert again.status_code == 409 and "没有新的检查结果" in again.content.decode()


def test_the_page_says_what_the_sample_can_tell_and_what_it_told_once_all_results_are_in(
    client, people, dispatched, steps
):
    """D9: ten of 38 drawn tell the rate within ±26.6 points at worst; none with a problem: at most 24.3%."""
    client.force_login(people.publisher)
    before = client.get("/work/draws/TH-2026-1/")
    assert before.context["tells"].margin == pytest.approx(1.96 * sqrt((1 - 10 / 38) * 0.25 / 10))
    assert "全部办结后给出推断" in before.content.decode()
    for check in Check.objects.select_related("inspector_first", "inspector_second", "task"):
        finish(check, steps, people)
    after = client.get("/work/draws/TH-2026-1/")
    told = after.context["tells"].estimate
    assert (told.rate, told.low, told.looked_at, told.objects) == (0.0, 0.0, 10, 38)
    assert 0.2 < told.high < 0.35
    assert "95%置信区间" in after.content.decode()
    client.force_login(dispatched.inspector_first)
    assert "这次抽样能说明什么" not in client.get("/work/draws/TH-2026-1/").content.decode()


def test_strata_by_class_take_the_rates_in_order_and_unrated_entities_as_b(
    home, register, people, client, clock
):
    clock(0)
    rates = {
        f"rate-{letter}": rate for letter, rate in zip("ABCD", ("300", "800", "2500", "5000"), strict=True)
    }
    refused = announce(client, people, mode="by_class", **rates)
    assert refused.status_code == 422 and rosters.NoRegister.message_zh in refused.content.decode()
    classes = {"uscc": ["91440106MA00000002", "91440106MA00000003"], "class_code": ["A", "D"]}
    register.write("mart_credit_class", pa.table(classes))
    announce(client, people, mode="by_class", **rates)
    plan = Draw.objects.get().plan
    found = {one.object_id[-2:]: one.rate for one in rosters.frame_of(plan, register).objects}
    assert (found["02"], found["03"], found["04"]) == ("R1", "R4", "R2")
    assert plan.mode == "salted"


def test_a_plan_that_leaves_too_little_to_the_pure_lottery_is_refused_and_told_how_much_is_needed(
    register, people, client, monkeypatch
):
    december = {
        key: value.replace("2026-11-16", "2026-12-16").replace("2026-12-15", "2027-01-15")
        for key, value in FORM.items()
        if isinstance(value, str) and value.startswith("2026-1")
    }
    monkeypatch.setattr(draw_pages.timezone, "now", lambda: NINE + timedelta(days=30))
    codes = [f"91440106MA{number:08d}" for number in range(2, 40)]
    classes = {"uscc": codes, "class_code": ["A"] * 18 + ["D"] * 20}
    register.write("mart_credit_class", pa.table(classes))
    # 38 f / (18 f + 20 · 9000) is a fifth where f is 1046.5
    rates = {"rate-A": "100", "rate-B": "800", "rate-C": "2500", "rate-D": "9000"}
    refused = announce(client, people, mode="by_class", **december, **rates)
    assert refused.status_code == 422
    assert "不足20%" in refused.content.decode() and "万分之1047以上" in refused.content.decode()
    assert not Draw.objects.exists()
    announce(client, people, mode="by_class", **december, **{**rates, "rate-A": "1047", "rate-B": "1047"})
    assert Draw.objects.exists()


@pytest.fixture
def dispatched(client, people, register, clock):
    clock(0)
    announce(client, people)
    hold(client, people, clock)
    act(client, people.drawer, "dispatch")
    return Check.objects.select_related("inspector_first").first()


def test_the_drawn_inspectors_bring_the_firm_its_own_opening_and_the_look_is_recorded(client, dispatched):
    client.force_login(dispatched.inspector_first)
    response = client.get(f"/work/checks/{dispatched.pk}/opening.json")
    assert response.json()["object"] == dispatched.uscc
    assert "_SYNTHETIC" in response["Content-Disposition"]
    assert AccessRecord.objects.get().subject == dispatched.uscc


def test_nobody_else_gets_the_opening_of_a_check(client, people, dispatched):
    for officer in (people.drawer, people.publisher, people.auditor):
        client.force_login(officer)
        assert client.get(f"/work/checks/{dispatched.pk}/opening.json").status_code == 403
    assert not AccessRecord.objects.exists()


def test_an_auditor_opens_any_leaf_and_others_none(client, people, dispatched):
    address = "/work/draws/TH-2026-1/1/openings/?uscc=91440106ma00000007&reason=投诉核查"
    client.force_login(people.drawer)
    assert client.get(address).status_code == 403
    client.force_login(people.auditor)
    assert client.get(address).json()["object"] == "91440106MA00000007"
    assert AccessRecord.objects.get().reason == "投诉核查"
    assert client.get(address.replace("00007", "99999")).status_code == 404
    assert client.get(address.replace("TH-2026-1", "no-such-draw")).status_code == 404


def test_an_auditor_of_another_area_opens_no_leaf_here(client, people, dispatched, django_user_model):
    def auditor(division):
        unit = Organisation.objects.create(
            code=f"GD-{division}", name=division, name_en=division, level="city", division_code=division
        )
        return django_user_model.objects.create(username=division, roles=["auditor"], organisation=unit)

    address = "/work/draws/TH-2026-1/1/openings/?uscc=91440106MA00000007&reason=投诉核查"
    for division, status in (("440300", 403), ("440105", 403), ("440100", 200), ("440000", 200)):
        client.force_login(auditor(division))
        assert client.get(address).status_code == status
    assert AccessRecord.objects.count() == 2


@pytest.mark.parametrize("reason", ["", "&reason=", "&reason=%20%E3%80%80"])
def test_no_leaf_is_opened_without_saying_why(client, people, dispatched, reason):
    client.force_login(people.auditor)
    answer = client.get(f"/work/draws/TH-2026-1/1/openings/?uscc=91440106MA00000007{reason}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "Incomplete")
    assert answer.json()["error"]["message_zh"] == "请写明打开这户凭证的事由。"
    assert not AccessRecord.objects.exists()


def test_what_is_public_of_a_check_says_nothing_of_its_place_in_the_draw(dispatched):
    """Check numbers follow the code, and the authority is the organising one: neither links a firm to its leaf."""
    checks = list(Check.objects.order_by("number"))
    assert [check.uscc for check in checks] == sorted(check.uscc for check in checks)
    assert [check.pk for check in checks] == sorted(check.pk for check in checks)


def test_the_published_authority_is_the_organising_one(entered, staff, steps):
    """The inspectors' unit would link a named firm to a team in the draw file."""
    city = Organisation.objects.create(
        code="GD-440100", name="示例市局", name_en="City", level="city", division_code="440100"
    )
    entered.task.organisation = city
    entered.task.save()
    steps.services.confirm_by_second(entered, by=staff.second, at=steps.AT)
    steps.services.publish(entered, by=staff.publisher, at=steps.AT)
    published = queries.result(entered.pk)
    assert published.authority_zh == "示例市局"
    fact = Fact.objects.get(kind="inspection.result")
    assert staff.unit.name not in str(fact.payload)
