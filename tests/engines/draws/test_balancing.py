"""Teams near and evenly loaded, by lottery among those (zhijian-draw/2, section 13): engine and both verifiers."""

import itertools
import json
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.draws import ceremony
from tests.engines.draws.cheats import event, rechained, records_of, sealed, where
from zhijian.engines.draws import balancing, core, verifier
from zhijian.engines.draws.errors import NotEnoughInspectors, PlanInvalid
from zhijian.engines.draws.matching import Rules
from zhijian.engines.draws.plan import Balance, Design, Item, Plan, Rate
from zhijian.engines.draws.roster import PoolInspector

SEED = bytes(range(32))
PLACES = {"440106": (0, 0), "440105": (90, 40), "440305": (1050, -600), "440604": (-200, -80)}
NEAR = Design((Rate("R1", 2500),), follows_class=False, area_level="county", teams=Balance(places=PLACES))


def _leaf(name: str) -> str:
    return core.sha256(name)


def _inspector(name: str, division: str, skills=("food",), until="2027-06-30", recused=()):
    return {
        "leaf": _leaf(name), "division": division, "skills": list(skills), "valid_until": until,
        "recused": [_leaf(one) for one in recused],
    }  # fmt: skip


def _rules(skills=("food",), size=2, cap=30) -> Rules:
    return Rules(tuple(skills), "2026-12-31", size, cap)


@st.composite
def small_matchings(draw):
    skills = st.sets(st.sampled_from(["food", "scale"])).map(sorted)
    divisions = st.sampled_from(["440106", "440105", "440305"])
    people = draw(st.lists(st.tuples(divisions, skills), min_size=4, max_size=6))
    drawn = draw(st.lists(divisions, min_size=1, max_size=4))
    shared = draw(st.booleans())
    pool = [
        _inspector(f"i{n}", division, has if shared else ["food", "scale"])
        for n, (division, has) in enumerate(people)
    ]
    balance = Balance(travel=draw(st.integers(0, 30)), cross=draw(st.integers(0, 200)), uneven=draw(st.integers(0, 200)),
                      widest=2, skills_shared=shared, places=PLACES)  # fmt: skip
    rules = _rules(("food", "scale"), cap=draw(st.integers(1, 3)))
    return [(_leaf(f"o{n}"), (where,)) for n, where in enumerate(drawn)], pool, rules, balance


def _least_by_trying_all(drawn, pool, rules, balance) -> int:
    size, share = 2, -(-len(drawn) * 2 // len(pool))
    ordered = sorted(pool, key=lambda one: one["leaf"])
    choices = []
    for leaf, area in sorted(drawn):
        lots = balancing.lots(SEED, leaf, len(ordered)).tolist()
        costs = []
        for n, one in enumerate(ordered):
            level = balancing.pool_level(area, one["division"])
            way = balancing.kilometres(PLACES, area, one["division"])
            costs.append(lots[n] + (way * balance.travel + level * balance.cross) * balancing.LOT // 100)
        teams = itertools.combinations(range(len(ordered)), size)
        has = [set(one["skills"]) for one in ordered]
        fits = (
            ("food" in has[a] and "scale" in has[b]) or ("food" in has[b] and "scale" in has[a])
            for a, b in teams
        )
        teams = itertools.combinations(range(len(ordered)), size)
        choices.append(
            [(costs[a] + costs[b], (a, b)) for (a, b), fit in zip(teams, fits, strict=True) if fit]
        )
    steps = balancing.steps_of(share, rules, balance)
    found = []
    for together in itertools.product(*choices):
        load = Counter(one for _, team in together for one in team)
        extra = sum(balancing.marginal(steps, k) for n in load.values() for k in range(1, n + 1))
        found.append(sum(cost for cost, _ in together) + extra)
    return min(found, default=-1)


@settings(max_examples=40, deadline=None)
@given(small_matchings())
def test_no_other_teams_cost_less(case):
    least = _least_by_trying_all(*case)
    if least < 0:
        with pytest.raises(NotEnoughInspectors):
            balancing.check_pool({"44": (case[0][0][1], [leaf for leaf, _ in case[0]])}, *case[1:])
    else:
        assert balancing.assign(SEED, *case).cost == least


def test_who_is_near_goes_and_nobody_twice_as_often_as_others():
    divisions = ["440106"] * 4 + ["440105"] * 4
    pool = [_inspector(f"i{n}", division) for n, division in enumerate(divisions)]
    drawn = [(_leaf(f"o{n}"), (divisions[n % 8],)) for n in range(40)]
    found = balancing.assign(SEED, drawn, pool, _rules(), Balance(places=PLACES))
    assert found.kilometres == 0 and {team.pool for team in found.teams.values()} == {0}
    assert found.largest_load <= 11  # 80 visits of 8 inspectors are 10 each; one more costs a whole lot


def test_another_seed_sends_others():
    pool = [_inspector(f"i{n}", "440106") for n in range(12)]
    drawn = [(_leaf("o"), ("440106",))]
    seen = {
        balancing.assign(bytes([n]) * 32, drawn, pool, _rules(), Balance()).teams[_leaf("o")].inspectors
        for n in range(40)
    }
    assert len({one for team in seen for one in team}) == 12 and len(seen) > 20


def test_with_two_of_three_recused_the_pool_of_the_prefecture_serves_and_it_shows():
    """Worked example E11 of the double random inspection."""
    pool = [_inspector("a", "440106", recused=["o"]), _inspector("b", "440106", recused=["o"]), _inspector("c", "440106"),
            _inspector("d", "440105"), _inspector("e", "440305")]  # fmt: skip
    balance = Balance(places=PLACES)
    team = balancing.assign(SEED, [(_leaf("o"), ("440106",))], pool, _rules(), balance).teams[_leaf("o")]
    assert set(team.inspectors) == {_leaf("c"), _leaf("d")} and team.pool == 1 and not team.standby
    with pytest.raises(NotEnoughInspectors):
        balancing.check_pool({"A": (("440106",), [_leaf("o")])}, pool, _rules(), replace(balance, widest=0))


def test_whose_certificate_ends_before_the_visits_is_in_no_team():
    pool = [
        _inspector("old", "440106", until="2026-11-30"),
        *(_inspector(f"i{n}", "440106") for n in range(2)),
    ]
    team = balancing.assign(SEED, [(_leaf("o"), ("440106",))], pool, _rules(), Balance()).teams[_leaf("o")]
    assert _leaf("old") not in (*team.inspectors, *team.standby)


def test_weights_and_places_of_a_matching_are_whole_numbers_in_bounds():
    for odd in (
        Balance(travel=-1),
        Balance(widest=3),
        Balance(cross=10_001),
        Balance(places={"4401": (0, 0)}),
    ):
        with pytest.raises(PlanInvalid):
            ceremony.open_plan(design=replace(NEAR, teams=odd))


def _people() -> list[PoolInspector]:
    kinds = (("food",), ("scale",), ("food", "scale"))
    return [
        PoolInspector(
            f"E{n:02d}",
            f"检查员{n}",
            "示例县局",
            ceremony.DIVISIONS[n % 4],
            kinds[n // 4 % 3],
            date(2027, 6, 30),
        )
        for n in range(24)
    ]


def _files(home):
    scale = Item("S02", "计量器具", "《中华人民共和国计量法》第十八条", "scale")
    plans: list[tuple[Plan, list[PoolInspector]]] = [
        (ceremony.open_plan(design=NEAR), ceremony.inspectors()),
        (
            ceremony.a_plan(
                plan_id="2026-0313", items=(*ceremony.a_plan().items, scale),
                design=replace(ceremony.a_plan().design, teams=Balance(widest=2, skills_shared=True, places=PLACES), max_load=3),
            ),
            _people(),
        ),
    ]  # fmt: skip
    return [ceremony.published(plan, pool=people)[1].read_bytes() for plan, people in plans]


def _with_team(file: bytes, change) -> tuple[bytes, int]:
    """Return the file with the first team that has a standby changed, every check value mended, and its line."""
    records = records_of(file)
    at = where(records, lambda one: one["kind"] == "drawn" and bool(one["standby"]))
    change(records[at], records)
    picked = [one for one in records if one["kind"] in ("drawn", "reserve")]
    body = records[where(records, event("drawn"))]["body"]
    body["sample_root"] = core.merkle_root(map(core.canonical, picked))
    return sealed(rechained(records)), at + 2


def _swap(row, _):
    row["inspectors"][0], row["standby"][0] = row["standby"][0], row["inspectors"][0]


def _one_alone(row, _):
    row["inspectors"] = row["inspectors"][:1] * 2


def _other_standby(row, _):
    row["standby"] = [*row["standby"][1:], row["standby"][0]] if len(row["standby"]) > 1 else []


@pytest.mark.browser
def test_both_verifiers_say_yes_to_the_least_and_no_to_any_other(home, db, verifier_page):
    for file in _files(home):
        cheats = [_with_team(file, change)[0] for change in (_swap, _one_alone, _other_standby)]
        answers = [verifier.verify(one) for one in (file, *cheats)]
        script = "async (files) => { const found = []; for (const file of files) found.push(await verifyDraw(file)); return found; }"
        in_browser = verifier_page.evaluate(script, [one.decode() for one in (file, *cheats)])
        for found in (answers, in_browser):
            failed = [[check["id"] for check in one["checks"] if check["ok"] is False] for one in found]
            assert failed == [[], ["inspectors"], ["inspectors"], ["inspectors"]]
        lines = [[check["line"] for check in one["checks"]] for one in answers]
        assert lines == [[check["line"] for check in one["checks"]] for one in in_browser]


def test_an_announcement_without_a_matching_reads_as_before():
    body = ceremony.open_plan().as_announcement()
    assert "teams" not in body["design"] and body["protocol"] == "zhijian-draw/1"
    near = ceremony.open_plan(design=NEAR)
    again = Plan.from_announcement(json.loads(core.canonical(near.as_announcement())))
    assert again == near and near.protocol == "zhijian-draw/2"
