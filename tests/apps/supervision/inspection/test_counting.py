"""Counting for counting's sake is found with its evidence; honest work is left alone at the promised rate."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from tests.apps.supervision.inspection.casework import SHANGHAI
from zhijian.apps.supervision.inspection import burden, counting
from zhijian.apps.supervision.inspection.burden import Duty, Firm, least_visits
from zhijian.apps.supervision.inspection.queries import visiting_lot
from zhijian.engines.signals import discovery
from zhijian.standards import calendar

GUANGZHOU, SHAOGUAN = (23.13, 113.26), (24.81, 113.60)
WINDOW = (date(2026, 1, 5), date(2026, 6, 30))
DAYS = [
    day for n in range((WINDOW[1] - WINDOW[0]).days + 1)
    if calendar.is_working_day(day := WINDOW[0] + timedelta(days=n), provisional=True)
]  # fmt: skip


def a_visit(number, day=date(2026, 3, 2), hour=9, **more):
    values = {
        "number": f"P-1-{number:04d}", "unit": "GD-440106", "team": ("chen", "li"), "division": "440106",
        "window": WINDOW, "began_at": datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI), "ended_at": None,
        "place": GUANGZHOU, "error_km": 0.05, "text": "",
    }  # fmt: skip
    return counting.Seen(**values | more)


def test_units_that_spread_their_visits_ring_no_more_often_than_promised():
    rung = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        visits = [a_visit(n, DAYS[int(random.integers(len(DAYS)))], unit=f"U{n % 4}") for n in range(160)]
        found = [one for end in counting.quarter_ends(2026) for one in counting.crowded(visits, end)]
        rung += bool(discovery.discovered([one.chance for one in found], rate=counting.RATE).any())
    assert rung / 60 <= 0.1


def test_a_unit_that_does_half_of_its_visits_before_the_quarter_ends_is_found():
    late = [day for day in DAYS if day > date(2026, 6, 16)]
    visits = [a_visit(n, late[n % len(late)] if n % 2 else DAYS[n], unit="late") for n in range(60)]
    visits += [a_visit(100 + n, DAYS[n * 2], unit="even") for n in range(55)]
    (found,) = [one for one in counting.clues(visits, 2026) if one.kind == "crowded"]
    assert (found.unit, found.day) == ("late", date(2026, 6, 30))
    assert found.seen > 2 * found.expected and found.chance < 1e-6


TEXT = "现场检查营业执照公示情况，经营场所与登记住所一致，未发现无照经营，货架商品标签齐全，已当场告知结果。"


def test_three_records_copied_by_one_team_are_found_and_different_ones_are_not():
    other = "后厨地面有积水，冷藏柜温度计损坏，操作人员未戴帽，已责令三日内改正并约定复查，负责人签字确认。"
    copied = [a_visit(n, text=TEXT.replace("货架", "货柜") if n == 2 else TEXT) for n in range(3)]
    (found,) = counting.copied(
        [*copied, a_visit(9, text=other), a_visit(10, text=TEXT, team=("wang", "zhou"))]
    )
    assert found.numbers == ("P-1-0000", "P-1-0001", "P-1-0002") and found.who == ("chen", "li")
    assert counting.copied([a_visit(n, text="未发现问题。") for n in range(9)]) == []


def test_nobody_is_in_shaoguan_half_an_hour_after_guangzhou():
    first = a_visit(1, ended_at=datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI))
    then = a_visit(2, hour=10, place=SHAOGUAN, team=("chen", "wang"))
    (found,) = counting.impossible([first, then])
    assert found.who == ("chen",) and found.numbers == ("P-1-0001", "P-1-0002")
    assert 350 < found.seen < 400  # 190 km in half an hour
    assert counting.impossible([first, replace(then, began_at=then.began_at + timedelta(hours=2))]) == []


def test_a_place_known_by_its_county_alone_is_given_the_doubt():
    one, other = a_visit(1, error_km=15.0), a_visit(2, place=(23.20, 113.45), error_km=15.0)
    assert counting.impossible([one, other]) == []


@pytest.mark.parametrize(("roles", "own", "sees"), [
    (["leader"], False, True), (["leader"], True, False), (["auditor"], True, True), (["inspector"], False, False),
])  # fmt: skip
def test_a_leader_sees_clues_of_the_units_below_and_not_of_the_own(roles, own, sees):
    officer = SimpleNamespace(organisation=object(), territory="4401", has_role=lambda role: role in roles)
    assert counting.may_see(officer, "440106", is_own=own) is sees
    assert not counting.may_see(officer, "440305", is_own=own)


def a_duty(first, last, done, *, jointable=True):
    day = date(2026, 3, 1)
    return Duty(
        "n", day + timedelta(days=first), day + timedelta(days=last), jointable, day + timedelta(days=done)
    )


def test_the_cap_counts_visits_and_not_items_and_two_tasks_of_one_day_are_one_visit():
    firm = Firm("91", "440106", "F", (a_duty(0, 9, 4), a_duty(2, 12, 4), a_duty(0, 40, 30)), cap=2)
    assert firm.visits == 2 and not firm.is_over
    assert firm.least == 1
    assert burden.account(2026, [firm]).checks == 3


def test_visits_are_compared_with_the_fewest_in_which_all_could_be_done():
    assert least_visits([a_duty(0, 9, 1), a_duty(5, 12, 6), a_duty(8, 20, 9)]) == 1
    assert least_visits([a_duty(0, 4, 1), a_duty(5, 12, 6), a_duty(8, 20, 9)]) == 2
    assert least_visits([a_duty(0, 9, 1), a_duty(0, 9, 2, jointable=False)]) == 2
    told = burden.account(2026, [Firm("91", "440106", "F", (a_duty(0, 9, 1), a_duty(0, 9, 2)), None)])
    assert (told.visits, told.least, told.gap) == (2, 1, 0.5)


def test_counts_of_few_firms_are_not_told_nor_to_be_reckoned_back():
    assert burden.shown((20, 3, 0)) == (None, None, 0)
    assert burden.shown((20, 7, 9)) == (20, 7, 9)
    assert burden.shown((20, 2, 3)) == (20, None, None)


def test_a_kind_of_few_firms_is_never_hidden_alone():
    rows = [burden.Row(name, firms, firms, (firms, 0, 0)) for name, firms in (("a", 90), ("b", 40), ("c", 2))]
    assert [row.is_hidden for row in burden.hidden(rows)] == [False, True, True]
    assert not any(row.is_hidden for row in burden.hidden(rows[:2]))


def test_visits_that_are_due_alike_stand_by_lot_and_not_by_code():
    """A place in the list says nothing of the code: over 400 leaves the two orders do not go together."""
    leaves = [f"{number:064x}" for number in range(400)]
    ordered = sorted(leaves, key=lambda leaf: visiting_lot("P-1", leaf))
    places = [ordered.index(leaf) for leaf in leaves]
    first_half = sum(place < 200 for place in places[:200])
    assert 80 <= first_half <= 120
    assert ordered != sorted(leaves, key=lambda leaf: visiting_lot("P-2", leaf))
