"""S192: tags by rule and by hand found anew every day, exclusions with a reason and a second officer, objects outside the register."""

from datetime import date, timedelta
from types import SimpleNamespace

import pyarrow as pa
import pytest

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.supervision.inspection import audit, rosters
from zhijian.apps.supervision.inspection.models import DrawScope
from zhijian.apps.supervision.key_files.models import KeyFile
from zhijian.apps.supervision.planning import object_registers, tag_rules, tagging
from zhijian.apps.supervision.planning.models import TagCount
from zhijian.apps.supervision.planning.object_registers import EXCLUSIONS, MARKS, OBJECTS, TAGS
from zhijian.datazone.entity.facts import FACTS_SCHEMA, typed
from zhijian.datazone.lake import Lake
from zhijian.engines.registers import closer
from zhijian.engines.registers.declared import services
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.django_db
PLAN = SimpleNamespace(
    plan_id="T-1", freeze_at=AT, inspection_until=date(2026, 12, 31), items=(), mode="open", is_synthetic=True,
    design=SimpleNamespace(follows_class=False, rates=(SimpleNamespace(key="R1"),), weight_by="", sort_by="",
                           area_level="county", max_share_percent=90),
)  # fmt: skip


def firms(home, sections):
    rows = [
        {"entity_id": n, "uscc": f"F{n}", "name": f"示例{n}", "prefecture_code": "440100", "county_code": "440106", "industry_section": one,
         "status_code": "active", "is_synthetic": True, "registered_on": date(2020 + n, 1, 1), "capital_yuan": n * 10.0}
        for n, one in enumerate(sections)
    ]  # fmt: skip
    lake = Lake(home.lake)
    lake.write("entity_market_entities", pa.Table.from_pylist(rows))
    return lake


@pytest.fixture
def keeper(db):
    return desk.province_keeper(TAGS)


@pytest.fixture
def other(keeper):
    return desk.officer("other", keeper.organisation, *EXCLUSIONS.keepers)


@pytest.mark.parametrize(
    "text",
    ["", "risk_class = D", "name contains 王", "capital_yuan >= viel", "registered_on < gestern", "industry_section", "scope > 3",
     "capital_yuan contains 1", "industry_section in", "annual_report_year >= 2025", "annual_report_year = lately",
     "closer_supervision = everybody", "closer_supervision != food"],
)  # fmt: skip
def test_a_rule_that_cannot_be_read_or_asks_for_class_or_person_is_none(text):
    with pytest.raises(tag_rules.NoRule):
        tag_rules.conditions(text)


def test_every_day_tags_are_found_anew_and_the_change_is_counted(keeper, other, home):
    services.take_in(TAGS, "tags.csv", desk.as_csv(desk.demo_rows(TAGS)[1:-1]), by=keeper, at=AT)
    mark = {**desk.demo_rows(MARKS)[0], "object_id": "F2"}
    services.add(MARKS, mark, reason="实地量得", by=keeper, at=AT)
    approved = {**mark, "approved_by": "other"}
    services.change(MARKS, mark["key"], approved, seen=1, reason="核对照片", by=other, at=AT)
    lake = firms(home, "HHC")
    found = {one.tag: (one.members, one.added, one.left) for one in tagging.refresh(lake, at=AT)}
    assert found == {"catering": (2, 2, 0), "maker": (1, 1, 0), "new": (0, 0, 0), "school_gate": (1, 1, 0)}
    version = lake.version(tagging.TABLE)
    tagging.refresh(lake, at=AT + timedelta(hours=1))
    assert lake.version(tagging.TABLE) == version and TagCount.objects.count() == 4  # nothing moved
    firms(home, "HCC")
    found = {
        one.tag: (one.members, one.added, one.left)
        for one in tagging.refresh(lake, at=AT + timedelta(days=1))
    }
    assert (found["catering"], found["maker"]) == ((1, 0, 1), (2, 1, 0))


def test_a_draw_by_tag_counts_publicly_who_does_not_carry_it(keeper, home):
    services.take_in(TAGS, "tags.csv", desk.as_csv(desk.demo_rows(TAGS)), by=keeper, at=AT)
    lake = firms(home, "HHCF")
    lake_scope = {"library": "enterprise", "division_code": "440106", "written_by": keeper, "written_at": AT}
    DrawScope.objects.create(plan_id="T-1", tags=["catering"], **lake_scope)
    lake.write("mart_object_tags", pa.table({"object_id": ["F0", "F1"], "tag": ["catering"] * 2}))
    frame = rosters.frame_of(PLAN, lake)
    assert [one.object_id for one in frame.objects] == ["F0", "F1"]
    assert [(one.reason, one.count) for one in frame.exclusions] == [("不带所选标签", 2)]
    assert frame.register_counts == {"440106": 4}


def test_an_exclusion_holds_only_when_somebody_else_approved_it(keeper, other, home):
    row = {"key": "X-1", "name": "示例0", "division_code": "440106", "library_code": "enterprise", "object_id": "F0",
           "reason_code": "court", "ground": "法院查封", "approved_by": "",
           "valid_from": "2026-11-01", "valid_to": "2027-10-31", "is_synthetic": "1"}  # fmt: skip
    lake = firms(home, "HH")
    with pytest.raises(services.WrongRow):
        services.add(EXCLUSIONS, {**row, "valid_to": ""}, reason="法院查封", by=keeper, at=AT)
    with pytest.raises(Forbidden):
        services.add(EXCLUSIONS, {**row, "approved_by": "other"}, reason="法院查封", by=keeper, at=AT)
    services.add(EXCLUSIONS, row, reason="法院查封", by=keeper, at=AT)
    assert len(rosters.frame_of(PLAN, lake).objects) == 2
    approved = {"seen": 1, "reason": "核对裁定书", "at": AT}
    with pytest.raises(Forbidden):
        services.change(EXCLUSIONS, "X-1", {**row, "approved_by": "keeper"}, by=keeper, **approved)
    with pytest.raises(Forbidden):
        services.change(
            EXCLUSIONS, "X-1", {**row, "approved_by": "other", "object_id": "F1"}, by=other, **approved
        )
    services.change(EXCLUSIONS, "X-1", {**row, "approved_by": "other"}, by=other, **approved)
    frame = rosters.frame_of(PLAN, lake)
    assert [(one.reason, one.count) for one in frame.exclusions] == [("经批准排除：法院查封或破产程序", 1)]
    with pytest.raises(Forbidden):  # what was approved for a year is not made eight years by who entered it
        services.change(EXCLUSIONS, "X-1", {**row, "approved_by": "other", "valid_to": "2034-10-31"}, by=keeper, seen=2, reason="继续查封", at=AT)  # fmt: skip
    services.end(EXCLUSIONS, "X-1", last_day=date(2026, 11, 19), seen=2, reason="解除查封", by=keeper, at=AT)
    assert len(rosters.frame_of(PLAN, lake).objects) == 2


def test_a_tag_by_hand_counts_only_when_somebody_else_approved_it(keeper, other, home):
    services.take_in(TAGS, "tags.csv", desk.as_csv(desk.demo_rows(TAGS)[1:-1]), by=keeper, at=AT)
    lake, mark = firms(home, "HH"), {**desk.demo_rows(MARKS)[0], "object_id": "F0"}
    DrawScope.objects.create(
        plan_id="T-1", library="enterprise", division_code="440106", tags=["-school_gate"], written_by=keeper, written_at=AT
    )  # fmt: skip
    with pytest.raises(Forbidden, match="留空"):
        services.add(MARKS, {**mark, "approved_by": "keeper"}, reason="实地量得", by=keeper, at=AT)
    services.add(MARKS, mark, reason="实地量得", by=keeper, at=AT)
    tagging.refresh(lake, at=AT)
    assert len(rosters.frame_of(PLAN, lake).objects) == 2, "one officer alone takes nobody out of a draw"
    for approver, by, refused in (("keeper", keeper, "登记的人"), ("keeper", other, "登记的人")):
        with pytest.raises(Forbidden, match=refused):
            services.change(
                MARKS, mark["key"], {**mark, "approved_by": approver}, seen=1, reason="核对照片", by=by, at=AT
            )
    services.change(
        MARKS, mark["key"], {**mark, "approved_by": "other"}, seen=1, reason="核对照片", by=other, at=AT
    )
    tagging.refresh(lake, at=AT)
    assert [one.object_id for one in rosters.frame_of(PLAN, lake).objects] == ["F1"]
    (told,) = audit.hand_marks("44", most=9)
    assert (told.row["object_id"], told.entered_by.split("（")[0], told.approved_by.split("（")[0]) == (
        "F0", *(one.display_name or one.username for one in (keeper, other))
    )  # fmt: skip
    moved = {**mark, "object_id": "F1", "approved_by": "other"}
    for words in (moved, {**mark, "approved_by": ""}, {**mark, "approved_by": "keeper"}):
        with pytest.raises(Forbidden, match="另一人办理"):
            services.change(MARKS, mark["key"], words, seen=2, reason="换成另一户", by=keeper, at=AT)


def test_a_second_account_of_who_entered_a_tag_by_hand_approves_nothing(keeper, other, home):
    services.take_in(TAGS, "tags.csv", desk.as_csv(desk.demo_rows(TAGS)[1:-1]), by=keeper, at=AT)
    mark = {**desk.demo_rows(MARKS)[0], "object_id": "F0"}
    firms(home, "HH")
    services.add(MARKS, mark, reason="实地量得", by=keeper, at=AT)
    for one in (keeper, other):
        one.staff_number = "粤-0012"
        one.save(update_fields=["staff_number"])
    with pytest.raises(Forbidden, match="登记的人"):
        services.change(
            MARKS, mark["key"], {**mark, "approved_by": "other"}, seen=1, reason="核对照片", by=other, at=AT
        )


def entered(keeper, home):
    services.take_in(TAGS, "tags.csv", desk.as_csv(desk.demo_rows(TAGS)[1:-1]), by=keeper, at=AT)
    firms(home, "HH")
    mark = {**desk.demo_rows(MARKS)[0], "object_id": "F0"}
    services.add(MARKS, mark, reason="实地量得", by=keeper, at=AT)
    return mark


def approve(mark, by, *, seen):
    approved = {**mark, "approved_by": by.username}
    return services.change(MARKS, mark["key"], approved, seen=seen, reason="核对照片", by=by, at=AT)


def test_nobody_who_ever_wrote_a_tag_by_hand_approves_it(keeper, other, home):
    mark = {**entered(keeper, home), "ground": "离校门四十米，另有照片"}
    services.change(MARKS, mark["key"], mark, seen=1, reason="补充照片", by=other, at=AT)
    for writer in (keeper, other):
        with pytest.raises(Forbidden, match="改过它的人"):
            approve(mark, writer, seen=2)
    third = desk.officer("third", keeper.organisation, *MARKS.keepers)
    assert approve(mark, third, seen=2).approved_by == "third"


def test_a_namesake_in_the_unit_is_another_person_and_approves_a_tag(keeper, other, home):
    mark = entered(keeper, home)
    other.display_name = keeper.display_name
    other.save(update_fields=["display_name"])
    assert approve(mark, other, seen=1).approved_by == "other"


def test_an_account_without_a_number_is_no_second_hand_of_a_tag_or_an_exclusion(keeper, other, home):
    mark = entered(keeper, home)
    for blank in (other, keeper):  # neither as who approves nor as who entered it
        kept, blank.staff_number = blank.staff_number, " "
        blank.save(update_fields=["staff_number"])
        with pytest.raises(Forbidden, match="工号"):
            approve(mark, other, seen=1)
        blank.staff_number = kept
        blank.save(update_fields=["staff_number"])
    assert approve(mark, other, seen=1).approved_by == "other"


def test_an_approved_tag_by_hand_ends_sooner_only_by_two_officers(keeper, other, home):
    services.take_in(TAGS, "tags.csv", desk.as_csv(desk.demo_rows(TAGS)[1:-1]), by=keeper, at=AT)
    lake, mark = firms(home, "HH"), {**desk.demo_rows(MARKS)[0], "object_id": "F0"}
    services.add(MARKS, mark, reason="实地量得", by=keeper, at=AT)
    approved = {**mark, "approved_by": "other"}
    services.change(MARKS, mark["key"], approved, seen=1, reason="核对照片", by=other, at=AT)
    last = AT.date() - timedelta(days=1)
    ended = {"last_day": last, "reason": "学校搬走", "at": AT}
    for by in (keeper, other):
        with pytest.raises(Forbidden, match="提前结束要两人"):
            services.end(MARKS, mark["key"], seen=2, by=by, **ended)
    at_once = {**approved, "ends_on": last.isoformat(), "valid_to": last.isoformat()}
    with pytest.raises(Forbidden, match="提前结束要两人"):
        services.change(MARKS, mark["key"], at_once, seen=2, reason="学校搬走", by=other, at=AT)
    proposed = {**approved, "ends_on": last.isoformat()}
    services.change(MARKS, mark["key"], proposed, seen=2, reason="学校搬走", by=other, at=AT)
    with pytest.raises(Forbidden, match="不能自己办理"):
        services.end(MARKS, mark["key"], seen=3, by=other, **ended)
    with pytest.raises(Forbidden, match="提前结束要两人"):
        services.end(MARKS, mark["key"], seen=3, by=keeper, **{**ended, "last_day": last - timedelta(days=9)})
    found = {one.tag: one.members for one in tagging.refresh(lake, at=AT)}
    assert found["school_gate"] == 1, "proposed alone, it stands"
    services.end(MARKS, mark["key"], seen=3, by=keeper, **ended)
    assert {one.tag: one.members for one in tagging.refresh(lake, at=AT)}["school_gate"] == 0
    (told,) = audit.hand_marks("44", most=9)
    assert told.entered_by.startswith(keeper.display_name or keeper.username)
    assert told.approved_by.startswith(other.display_name or other.username)


def test_nobody_excludes_or_tags_an_object_of_another_area(keeper, home, monkeypatch):
    services.take_in(OBJECTS, "objects.csv", desk.as_csv(desk.demo_rows(OBJECTS, 9)), by=keeper, at=AT)
    services.take_in(TAGS, "tags.csv", desk.as_csv(desk.demo_rows(TAGS)), by=keeper, at=AT)
    far = desk.officer("far", desk.unit("440305", "外区局"), *EXCLUSIONS.keepers)
    row = {"name": "示例", "division_code": "440305", "valid_from": "2026-11-01", "is_synthetic": "1"}
    out = {**row, "key": "X-9", "library_code": "unlicensed", "object_id": "OBJ-440106-002", "reason_code": "court", "ground": "法院查封",
           "approved_by": "", "valid_to": "2027-10-31"}  # fmt: skip
    with pytest.raises(Forbidden, match="管辖范围"):
        services.add(EXCLUSIONS, out, reason="法院查封", by=far, at=AT)
    mark = {
        **row,
        "key": "M-9",
        "tag_key": TAGS.model.objects.order_by("key").first().key,
        "object_id": "F0",
        "ground": "重点单位",
        "valid_to": "",
        "approved_by": "",
    }
    register = SimpleNamespace(
        is_ready=True, find=lambda _: SimpleNamespace(county_code="440106", prefecture_code="440100")
    )
    monkeypatch.setattr(object_registers, "register_at", lambda _serving: register)
    with pytest.raises(Forbidden, match="管辖范围"):
        services.add(MARKS, mark, reason="逐户标注", by=far, at=AT)
    services.add(MARKS, {**mark, "division_code": "440106"}, reason="逐户标注", by=keeper, at=AT)


def test_a_tag_of_closer_supervision_holds_as_many_others_of_the_county_and_tells_of_nobody(
    keeper, home, monkeypatch
):
    monkeypatch.setattr(
        tagging, "codes_of", lambda field, on: {"F1", "F3", "F11"} if field == "food" else set()
    )
    lake = firms(home, "F" * 10 + "HH")
    places = ["440106"] * 10 + ["440305"] * 2  # F11 has no other beside it in its county that the rule names
    table = lake.read("entity_market_entities")
    lake.write(
        "entity_market_entities",
        table.set_column(table.schema.get_field_index("county_code"), "county_code", [places]),
    )
    row = {
        **desk.demo_rows(TAGS)[0],
        "key": "closer",
        "rule": "industry_section in F; closer_supervision = food",
    }
    services.take_in(TAGS, "tags.csv", desk.as_csv([row]), by=keeper, at=AT)

    def carry(at):
        tagging.refresh(lake, at=at)
        return {one["object_id"] for one in lake.read(tagging.TABLE).to_pylist() if one["tag"] == "closer"}

    first = carry(AT)
    assert {"F1", "F3"} < first and len(first) == 4 and not first & {"F10", "F11"}
    assert carry(AT + timedelta(days=40)) == first, "who compares two days learns nothing"


def test_where_a_county_has_too_few_others_nobody_of_it_carries_the_tag(keeper, home, monkeypatch):
    monkeypatch.setattr(tagging, "codes_of", lambda field, on: {"F0", "F1"})
    lake = firms(home, "FFF")
    row = {
        **desk.demo_rows(TAGS)[0],
        "key": "closer",
        "rule": "industry_section in F; closer_supervision = food",
    }
    services.take_in(TAGS, "tags.csv", desk.as_csv([row]), by=keeper, at=AT)
    assert [one.members for one in tagging.refresh(lake, at=AT)] == [0]


def test_key_files_and_drug_grades_name_who_is_drawn_more_often(keeper):
    file = KeyFile.objects.create(
        uscc="F1", name="示例1", division_code="440106", field="food", ground="decision", reason="示例",
        entered_on=AT.date(), review_on=AT.date(), is_synthetic=True,
    )  # fmt: skip
    assert closer.codes_of("food", on=AT.date()) == {"F1"}
    assert (
        closer.codes_of("food", on=AT.date() - timedelta(days=1))
        == closer.codes_of("drug", on=AT.date())
        == set()
    )
    file.left_on = AT.date()
    file.save(update_fields=["left_on"])
    assert closer.codes_of("food", on=AT.date()) == set()


def test_an_operator_without_a_licence_is_drawn_from_its_own_library(keeper, home):
    services.take_in(OBJECTS, "objects.csv", desk.as_csv(desk.demo_rows(OBJECTS, 9)), by=keeper, at=AT)
    DrawScope.objects.create(
        plan_id="T-1", library="unlicensed", division_code="440106", written_by=keeper, written_at=AT
    )
    found = rosters.frame_of(PLAN, Lake(home.lake)).objects
    assert [one.object_id for one in found] == ["OBJ-440106-002", "OBJ-440106-001"]
    assert rosters.address_by_hand("OBJ-440106-002") == "广州市天河区示例村二巷8号"
    assert rosters.address_by_hand("F0") == ""


def test_checks_of_published_reports_draw_among_who_published_one_by_the_facts(keeper, home):
    from zhijian.engines.facts import services as facts

    lake = firms(home, "FFF")
    delivered = [
        typed({"kind": "annual_report.published", "occurred_on": AT.date(), "recorded_on": AT.date(), "payload": {"report_year": year},
               "source": "registry", "source_key": f"{entity_id}/{year}", "is_synthetic": True}, entity_id)
        for entity_id, year in ((0, 2025), (2, 2024))
    ]  # fmt: skip
    lake.write("entity_facts", pa.Table.from_pylist(delivered, schema=FACTS_SCHEMA))
    facts.record(
        "annual_report.published", subject="F1", occurred_on=AT.date(), payload={"report_year": 2025, "is_late": False},
        source="annual_reports", source_key="F1/2025", by="test", at=AT, is_synthetic=True,
    )  # fmt: skip
    services.take_in(TAGS, "tags.csv", desk.as_csv(desk.demo_rows(TAGS)[-1:]), by=keeper, at=AT)
    tagging.refresh(lake, at=AT)
    kept = lake.read(tagging.TABLE).to_pylist()
    assert {one["object_id"] for one in kept if one["tag"] == "reported_2025"} == {"F0", "F1"}
