"""An officer sees what a sample can tell before it is announced, and draws by weight or by county from the page."""

import json
from fractions import Fraction

import pyarrow as pa
import pytest

from tests.apps.supervision.inspection.test_draw_pages import (  # noqa: F401
    act,
    announce,
    clock,
    finish,
    hold,
    people,
)
from zhijian.apps.supervision.inspection import rosters
from zhijian.apps.supervision.inspection.models import Check
from zhijian.datazone.lake import Lake
from zhijian.engines.draws import services as draws
from zhijian.engines.draws import verifier
from zhijian.engines.draws.models import Draw
from zhijian.engines.draws.queries import state_of
from zhijian.security.models import Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ADDRESS = "/work/draws/design/"
PLAIN = {"mode": "plain", "subjects": "synthetic", "rate-A": "2500", "method": "simple", "at_least": "0"}
BY_CLASS = PLAIN | {
    "mode": "by_class",
    "rate-A": "1000",
    "rate-B": "1500",
    "rate-C": "3000",
    "rate-D": "5000",
}


@pytest.fixture
def register(home):
    """Eighty invented entities in two counties of two cities, of unequal capital, with classes."""
    rows = [
        {
            "uscc": f"91440106MA{number:08d}",
            "name": f"示例{number}号店",
            "prefecture_code": "440100" if number < 60 else "440300",
            "county_code": "440106" if number < 60 else "440305",
            "industry_section": "F",
            "status_code": "active",
            "is_synthetic": True,
            "capital_yuan": 90_000_000 if number == 7 else 10_000 * (number % 5) or None,
        }
        for number in range(80)
    ]
    lake = Lake(home.lake)
    lake.write("entity_market_entities", pa.Table.from_pylist(rows))
    codes = [one["uscc"] for one in rows]
    lake.write(
        "mart_credit_class", pa.table({"uscc": codes, "class_code": ["ABCD"[n % 4] for n in range(80)]})
    )
    return lake


@pytest.fixture
def drawer(client, people):  # noqa: F811
    client.force_login(people.drawer)
    return client


def test_before_anything_is_announced_the_page_tells_margin_visits_and_cost_by_area(drawer, register):
    answer = drawer.get(ADDRESS, PLAIN | {"cost-A": "120"})
    told = answer.context["found"]
    assert (told["overall"].visits, told["overall"].cost, told["overall"].objects) == (20, 2_400.0, 80)
    assert [(one["name"], one["told"].visits) for one in told["areas"]] == [("广州", 15), ("深圳", 5)]
    assert (
        told["areas"][1]["told"].half_width > told["areas"][0]["told"].half_width > told["overall"].half_width
    )
    page = answer.content.decode()
    assert "按最不利的一半测算" in page
    assert "合成数据" in page
    assert not Draw.objects.exists()


def test_the_stricter_of_the_general_class_and_that_of_the_items_sector_governs_the_rate(drawer, register):
    codes = [f"91440106MA{number:08d}" for number in range(80)]
    letters = ["D" if n % 4 == 0 else "A" for n in range(40)] + [None] * 40
    register.write("mart_sector_class", pa.table({"uscc": codes, "food_class": letters}))
    general = drawer.get(ADDRESS, BY_CLASS).context["found"]
    assert [one["objects"] for one in general["classes"]] == [20, 20, 20, 20]
    answer = drawer.get(ADDRESS, BY_CLASS | {"sector": "food"})
    told = answer.context["found"]
    assert [one["objects"] for one in told["classes"]] == [10, 20, 20, 30]  # ten of class A are D in food
    assert dict(told["governed"]) == {"通用分类": 70, "食品": 10}
    assert "比例由哪个分类决定" in answer.content.decode()


def test_a_small_stratum_may_stay_without_a_visit_where_the_form_says_so(drawer, register):
    few = PLAIN | {"rate-A": "1", "area_level": "county"}
    assert drawer.get(ADDRESS, few).context["found"]["overall"].visits == 2
    assert drawer.get(ADDRESS, few | {"at_least_one": "no"}).context["found"]["overall"].visits == 0


def test_the_numbers_come_as_a_table_too(drawer, register):
    lines = drawer.get(ADDRESS, BY_CLASS | {"format": "csv"}).content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("kind,name,objects,visits,cost")
    assert lines[-1].startswith("# 导出 exported: ")
    assert {line.split(",")[0] for line in lines[1:-1]} == {
        "overall",
        "area",
        "allocation",
        "supposed_rate_percent",
    }


def test_a_minimum_per_area_raises_the_small_one(drawer, register):
    told = drawer.get(ADDRESS, PLAIN | {"at_least": "9"}).context["found"]
    assert [one["told"].visits for one in told["areas"]] == [15, 9]
    everyone = drawer.get(ADDRESS, PLAIN | {"at_least": "10000"}).context["found"]
    assert everyone["overall"].visits == 80


def test_allocations_stand_side_by_side_and_hand_over_their_rates(drawer, register):
    told = drawer.get(ADDRESS, BY_CLASS | {"cost-D": "4"}).context["found"]
    found = {one["name"]: one for one in told["allocations"]}
    assert list(found) == [
        "所填的比例",
        "各类同一比例",
        "最优分配（Neyman），检查数相同",
        "按费用最优，费用相同",
    ]
    assert (
        found["最优分配（Neyman），检查数相同"]["told"].half_width <= found["所填的比例"]["told"].half_width
    )
    cheaper = dict(found["按费用最优，费用相同"]["rates"])
    assert cheaper["D"] < cheaper["A"]
    taken = drawer.get(ADDRESS + found["各类同一比例"]["address"])
    assert taken.context["rates"] == [(letter, str(rate)) for letter, rate in found["各类同一比例"]["rates"]]


def test_methods_stand_side_by_side_for_firms_and_for_capital(drawer, register):
    told = {row["one"].key: row["one"] for row in drawer.get(ADDRESS, PLAIN).context["found"]["methods"]}
    assert list(told) == ["simple", "systematic", "by_county", "by_capital"]
    assert {one.overall.visits for one in told.values()} == {20}
    assert told["by_capital"].size < told["simple"].size
    assert told["by_capital"].overall.half_width > told["simple"].overall.half_width


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate-A": "viele"}, {"rate-A": ""}, {"rate-A": "-1"}, {"rate-A": "10001"}, {"at_least": "1.5"}, {"at_least": "-1"},
        {"cost-A": "0"}, {"cost-A": "nan"}, {"cost-A": "-3"}, {"cost-A": "1e9"}, {"method": "handpicked"}, {"teams": "friends"},
        {"teams": "near", "travel": "far"}, {"teams": "near", "travel": "-1"}, {"teams": "near", "travel": "2", "widest": "7"},
        {"mode": "by_class", "method": "by_capital", "rate-B": "1", "rate-C": "1", "rate-D": "1"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_with_words_and_keeps_what_was_typed(drawer, register, wrong):
    answer = drawer.get(ADDRESS, PLAIN | wrong)
    assert answer.status_code == 422
    assert answer.context["refusal"]
    assert answer.context["at_least"] == wrong.get("at_least", "0")


def test_without_a_register_nothing_is_reckoned_and_a_rate_of_zero_tells_nothing(drawer, home):
    assert rosters.NoRegister.message_zh in drawer.get(ADDRESS, PLAIN).content.decode()


def test_a_rate_of_zero_tells_nothing(drawer, register):
    assert "什么也不能说明" in drawer.get(ADDRESS, PLAIN | {"rate-A": "0"}).content.decode()


def test_only_those_who_hold_draws_see_the_design(client, people, register):  # noqa: F811
    client.force_login(people.first)
    assert client.get(ADDRESS, BY_CLASS).status_code == 403
    client.logout()
    assert client.get(ADDRESS).status_code == 302


def test_the_form_to_announce_takes_the_design_over(drawer, register):
    page = drawer.get(
        "/work/draws/new/",
        PLAIN
        | {
            "method": "by_county",
            "area_level": "county",
            "at_least": "3",
            "teams": "near",
            "travel": "7",
            "widest": "0",
        },
    )
    text = page.content.decode()
    assert '<option value="by_county" selected>' in text
    assert '<option value="county" selected>' in text
    assert 'name="at_least" type="number" min="0" max="10000" value="3"' in text
    assert 'name="travel" type="number" min="0" max="10000" value="7"' in text
    assert '<option value="near" selected>' in text
    assert '<option value="0" selected>' in text


@pytest.mark.parametrize(("method", "sure"), [("by_capital", 1), ("by_county", 0)])
def test_a_draw_by_weight_or_by_county_is_held_from_the_page_and_tells_each_firm_its_chance(
    client, people, register, clock, method, sure  # noqa: F811
):  # fmt: skip
    draw = _held(client, people, clock, method)
    file = draws.store.public_path(draw, "", ".json").read_bytes()
    found = verifier.verify(file)
    assert found["ok"], found["checks"]
    assert (
        sum(Fraction(one["chance"]) for one in found["objects"]) == 9
    )  # a tenth of 80, and three instead of two in the small city
    assert sum(one["chance"] == "1/1" for one in found["objects"]) == sure
    public = client.get("/draws/TH-2026-1/").content.decode()
    assert "zhijian-draw/2" in public
    assert "每个地区最少3户" in public
    assert ("检查人员就近均衡配组" in public) == (method == "by_county")
    check = Check.objects.first()
    client.force_login(check.inspector_first)
    opening = json.loads(client.get(f"/work/checks/{check.pk}/opening.json").content)
    assert opening["chance"] == draws.methods.fraction(draws.chances_of(draw)[check.uscc])
    assert state_of(draw).frozen["strata"][0]["method"] == draw.plan.design.rates[0].method


def test_when_all_results_are_in_each_counts_by_its_exact_chance_and_the_next_design_knows_them(
    client, people, register, clock, steps  # noqa: F811
):  # fmt: skip
    draw = _held(client, people, clock, "by_capital")
    people.publisher.organisation = Organisation.objects.create(
        code="GD", name="示例省局", name_en="Province", level="province", division_code="440000"
    )
    for check in Check.objects.select_related("inspector_first", "inspector_second", "task"):
        finish(check, steps, people)
    check = Check.objects.get(uscc="91440106MA00000007")  # the largest, certain to be drawn
    assert "<dd>1/1</dd>" in client.get(f"/results/{check.pk}/").content.decode()
    client.force_login(people.drawer)
    told = client.get("/work/draws/TH-2026-1/").context["tells"]
    assert (told.estimate.objects, told.estimate.looked_at, told.estimate.rate) == (80, 9, 0.0)
    assert [members for members, _ in told.by_area] == [["440100"], ["440300"]]
    assert told.is_weighted
    later = client.get(ADDRESS, PLAIN).context["found"]
    assert later["has_visits"]
    weights = [1 / float(chance) for chance in draws.chances_of(draw).values()]
    average = sum(weights) / 9
    assert later["classes"][0]["share"] == pytest.approx(average / 2 / (sum(weights) + average))


def _held(client, people, clock, method):  # noqa: F811
    clock(0)
    province = Organisation.objects.create(
        code="GD-0", name="示例省局", name_en="Example", level="province", division_code="440000"
    )
    people.drawer.organisation = people.auditor.organisation = province  # both cities lie in its area
    people.drawer.save()
    people.auditor.save()
    near = {"teams": "near", "travel": "2", "widest": "2"} if method == "by_county" else {}
    assert (
        announce(client, people, method=method, at_least="3", **{"rate-A": "1000"}, **near).status_code == 302
    )
    hold(client, people, clock)
    assert act(client, people.drawer, "dispatch").status_code == 302
    return Draw.objects.get()
