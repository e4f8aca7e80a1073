"""What a published draw may not tell: the class of a firm. And who visits whom."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from tests.engines.draws import ceremony
from zhijian.engines.draws import core, matching, roster
from zhijian.engines.draws.disclosure import Stratum, outsider_table, posterior, revealing_cells
from zhijian.engines.draws.errors import DisclosureRisk, DrawRefused, NotEnoughInspectors, PlanInvalid
from zhijian.engines.draws.plan import Design, Rate
from zhijian.engines.draws.roster import Exclusion, RosterObject

RATES = (Rate("R1", 1000), Rate("R2", 5000))


def _stratum(area, rate, objects, drawn, group=""):
    return Stratum(f"S{area}{rate}", area, group, rate, objects, drawn, 0)


def _objects(area, **counts):
    return [
        RosterObject(f"91{area}{rate}{n:08d}", f"示例{n}", area, rate)
        for rate, count in counts.items()
        for n in range(count)
    ]


def _plan(**changes):
    design = Design(rates=RATES, follows_class=True, at_least_one=True)
    return ceremony.a_plan(design=replace(design, **changes))


def _build(plan, objects, **options):
    return roster.build(plan, objects, ceremony.inspectors(), salt=ceremony.counting_salt(), **options)


def test_a_cell_whose_drawn_firms_are_of_one_class_is_revealing():
    found = revealing_cells(
        [_stratum("440100", "R1", 50, 5), _stratum("440200", "R2", 8, 4), _stratum("440100", "R2", 10, 5)],
        max_share_percent=90,
    )
    assert [cell.area for cell in found] == ["440200"]
    assert found[0].largest_share_percent == 100


def test_a_cell_whose_undrawn_firms_are_of_one_class_is_revealing():
    found = revealing_cells(
        [_stratum("440100", "R1", 50, 5), _stratum("440100", "R2", 5, 5)], max_share_percent=90
    )
    assert len(found) == 1 and "未抽中" in found[0].reason_zh


def test_the_share_limit_counts_and_equality_passes():
    cell = [_stratum("440100", "R1", 90, 9), _stratum("440100", "R2", 10, 1)]
    assert revealing_cells(cell, max_share_percent=90) == []
    assert len(revealing_cells(cell, max_share_percent=89)) == 1


def test_an_outsider_learns_the_shares_and_the_table_says_so():
    cell = [_stratum("440100", "R1", 90, 6), _stratum("440100", "R2", 10, 4)]
    assert posterior(cell, was_drawn=True) == {"R1": Fraction(3, 5), "R2": Fraction(2, 5)}
    assert outsider_table(cell)[1]["if_drawn_percent"] == 40.0


def test_without_merging_a_revealing_area_is_refused_with_its_remedy():
    frame = _objects("440100", R1=40, R2=10) + _objects("440200", R2=6)
    with pytest.raises(DisclosureRisk, match="merge_areas") as refused:
        _build(_plan(merge_areas=False), frame)
    assert refused.value.cells[0].area == "440200"


def test_a_revealing_area_is_merged_until_classes_are_mixed():
    frame = _objects("440100", R1=40, R2=10) + _objects("440200", R2=6) + _objects("440300", R1=60, R2=20)
    built = _build(_plan(), frame)
    merged = next(area for area in built.areas if "440200" in area.members)
    assert len(merged.members) > 1 and merged.code.startswith("440000-")
    assert revealing_cells(built.strata, max_share_percent=90) == []


def test_a_frame_of_one_class_cannot_be_drawn_by_class():
    with pytest.raises(DisclosureRisk):
        _build(_plan(), _objects("440100", R2=30) + _objects("440300", R2=30))


def test_a_rare_group_that_reveals_is_folded_with_the_others():
    frame = [replace(one, group="食品") for one in _objects("440100", R1=40, R2=20)]
    frame += [
        replace(one, group="电梯", object_id=f"92440100MA{n:08d}")
        for n, one in enumerate(_objects("440100", R2=4))
    ]
    assert {stratum.group for stratum in _build(_plan(), frame).strata} == {"其他"}


def test_strata_by_class_are_refused_in_an_open_draw_and_rate_keys_name_no_class():
    with pytest.raises(PlanInvalid, match="salted"):
        ceremony.a_plan(mode="open")
    with pytest.raises(PlanInvalid, match="R1"):
        _plan(rates=(Rate("D", 100),))


def test_the_order_of_the_roster_is_that_of_the_leaves_and_tells_nothing():
    built = _build(_plan(), _objects("440100", R1=40, R2=20))
    leaves = [line["leaf"] for line in built.objects]
    assert leaves == sorted(leaves)
    assert all(set(line) == {"kind", "leaf", "stratum", "weight"} for line in built.objects)


def test_a_firm_of_the_register_that_is_missing_without_reason_stops_the_freeze():
    frame = _objects("440100", R1=40, R2=20)
    with pytest.raises(DrawRefused, match="unexplained"):
        _build(_plan(), frame, register_counts={"440106": 61})
    built = _build(
        _plan(), frame, register_counts={"440106": 61}, exclusions=[Exclusion("440106", "本年已查", 1)]
    )
    assert built.areas[0].register == 61 and built.areas[0].excluded == ({"reason": "本年已查", "count": 1},)
    with pytest.raises(DrawRefused, match="outside the roster"):
        _build(_plan(), frame, register_counts={"440106": 60, "449900": 1})


def test_an_object_that_stands_twice_is_refused():
    with pytest.raises(PlanInvalid, match="more than once"):
        _build(_plan(), _objects("440100", R1=2) + _objects("440100", R1=1))


RULES = matching.Rules(("food",), "2026-12-31", 2, 30)


def _inspector(name, division="440106", recused=(), skills=("food",), until="2027-06-30"):
    return {
        "leaf": core.sha256(name),
        "division": division,
        "skills": list(skills),
        "valid_until": until,
        "recused": list(recused),
    }


def test_of_three_inspectors_two_recused_the_parent_pool_is_used_and_it_is_logged():
    leaf = core.sha256("object")
    local = [_inspector("a"), _inspector("b", recused=[leaf]), _inspector("c", recused=[leaf])]
    near = [_inspector("d", "440105"), _inspector("e", "440100")]
    team = matching.assign(bytes(32), [(leaf, ["440106"])], local + near, RULES)[leaf]
    assert team.pool == 1
    assert set(team.inspectors) <= {core.sha256(name) for name in "ade"}
    with pytest.raises(NotEnoughInspectors):
        matching.assign(bytes(32), [(leaf, ["440106"])], local, RULES)
    with pytest.raises(NotEnoughInspectors):
        matching.check_pool([leaf], local, RULES)


def test_unqualified_and_expiring_inspectors_are_never_drawn():
    leaf = core.sha256("object")
    bad = [_inspector("x", skills=()), _inspector("y", until="2026-12-30")]
    team = matching.assign(
        bytes(32), [(leaf, ["440106"])], [*bad, _inspector("a"), _inspector("b", until="2026-12-31")], RULES
    )
    assert set(team[leaf].inspectors) == {core.sha256("a"), core.sha256("b")}


def test_nobody_gets_more_visits_than_the_cap_while_others_are_free():
    leaves = [core.sha256(f"object {n}") for n in range(12)]
    people = [_inspector(f"p{n}") for n in range(10)]
    teams = matching.assign(
        bytes(32), [(leaf, ["440106"]) for leaf in leaves], people, replace(RULES, max_load=3)
    )
    visits = [one for team in teams.values() for one in team.inspectors]
    assert max(visits.count(one["leaf"]) for one in people) == 3


@pytest.mark.parametrize(
    ("members", "division", "level"),
    [
        (["440106"], "440106", 0),
        (["440100"], "440106", 0),
        (["440106"], "440100", 1),
        (["440106"], "440300", 2),
        (["440000"], "440106", 0),
    ],
)
def test_a_pool_widens_from_area_to_prefecture_to_all(members, division, level):
    assert matching.pool_level(members, division) == level


def test_a_certificate_must_last_to_the_last_planned_day():
    assert ceremony.a_plan().inspection_until == date(2026, 12, 31)
    assert matching.is_qualified(_inspector("a", until="2026-12-31"), RULES)
    assert not matching.is_qualified(_inspector("a", until="2026-12-30"), RULES)
