"""What may be shown, by which article, and until when: 《市场监督管理行政处罚信息公示规定》 and its neighbours."""

from dataclasses import dataclass, field
from datetime import date

import pytest

from zhijian.engines.facts import kinds
from zhijian.engines.facts.publicity import (
    decide,
    is_published_penalty,
    penalty_public_until,
    public_until,
    serious_list_public_until,
)
from zhijian.security.models import Role
from zhijian.standards.calendar import add_months
from zhijian.standards.parameters import NoValueInForce


@dataclass
class Told:
    kind: str
    occurred_on: date = date(2026, 1, 10)
    payload: dict = field(default_factory=dict)
    public_until: date | None = None


def penalty(*types, **more):
    return {"procedure": "ordinary", "types": list(types), **more}


PUBLISHED = date(2026, 1, 15)


@pytest.mark.parametrize(
    ("payload", "until"),
    [
        (penalty("fine", is_low_fine=True), date(2026, 4, 15)),  # worked example E8
        (penalty("fine"), date(2029, 1, 15)),  # worked example E9
        (penalty("criticism"), date(2026, 4, 15)),
        (penalty("criticism", "warning"), date(2026, 4, 15)),
        (penalty("fine", "warning", is_low_fine=True), date(2026, 4, 15)),
        (penalty("fine", "confiscation", is_low_fine=True), date(2029, 1, 15)),
        (penalty("criticism", "fine"), date(2029, 1, 15)),
        (penalty("restriction", restricted_until="2031-06-30"), date(2031, 6, 30)),
        (penalty("restriction", restricted_until="2027-06-30"), date(2029, 1, 15)),
    ],
)
def test_a_penalty_is_shown_three_months_or_three_years_or_as_long_as_a_restriction_lasts(payload, until):
    assert penalty_public_until(payload, published_on=PUBLISHED) == until


def test_a_penalty_published_before_the_provisions_has_no_term_here():
    with pytest.raises(NoValueInForce):
        penalty_public_until(penalty("fine"), published_on=date(2021, 8, 31))
    assert penalty_public_until(penalty("fine"), published_on=date(2021, 9, 1)) == date(2024, 9, 1)


def test_a_delivered_penalty_that_names_neither_procedure_nor_types_is_not_published():
    told = Told("penalty.decided", payload={"amount_yuan": "20000.00", "field_code": "食品安全"})
    assert not decide(told, on=date(2026, 2, 1)).is_public
    assert not is_published_penalty({"procedure": "ordinary"})


@pytest.mark.parametrize(
    ("payload", "is_published"),
    [
        (penalty("warning"), False),  # worked example E12
        (penalty("warning", "fine"), True),
        (penalty("fine") | {"procedure": "summary"}, False),
        (penalty("licence_revoked"), True),
    ],
)
def test_a_warning_alone_or_a_penalty_on_the_spot_is_not_published(payload, is_published):
    assert is_published_penalty(payload) is is_published
    assert decide(Told("penalty.decided", payload=payload), on=date(2026, 2, 1)).is_public is is_published


@pytest.mark.parametrize(("day", "shown"), [(14, False), (15, True)])
def test_a_penalty_is_not_shown_before_the_day_of_its_publication(day, shown):
    fact = Told("penalty.decided", payload=penalty("fine", published_on="2026-01-15"))
    assert decide(fact, on=date(2026, 1, day)).is_public is shown


@pytest.mark.parametrize(("day", "shown"), [(14, True), (15, True), (16, False)])
def test_the_last_day_of_the_term_is_still_shown_and_the_next_is_not(day, shown):
    fact = Told("penalty.decided", payload=penalty("fine"), public_until=date(2026, 4, 15))
    assert decide(fact, on=date(2026, 4, day)).is_public is shown


def test_a_serious_listing_ends_after_three_years():  # worked example E14
    assert serious_list_public_until({}, listed_on=date(2026, 3, 10)) == date(2029, 3, 10)
    longer = {"restricted_until": "2030-01-01"}
    assert serious_list_public_until(longer, listed_on=date(2026, 3, 10)) == date(2030, 1, 1)


LISTED = Told("abnormal_list.listed", date(2026, 7, 14), {"ground_code": "annual_report"})


@pytest.mark.parametrize(("day", "shown"), [(22, True), (23, False), (24, False)])
def test_a_listing_is_no_longer_shown_from_the_day_of_its_removal(day, shown):
    removed = Told("abnormal_list.removed", date(2026, 9, 23), {"ground_code": "annual_report"})
    assert decide(LISTED, on=date(2026, 9, day), others=[removed]).is_public is shown


def test_a_removal_ends_the_listing_of_its_own_ground_only_and_none_that_came_later():
    other = Told("abnormal_list.removed", date(2026, 9, 23), {"ground_code": "unreachable"})
    earlier = Told("abnormal_list.removed", date(2026, 7, 13), {"ground_code": "annual_report"})
    assert decide(LISTED, on=date(2026, 12, 1), others=[other, earlier]).is_public


def test_an_individual_business_without_report_is_shown_until_the_day_that_its_listing_names():
    kind = kinds.get("abnormal_list.listed")
    payload = {"ground_code": "annual_report", "authority": "示例局", "shown_until": "2027-06-30"}
    said = public_until(kind, payload, occurred_on=date(2026, 7, 10), recorded_on=date(2026, 7, 10))
    assert said == date(2027, 6, 30)


@pytest.mark.parametrize(
    "kind", sorted(name for name, kind in kinds.all_kinds().items() if not kind.is_public)
)
def test_an_internal_kind_is_never_public(kind):
    assert not decide(Told(kind), on=date(2026, 2, 1)).is_public


def test_a_kind_that_nobody_declared_is_never_public():
    assert not decide(Told("rumour.heard"), on=date(2026, 2, 1)).is_public


# What the installation records by itself, or when somebody who is no officer asks.
BY_NOBODY = {
    "accounts.kept",
    "looks.kept",
    "refusals.kept",
    "publicity.root",
    "data.deleted",
    "data_request.received",
}


@pytest.mark.parametrize("name", sorted(kinds.all_kinds()))
def test_every_kind_has_labels_a_text_it_rests_on_and_somebody_who_may_record_it(name):
    kind = kinds.get(name)
    assert kind.label_zh and kind.label_en.isascii()
    assert kind.officers or name in BY_NOBODY
    assert "《" in kind.article or "〔" in kind.article
    assert kind.removed_by is None or not kinds.get(kind.removed_by).is_public
    assert kind.officers <= set(Role.values)


def test_no_public_kind_takes_members_that_nobody_declared():
    for kind in kinds.all_kinds().values():
        if kind.is_public:
            assert kind.schema["additionalProperties"] is not True


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 36, date(2029, 12, 1)),
    ],
)
def test_a_term_of_months_ends_on_the_corresponding_day(day, months, later):
    assert add_months(day, months) == later
