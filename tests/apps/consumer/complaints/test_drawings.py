"""The two drawings and the decision table: fit to be published, and saying what the rules say."""

from itertools import product

import pytest

from zhijian.apps.consumer.complaints import rules
from zhijian.apps.consumer.complaints.codes import (
    COMPLAINT_STATE_WORDS,
    REPORT_STATE_WORDS,
    RespondentKind,
)
from zhijian.apps.consumer.complaints.steps import COMPLAINT_STEPS, REPORT_STEPS

CODES = [
    "consumer/complaint",
    "consumer/report",
    "consumer/report_reward",
    "consumer/reporter_protection",
    "consumer/reward_review",
]


def procedure(code):
    from zhijian.engines.procedures import declaration

    return declaration.get(code)


@pytest.mark.parametrize("code", CODES)
def test_the_drawing_passes_every_check(code):
    from zhijian.engines.procedures import checks

    one = procedure(code)
    assert checks.problems(one, one.drawing_text(), one.decisions_text()) == []


@pytest.mark.parametrize("code", CODES)
def test_every_step_has_a_form_a_place_in_the_picture_and_lies_in_its_roles_lane(code):
    from lxml import etree

    from zhijian.engines.procedures import drawing

    text = procedure(code).drawing_text()
    nodes = drawing.parse(text).nodes
    lanes = {
        ref.text: lane.get("id").removeprefix("lane_")
        for lane in etree.fromstring(text.encode()).iter("{*}lane")
        for ref in lane.iter("{*}flowNodeRef")
    }
    assert set(lanes) == set(nodes)
    for node in nodes.values():
        assert node.box is not None
        if node.is_step:
            assert node.properties["form"]
            assert lanes[node.id] == node.properties["role"]


@pytest.mark.parametrize("code", CODES)
def test_no_two_elements_of_the_picture_lie_upon_each_other(code):
    from zhijian.engines.procedures import drawing

    nodes = [
        one for one in drawing.parse(procedure(code).drawing_text()).nodes.values() if not one.attached_to
    ]
    for place, one in enumerate(nodes):
        for other in nodes[place + 1 :]:
            (x, y, w, h), (u, v, p, q) = one.box, other.box
            assert x + w <= u or u + p <= x or y + h <= v or v + q <= y, (one.id, other.id)


@pytest.mark.parametrize(("kind", "rule_set"), list(product(RespondentKind, rules.RuleSet)))
@pytest.mark.parametrize("published", ["", "440305"])
def test_the_decision_table_names_the_places_that_the_rules_name(kind, rule_set, published):
    from datetime import date

    from zhijian.engines.procedures import spiff

    one = procedure("consumer/complaint")
    day = date(2026, 4, 14) if rule_set == rules.RuleSet.ORDER20 else date(2026, 5, 8)
    place = rules.Place(kind, business="440106", published=published, platform="330108")
    named = [found.division_code for found in rules.complaint_competence(place, day)]
    data = {
        "respondent_kind": kind.value,
        "rule_set": rule_set.value,
        "published_place": published,
        "business_place": "440106",
        "platform_place": "330108",
    }
    table = decided(spiff, one, data, day)
    assert [code for code in (table["competent_place"], table["other_place"]) if code] == named


def decided(spiff, one, data, day):
    """Run the table as a case does."""
    from zhijian.engines.procedures import runtime

    compiled = spiff.compiled(one.drawing_text(), one.decisions_text())
    run = runtime.start(
        compiled, dict(data, competent_received_on="2026-05-08"), lambda node, known: None, governing_on=day
    )
    return run.data


def test_every_state_can_be_reached_and_only_refused_or_closed_complaints_stand_still():
    reached = {step.after for step in COMPLAINT_STEPS.values()} | {"received"}
    assert reached == set(COMPLAINT_STATE_WORDS)
    assert reached - {before for before, _ in COMPLAINT_STEPS} == {"rejected", "closed"}
    told = {step.after for step in REPORT_STEPS.values()} | {"received"}
    assert told == set(REPORT_STATE_WORDS)
    assert told - {before for before, _ in REPORT_STEPS} == {"no_authority_told", "repeated"}
