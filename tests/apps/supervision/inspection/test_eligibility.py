"""Who is in the frame of a draw: E8 and E9 of the domain page, exclusions, tags, and that no class shows."""

from collections import Counter
from datetime import date
from types import SimpleNamespace

import pytest

from zhijian.apps.supervision.inspection import eligibility, rules

ON = date(2026, 3, 1)


def test_e8_a_low_risk_firm_checked_in_march_leaves_the_frame_of_september():
    march = {"risk_class": "A", "visits_this_year": 1, "law_says_otherwise": False}
    assert not rules.may_be_drawn(**march, on=date(2026, 9, 1))
    frame = [march, {**march, "visits_this_year": 0}, {**march, "risk_class": "B"}]
    assert sum(rules.may_be_drawn(**one, on=date(2026, 9, 1)) for one in frame) == len(frame) - 1


def test_unless_the_law_fixes_how_often_it_is_checked():
    assert rules.may_be_drawn(risk_class="A", visits_this_year=1, law_says_otherwise=True, on=ON)


def test_e9_at_its_cap_a_firm_with_a_live_complaint_is_checked_with_approval_and_counts_in_no_draw():
    found = rules.admission(visits_this_year=2, cap=2, for_a_lead=True)
    assert (found.is_allowed, found.needs_approval, found.counts_in_draws) == (True, True, False)
    assert not rules.admission(visits_this_year=2, cap=2, for_a_lead=False).is_allowed
    assert rules.admission(visits_this_year=1, cap=2, for_a_lead=False) == rules.Admission(True, False, True)
    assert rules.admission(visits_this_year=99, cap=None, for_a_lead=False).is_allowed


def left(monkeypatch, *, mode, visits, classes, places, items=(), codes=(), standing=None, tags=()):
    from datetime import datetime

    from zhijian.standards.calendar import ZONE

    plan = SimpleNamespace(
        mode=mode, items=[SimpleNamespace(code=code) for code in codes], inspection_until=ON, freeze_at=datetime(2026, 9, 1, tzinfo=ZONE),
        design=SimpleNamespace(area_level="prefecture", max_share_percent=90, follows_class=mode == "salted"),
    )  # fmt: skip
    monkeypatch.setattr(eligibility, "visits_of_year", lambda until: Counter(visits))
    monkeypatch.setattr(eligibility, "_listed", lambda plan: list(items))
    monkeypatch.setattr(eligibility, "_excluded", lambda library, on: {})
    monkeypatch.setattr(eligibility.queries, "holding", lambda name, on: (standing or {}).get(name, []))
    return eligibility.reasons(plan, places, classes, eligibility.Scope(tags=tags), None)


@pytest.fixture
def visited():
    """Twelve visited firms of one prefecture, half of class A, and one that nobody visited."""
    places = {f"F{n:02d}": "440106" for n in range(13)}
    return {
        "visits": {f"F{n:02d}": 1 for n in range(12)},
        "classes": {name: "A" if n % 2 else "C" for n, name in enumerate(places)},
        "places": places,
    }


def test_in_a_draw_by_class_only_low_risk_leaves_and_the_frame_is_smaller_by_it(monkeypatch, visited):
    found = left(monkeypatch, mode="salted", **visited)
    assert set(found.values()) == {eligibility.VISITED}
    assert set(found) == {f"F{n:02d}" for n in range(1, 12, 2)}


def test_in_an_open_draw_all_visited_leave_since_the_missing_would_be_known_as_low_risk(monkeypatch, visited):
    assert len(left(monkeypatch, mode="open", **visited)) == 12


@pytest.mark.parametrize("change", ["few", "all low risk but one"])
def test_where_counts_would_tell_the_class_all_visited_leave(monkeypatch, visited, change):
    if change == "few":
        visited["visits"] = {"F00": 1, "F01": 1}
    else:
        visited["classes"] = dict.fromkeys(visited["classes"], "A") | {"F00": "C"}
    found = left(monkeypatch, mode="salted", **visited)
    assert set(found) == set(visited["visits"])


def test_key_items_have_no_upper_limit_but_a_cap_of_the_list_holds(monkeypatch, visited):
    key = SimpleNamespace(cap=None, is_key=True)
    assert not left(monkeypatch, mode="open", items=(key,), **visited)
    capped = SimpleNamespace(cap=1, is_key=True)
    found = left(monkeypatch, mode="open", items=(capped,), **visited)
    assert set(found.values()) == {eligibility.AT_CAP} and len(found) == 12


def test_a_list_spares_from_a_draw_of_its_own_fields_on_own_initiative_alone():
    """A lottery still may draw who is on the white list, and a duty of law leads to it."""
    asked = [rules.field_of_item(code, on=ON).field for code in ("REG-01", "PUB-02")]
    assert asked == ["registration", "registration"]
    assert rules.is_spared({"registration"}, asked, reason=rules.INITIATIVE)
    assert not any(
        rules.is_spared({"registration"}, asked, reason=why) for why in (rules.LOTTERY, rules.DUTY)
    )
    assert not rules.is_spared({"registration"}, [*asked, "food"], reason=rules.INITIATIVE)
    assert not rules.is_spared({"registration"}, [*asked, ""], reason=rules.INITIATIVE)  # an item of no field
    assert rules.field_of_item("SZ-ADV-02", on=ON) == rules.FieldOfItem("advertising", "")
    assert (
        rules.field_of_item("FOO-01", on=ON).sector == "food"
        and not rules.field_of_item("FIR-01", on=ON).field
    )


@pytest.mark.parametrize(("mode", "count"), [("salted", 1), ("open", 0)])
def test_who_is_on_the_white_list_leaves_a_steered_frame_with_the_list_as_the_reason(
    monkeypatch, visited, mode, count
):
    visited |= {"visits": {}}
    listed = SimpleNamespace(uscc="F03", snapshot=lambda: {"field_code": "registration"})
    standing = {"supervision_white_list": [listed]}
    found = left(monkeypatch, mode=mode, codes=("REG-01",), standing=standing, **visited)
    assert list(found.items()) == [("F03", eligibility.ON_WHITE_LIST)] * count


def test_a_tag_put_by_hand_that_takes_a_firm_out_of_a_draw_is_no_rule(monkeypatch, visited):
    mark = SimpleNamespace(snapshot=lambda: {"object_id": "F03", "tag_key": "new", "approved_by": "other"})
    monkeypatch.setattr(eligibility, "_tagged", lambda lake, tags: {"new": {"F03", "F05"}})
    standing = {"object_tag_marks": [mark]}
    found = left(monkeypatch, mode="open", standing=standing, tags=("-new",), **(visited | {"visits": {}}))
    assert found == {"F03": eligibility.BY_HAND, "F05": eligibility.UNTAGGED}
    assert eligibility.BY_HAND not in eligibility.BY_RULE
    assert "F03" not in left(
        monkeypatch, mode="open", standing=standing, tags=("new",), **(visited | {"visits": {}})
    )
