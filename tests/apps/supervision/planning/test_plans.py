"""The annual plan: overlapping items merged into joint visits, what the law says, who does it when, and its steps."""

import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from types import SimpleNamespace

import pyarrow as pa
import pytest

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.supervision.inspection import services as inspections
from zhijian.apps.supervision.inspection.models import InspectionItem
from zhijian.apps.supervision.planning import plans, reckoning, rules
from zhijian.apps.supervision.planning.models import AnnualPlan
from zhijian.apps.supervision.planning.object_registers import TAGS
from zhijian.apps.supervision.planning.plans import PlanRefused, Typed, WrongNeed
from zhijian.apps.supervision.planning.registers import INSPECTORS, ITEMS
from zhijian.apps.supervision.planning.rules import Cell, Kind, Listed, Need, Task
from zhijian.datazone.lake import Lake
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures.models import Leave
from zhijian.engines.registers.declared import services
from zhijian.security.models import Role
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.database
EVERYBODY = frozenset[str]()
FOOD = frozenset({"food"})
LISTED = {
    code: Listed(code, "general", "market", 2, is_jointable, code.startswith("PUB"))
    for code, is_jointable in (("REG", True), ("PUB", True), ("FIR", False))
}


def need(code, percent, first=1, last=12, tag="", kind=Kind.RANDOM):
    return Need(code, tag, Fraction(percent), first, last, kind)


def merged(needs, cells=((EVERYBODY, 1000),)):
    return rules.merged([Cell(*one) for one in cells], needs, LISTED)


def test_two_items_of_the_same_objects_go_in_one_visit_and_each_is_met_exactly():
    found = merged([need("REG", 5), need("PUB", 3)])
    assert (found.alone, found.joined, found.saved, found.least, found.gap) == (80, 50, 30, 50, 0)
    assert found.tasks == (
        Task(EVERYBODY, 12, ("PUB", "REG"), 30, 1000, Kind.RANDOM),
        Task(EVERYBODY, 12, ("REG",), 20, 1000, Kind.RANDOM),
    )


def test_months_without_overlap_cannot_be_merged_and_the_gap_to_the_bound_says_so():
    found = merged([need("REG", 5, 1, 3), need("PUB", 3, 6, 9)])
    assert (found.joined, found.least, found.gap) == (80, 50, 30)
    assert found.least_in_months == found.joined
    across = merged([need("REG", 5, 1, 3), need("PUB", 3, 3, 9)])
    assert [(one.month, one.codes, one.visits) for one in across.tasks] == [
        (3, ("PUB", "REG"), 30), (3, ("REG",), 20),
    ]  # fmt: skip


def test_no_plan_that_keeps_the_months_needs_fewer_visits_whatever_is_asked():
    random = Random(64)
    for _ in range(200):
        asked = []
        for _ in range(random.randint(1, 8)):
            first = random.randint(1, 12)
            asked.append(
                need(random.choice(["REG", "PUB"]), random.randint(1, 90), first, random.randint(first, 12))
            )
        found = merged(asked)
        assert found.least <= found.least_in_months == found.joined <= found.alone
        for one in asked:  # each need is met within its months
            met = sum(
                task.visits
                for task in found.tasks
                if one.code in task.codes and one.first <= task.month <= one.last
            )
            assert met >= one.percent * 10


def test_what_may_not_be_joined_goes_alone_and_checks_of_everybody_are_no_lottery():
    found = merged([need("REG", 5), need("FIR", 2), need("PUB", 100, kind=Kind.FULL)])
    assert (found.joined, found.least) == (50 + 20 + 1000, 1070)
    assert {one.kind for one in found.tasks if one.visits == 1000} == {Kind.FULL}
    assert rules.least_checked([Cell(EVERYBODY, 1000)], [need("PUB", 100, kind=Kind.FULL)], {"PUB"}) == 0


def test_objects_with_a_tag_and_without_are_reckoned_apart():
    cells = ((EVERYBODY, 800), (FOOD, 200))
    found = merged([need("REG", 5), need("PUB", 10, tag="food")], cells)
    assert (found.alone, found.joined) == (40 + 10 + 20, 40 + 20)
    assert rules.least_checked([Cell(*one) for one in cells], [need("REG", 5)], {"REG"}) == 50


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (need("XXX", 5), "item_code"), (need("REG", 0), "percent"), (need("REG", "100.01"), "percent"),
        (need("REG", 5, 1, 13), "first_month"), (need("REG", 5, 4, 3), "first_month"), (need("REG", 5, tag="moon"), "tag"),
        (need("REG", 50, kind=Kind.FULL), "percent"),
    ],
)  # fmt: skip
def test_what_cannot_stand_in_a_plan_is_refused_with_its_field(wrong, field):
    assert [one.field for one in rules.need_problems(wrong, LISTED, ["food"])] == [field]


def test_a_plan_above_the_cap_of_visits_a_campaign_beside_the_lottery_and_shares_by_largest_remainder():
    three_rounds = [need("REG", 100, n, n) for n in (1, 5, 9)]
    assert rules.above_cap(merged(three_rounds), LISTED) == ("REG",)
    assert not rules.above_cap(merged(three_rounds[:2]), LISTED)
    assert rules.doubled_campaigns([need("REG", 5), need("REG", 2, tag="food", kind=Kind.SPECIAL)]) == (
        "REG",
    )
    assert rules.shared_out(10, {"a": 1, "b": 1, "c": 1}) == {"a": 4, "b": 3, "c": 3}
    assert rules.shared_out(10, {}) == {}


@pytest.fixture
def office(db, home):
    """A city with its upper level, its lists, its inspectors and sixty invented firms in two districts."""
    keeper = desk.province_keeper(ITEMS)
    for register, most in ((ITEMS, 100), (TAGS, 9), (INSPECTORS, 100)):
        services.take_in(register, "demo.csv", desk.as_csv(desk.demo_rows(register, most)), by=keeper, at=AT)
    rows = [
        {"uscc": f"F{n}", "prefecture_code": "440100", "county_code": "440106" if n < 40 else "440104",
         "status_code": "revoked" if n == 0 else "active", "is_synthetic": True}
        for n in range(61)
    ]  # fmt: skip
    lake = Lake(home.lake)
    lake.write("entity_market_entities", pa.Table.from_pylist(rows))
    lake.write(
        "mart_object_tags", pa.table({"object_id": [f"F{n}" for n in range(1, 11)], "tag": ["food"] * 10})
    )
    unit = desk.unit("440100", "示例市局")
    return SimpleNamespace(
        lake=lake,
        planner=desk.officer("planner", unit, Role.DRAWER),
        leader=desk.officer("leader", unit, Role.LEADER),
        above=desk.officer("above", keeper.organisation, Role.LEADER),
        beside=desk.officer("beside", desk.unit("440300", "示例邻市局"), Role.LEADER),
    )


def line(item="REG-01", percent="5", first="3", last="6", tag="", kind="random"):
    return Typed(item, tag, percent, first, last, kind)


def write(office, plan, typed):
    return plans.add_need(plan, typed, office.lake, seen=plan.version, by=office.planner, at=AT)


@pytest.fixture
def plan(office):
    made = plans.open_plan(2026, by=office.planner, at=AT)
    for typed in (
        line("REG-01", "10"),
        line("PUB-01", "5", "5", "9"),
        line("PRI-01", "20", "6", "6", tag="food"),
    ):
        made = write(office, made, typed)
    return made


def test_the_frame_is_the_living_of_the_area_by_tag_and_district(office, plan):
    reckoned = reckoning.Reckoned(plan, on=date(2026, 3, 1))
    assert (reckoned.objects, sorted((sorted(one.tags), one.objects) for one in reckoned.cells)) == (
        60, [([], 50), (["food"], 10)],
    )  # fmt: skip
    assert reckoned.merged.alone == (5 + 3) + (1 + 1 + 2) and reckoned.merged.joined == 5 + 2
    load = {(one.division, one.month): one for one in reckoned.loads}
    assert sum(one.visits for one in load.values()) == reckoned.merged.joined
    assert load["440106", 6].capacity > 0
    quota = next(one for one in reckoned.remarks if "指标18" in one.article)
    assert (quota.is_kept and "11.67%" in quota.zh) or quota.is_kept


def test_leave_and_the_end_of_a_certificate_lower_what_a_unit_can_do(office, plan):
    before = reckoning.capacities(plan)["440106", 6]
    one = desk.officer("inspector-440106-1", office.planner.organisation, Role.INSPECTOR)
    Leave.objects.create(officer=one, substitute=one, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 30),
                         arranged_by=one, arranged_at=AT)  # fmt: skip
    after = reckoning.capacities(plan)
    assert after["440106", 6] < before
    assert after["440106", 7] <= before  # a certificate of the demonstration ends on 30 June


def test_a_plan_is_filed_returned_published_by_somebody_else_and_adjusted_with_a_reason(office, plan):
    plan = plans.file(plan, seen=plan.version, by=office.planner, at=AT)
    with pytest.raises(PlanRefused, match="不能直接改"):
        write(office, plan, line())
    with pytest.raises(Forbidden):
        plans.send_back(plan, "比例偏低，请再核", by=office.leader, at=AT)
    with pytest.raises(Forbidden):
        plans.send_back(plan, "比例偏低，请再核", by=office.beside, at=AT)
    plan = plans.send_back(plan, "比例偏低，请再核", by=office.above, at=AT)
    plan = plans.file(plan, seen=plan.version, by=office.leader, at=AT)
    with pytest.raises(PlanRefused, match="另一人"):
        plans.publish(plan, by=office.leader, at=AT)
    office.planner.roles = [Role.DRAWER, Role.PUBLISHER]
    office.planner.save()
    plan = plans.publish(plan, by=office.planner, at=AT)
    first = plans.published_versions(plan)[0].content
    assert (first["version"], first["joined"], len(first["tasks"])) == (1, 7, len(first["tasks"]))
    with pytest.raises(PlanRefused, match="理由"):
        plans.adjust(plan, " ", by=office.planner, at=AT)
    plan = plans.adjust(plan, "增加一轮检查", by=office.planner, at=AT)
    assert plans.published_versions(plan)[0].content == first  # the old plan stands meanwhile
    plan = write(office, plan, line("ADV-01", "10", "10", "10"))
    plan = plans.file(plan, seen=plan.version, by=office.planner, at=AT)
    plan = plans.publish(plan, by=office.leader, at=AT)
    newest = plans.published_versions(plan)[0]
    assert (newest.content["version"], newest.reason) == (2, "增加一轮检查")
    told = Fact.objects.filter(kind="plan.published", subject=f"plan/{plan.number}").order_by("recorded_at")
    assert sorted(one.payload["version"] for one in told) == [1, 2]


def test_two_planners_at_once_the_second_is_told(office, plan):
    plans.add_need(plan, line("ADV-01"), office.lake, seen=plan.version, by=office.leader, at=AT)
    with pytest.raises(PlanRefused, match="刚被别人改过"):
        plans.add_need(plan, line("PRI-01"), office.lake, seen=plan.version, by=office.planner, at=AT)
    assert AnnualPlan.objects.get().needs.count() == 4


@pytest.mark.parametrize(
    "typed",
    [line("SZ-ADV-02"), line("XXX"), line(percent="0"), line(percent="100.5"), line(percent="五"), line(percent="1e9999"),
     line(last="13"), line(first="-1"), line(tag="moon")],
)  # fmt: skip
def test_bad_lines_are_refused(office, typed):
    made = plans.open_plan(2026, by=office.planner, at=AT)
    with pytest.raises(WrongNeed):
        write(office, made, typed)


def test_an_item_that_leaves_the_list_stops_the_plan(office, plan):
    keeper = office.above
    keeper.roles = [*ITEMS.keepers]
    services.end(ITEMS, "PRI-01", last_day=date(2026, 11, 20), seen=1, reason="依据废止", by=keeper, at=AT)
    later = AT + timedelta(days=2)
    with pytest.raises(PlanRefused, match="PRI-01"):
        plans.file(plan, seen=plan.version, by=office.planner, at=later)
    with pytest.raises(PlanRefused):
        plans.open_plan(2026, by=office.planner, at=AT)
    with pytest.raises(PlanRefused):
        plans.open_plan(2031, by=office.planner, at=AT)
    assert Decimal(plan.needs.last().percent) == 20


def test_from_the_pages_a_plan_is_written_published_and_a_task_fills_the_form_of_a_draw(client, office):
    client.force_login(office.planner)
    assert client.post("/work/plans/", {"year": "1999"}).status_code == 422
    assert client.post("/work/plans/", {"year": str(AT.year)}).status_code == 302
    made = AnnualPlan.objects.get()
    address, typed = f"/work/plans/{made.number}/", {
        "act": "add", "item_code": "REG-01", "percent": "10", "first_month": "3", "last_month": "6", "kind": "random",
    }  # fmt: skip
    wrong = client.post(address, {**typed, "seen": made.version, "percent": "0"})
    assert (
        wrong.status_code == 422
        and "比例要大于0" in wrong.content.decode()
        and 'value="6"' in wrong.content.decode()
    )
    assert client.post(address, {**typed, "seen": made.version}).status_code == 302
    assert (
        client.post(address, {**typed, "seen": made.version}).status_code == 422
    )  # written over by nobody unseen
    made.refresh_from_db()
    assert client.post(address, {"act": "file", "seen": made.version}).status_code == 302
    public = f"/plan-of-inspections/{made.number}/"
    assert client.get(public).status_code == 404
    client.force_login(office.leader)
    client.post(address, {"act": "publish"})
    assert made.number in client.get("/plan-of-inspections/").content.decode()
    assert "检查6次" in client.get(public).content.decode()
    assert (
        client.get(f"{public}?format=csv")
        .content.decode("utf-8-sig")
        .splitlines()[1]
        .startswith(f"{made.number}-1-01,6,")
    )
    client.force_login(office.planner)
    page = client.get(address).content.decode()
    href = re.search(r'href="(/work/draws/new/[^"]+)"', page).group(1).replace("&amp;", "&")
    form = client.get(href).content.decode()
    assert f'value="{made.number}-1-01"' in form and re.search(r'value="REG-01"[^>]* checked', form)
    assert 'name="division" value="440100"' in form
    assert client.get(f"{address}?format=csv").content.decode("utf-8-sig").startswith("division,name,month")
    client.force_login(office.beside)
    assert client.get(address).status_code == 403


def test_a_plan_reads_in_english_with_its_items_and_districts(client, office, plan):
    inspections.publish_item_list(by=None, at=AT)
    client.force_login(office.planner)
    client.cookies["django_language"] = "en"
    page = client.get(f"/work/plans/{plan.number}/").content.decode()
    listed = InspectionItem.objects.get(code="REG-01", valid_to=None)
    assert listed.name_en in page and listed.name not in page
    assert "Yuexiu District, Guangzhou" in page and "越秀区" not in page
    assert '<option value="food">Food trade</option>' in page and "餐饮" not in page
    assert "Identity checks at internet cafés" in page and "互联网上网服务场所核验登记" not in page


def test_a_plan_below_the_binding_share_is_published_only_with_a_reason_from_above_which_all_read(
    office, client
):
    made = write(office, plans.open_plan(2026, by=office.planner, at=AT), line("REG-01", "2"))
    made = plans.file(made, seen=made.version, by=office.planner, at=AT)
    with pytest.raises(PlanRefused, match="要由上一级单位负责人写明理由"):
        plans.publish(made, by=office.leader, at=AT)
    for person in (office.leader, office.beside, office.planner):
        with pytest.raises(Forbidden):
            plans.allow_below(made, "本年已有专项覆盖。", by=person, at=AT)
    with pytest.raises(PlanRefused, match="请写明理由"):
        plans.allow_below(made, "可", by=office.above, at=AT)
    client.force_login(office.above)
    client.post(
        f"/work/plans/{made.number}/", {"act": "allow", "reason": "台风灾后对象大量停业，下半年补足。"}
    )
    plans.publish(made, by=office.leader, at=AT)
    fact = Fact.objects.get(kind="plan.published")
    assert fact.payload["allowed_below"] == "台风灾后对象大量停业，下半年补足。"
    client.logout()
    assert "台风灾后对象大量停业" in client.get(f"/plan-of-inspections/{made.number}/").content.decode()


def test_a_reason_for_a_plan_that_was_filed_anew_is_asked_anew(office):
    made = write(office, plans.open_plan(2026, by=office.planner, at=AT), line("REG-01", "2"))
    made = plans.file(made, seen=made.version, by=office.planner, at=AT)
    made = plans.allow_below(made, "下半年补足。", by=office.above, at=AT)
    made = plans.send_back(made, "先改月份。", by=office.above, at=AT)
    made = plans.file(made, seen=made.version, by=office.planner, at=AT)
    with pytest.raises(PlanRefused, match="约束性"):
        plans.publish(made, by=office.leader, at=AT)
