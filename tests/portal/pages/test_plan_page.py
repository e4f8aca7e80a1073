"""The plan and where it stands: 275 systems, each with a state that the declarations and the data prove."""

import csv
import io
from collections import Counter

import pytest

from zhijian.portal.views import plan as page
from zhijian.standards import plan


def test_the_list_has_the_plan_s_275_systems_each_in_a_chapter_with_its_words():
    systems = plan.systems()
    assert [one.id for one in systems] == [f"S{n:02d}" for n in range(1, 276)]
    assert all(one.chapter in plan.CHAPTERS and one.quote_zh and one.must_do_en for one in systems)
    assert plan.find("S53").name_en.startswith("Registers of worry-free") and plan.find("S999") is None


@pytest.mark.parametrize("system", page.systems(), ids=lambda one: one.name)
def test_what_a_system_declares_is_there(system):
    """Its numbers are the plan's, its titles in both languages, and every page that it names has an address."""
    assert system.plan_ids and system.title_zh and system.title_en.isascii()
    assert all(plan.find(number) for number in system.plan_ids)
    assert [one.path for one in system.pages if not page.page_exists(one)] == []


def test_the_state_follows_from_declaration_and_data(db):
    from tests.engines.registers.declared import desk
    from zhijian.engines.registers.declared import registry

    def state(number):
        return next(one.state for one in page.standings() if one.planned.id == number)

    declared = {number for system in page.systems() for number in system.plan_ids}
    nowhere = next(one.id for one in plan.systems() if one.id not in declared)
    assert (state("S53"), state(nowhere)) == ("declared", "none")
    register = registry.find("worry_free")
    desk.fill(register, desk.province_keeper(register), most=2)
    assert state("S53") == "live"


def test_the_page_and_the_table_tell_the_same(client, db):
    from tests.engines.registers.declared import desk
    from zhijian.engines.registers.declared import registry

    register = registry.find("worry_free")
    desk.fill(register, desk.province_keeper(register), most=2)
    rows = list(csv.reader(io.StringIO(client.get("/plan/systems.csv").content.decode("utf-8-sig"))))
    counts = Counter(row[6] for row in rows[1:])
    assert sum(counts.values()) == 275 and counts["live"] >= 1
    text = client.get("/plan/").content.decode()
    assert f"已上线{counts['live']}个" in text and f"还没有{counts['none']}个" in text
    live = client.get("/plan/?state=live&q=S53").content.decode()
    assert 'id="S53"' in live and 'id="S54"' not in live and "/registers/worry_free/" in live
    assert "列出0个" in client.get("/plan/?q=nothing-like-this").content.decode()
