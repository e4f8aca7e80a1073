"""One draw takes several layers, each with a rate of its own, laid out in one form."""

import pyarrow as pa
import pytest

from tests.apps.supervision.inspection.test_draw_pages import (  # noqa: F401
    FORM,
    announce,
    clock,
    hold,
    people,
    register,
)
from tests.engines.registers.declared import desk
from zhijian.apps.supervision.inspection import rosters
from zhijian.apps.supervision.inspection.models import DrawScope
from zhijian.engines.draws import services as draws
from zhijian.engines.draws import verifier
from zhijian.engines.draws.models import Draw
from zhijian.engines.draws.queries import state_of
from zhijian.engines.registers.declared import registry, services

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LAID = {
    "mode": "by_layer",
    "layer-with-1": "food", "layer-rate-1": "5000",
    "layer-with-3": "new", "layer-without-3": "catering", "layer-rate-3": "2500",
}  # fmt: skip


@pytest.fixture
def tags(register):  # noqa: F811
    """Ten carry `food` (2 to 11), twelve `new` (8 to 19), one of these `catering` (19)."""
    declared = registry.find("object_tags")
    keeper = desk.province_keeper(declared)
    services.take_in(declared, "tags.csv", desk.as_csv(desk.demo_rows(declared)), by=keeper, at=desk.AT)
    marks = [("food", n) for n in range(2, 12)] + [("new", n) for n in range(8, 20)] + [("catering", 19)]
    found = {"object_id": [f"91440106MA{n:08d}" for _, n in marks], "tag": [tag for tag, _ in marks]}
    register.write("mart_object_tags", pa.table(found))
    return register


def test_one_form_lays_out_several_layers_and_the_draw_verifies(client, people, tags, clock):  # noqa: F811
    clock(0)
    assert announce(client, people, **LAID).status_code == 302
    draw = Draw.objects.get()
    assert [(one.key, one.per_10000) for one in draw.plan.design.rates] == [("R1", 5000), ("R2", 2500)]
    assert draw.title.endswith("〔分层：R1食品经营；R2新设立、非餐饮〕")
    frame = rosters.frame_of(draw.plan, tags)
    laid = {int(one.object_id[-2:]): one.rate for one in frame.objects}
    assert laid == dict.fromkeys(range(2, 12), "R1") | dict.fromkeys(range(12, 19), "R2")
    assert [(one.reason, one.count) for one in frame.exclusions] == [("不在所列各层", 21), ("已注销", 1)]
    hold(client, people, clock)
    drawn = {one["rate"]: (one["objects"], one["drawn"]) for one in state_of(draw).frozen["strata"]}
    assert drawn == {"R1": (10, 5), "R2": (7, 2)}
    assert verifier.verify(draws.store.public_path(draw, "", ".json").read_bytes())["ok"]
    page = client.get("/work/draws/TH-2026-1/").content.decode()
    assert "R2 新设立、非餐饮" in page and "万分之2500" in page
    client.cookies["django_language"] = "en"
    assert "R2 Newly founded, not Catering" in client.get("/work/draws/TH-2026-1/").content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"layer-rate-3": ""}, "第3行：比例应是1到10000的整数"),
        ({"layer-rate-3": "12%"}, "第3行：比例应是1到10000的整数"),
        ({"layer-rate-1": "0"}, "第1行：比例应是1到10000的整数"),
        ({"layer-with-3": "no-such-tag"}, "第3行：没有标签no-such-tag"),
        ({"layer-without-1": "food"}, "第1行：同一个标签不能又带又不带"),
        ({"layer-division-3": "440305"}, "第3行：440305不在这次抽签的地区内"),
        ({"layer-division-3": "天河"}, "第3行：“天河”不是6位行政区划代码"),
        ({"layer-with-3": "food"}, "第3行：第1行已经包括这些对象"),
        ({"mode": "plain"}, "没有选“按下面各行分层”"),
    ],
)
def test_a_row_that_says_nothing_clear_is_refused_by_its_number_and_what_was_typed_stays(
    client, people, tags, clock, change, words  # noqa: F811
):  # fmt: skip
    clock(0)
    refused = announce(client, people, **LAID | change)
    page = refused.content.decode()
    assert refused.status_code == 422 and words in page and not Draw.objects.exists()
    for name, value in (LAID | change).items():
        if "rate" in name or "division" in name:
            assert f'name="{name}"' in page and f'value="{value}"' in page
    assert '<option value="new" selected>' in page or change.get("layer-with-3")
    assert not DrawScope.objects.exists()


def test_a_draw_by_layers_without_a_row_is_refused_and_the_last_row_may_take_all_others(
    client, people, tags, clock  # noqa: F811
):  # fmt: skip
    clock(0)
    assert "一行也没有填" in announce(client, people, mode="by_layer").content.decode()
    rest = {"mode": "by_layer", "layer-with-1": "food", "layer-rate-1": "5000", "layer-rate-2": "100"}
    assert announce(client, people, **rest).status_code == 302
    laid = [one.rate for one in rosters.frame_of(Draw.objects.get().plan, tags).objects]
    assert (laid.count("R1"), laid.count("R2")) == (10, 28)
    assert Draw.objects.get().title.endswith("R2其余〕")


def test_a_number_announced_with_other_layers_before_is_not_used_again(client, people, tags, clock):  # noqa: F811
    clock(0)
    scope = {"library": "enterprise", "division_code": "440106", "written_by": people.drawer}
    DrawScope.objects.create(plan_id=FORM["plan_id"], written_at=desk.AT, **scope)
    refused = announce(client, people, **LAID)
    assert refused.status_code == 422 and "已按别的分层公告过" in refused.content.decode()
    assert not Draw.objects.exists()
