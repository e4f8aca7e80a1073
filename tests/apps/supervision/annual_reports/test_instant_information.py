"""What arises is published within twenty working days, corrected in the open, and never twice by one press too many."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.apps.supervision.annual_reports.test_services import CODE, FIRM, person
from zhijian.apps.supervision.annual_reports.contents import INDIVIDUAL
from zhijian.apps.supervision.annual_reports.instant_information import services
from zhijian.apps.supervision.annual_reports.instant_information.models import Information
from zhijian.apps.supervision.annual_reports.rules import Reporter
from zhijian.apps.supervision.annual_reports.services import Firm, ReportIncomplete, ReportRefused
from zhijian.engines.facts.models import Fact
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.django_db
SHOP = Firm(CODE, "示例小店", "440106", Reporter(INDIVIDUAL, date(2019, 5, 6), "active"), True)
TRANSFER = {"holder": "示例王", "before": "60", "after": "35.5"}
LICENCE = {
    "number": "示许字1号", "name": "示例许可证", "from_on": "2026-03-01", "authority": "示例局", "content": "热食",
}  # fmt: skip


def at(month, day):
    return datetime(2026, month, day, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


def published(kind="transfer", typed=TRANSFER, arose=date(2026, 3, 2), firm=FIRM, by=None, when=None):
    return services.publish(firm, kind, typed, arose, by=by or person(), at=when or at(3, 10))


def test_a_change_of_shares_is_published_once_however_often_it_is_pressed():
    first = published()
    assert published().pk == first.pk and not first.is_late
    fact = Fact.objects.get()
    assert fact.payload["information"] == "transfer" and fact.payload["arose_on"] == "2026-03-02"
    assert published("licence", LICENCE).number == 2


def test_the_same_information_of_two_tabs_in_one_moment_is_published_once(monkeypatch):
    look, others = services.newest, []

    def look_before_the_other_tab(uscc):
        seen = look(uscc)
        if not others:
            others.append(None)
            others[0] = published()
        return seen

    monkeypatch.setattr(services, "newest", look_before_the_other_tab)
    assert published() == others[0]
    assert Information.objects.count() == 1


def test_the_twentieth_working_day_is_in_time_and_the_next_is_late():
    assert not published(when=at(3, 30)).is_late  # 2 March and twenty working days
    assert published(typed={**TRANSFER, "after": "30"}, when=at(3, 31)).is_late


def test_a_correction_leaves_the_first_version_to_be_seen_and_needs_a_reason():
    made = published()
    with pytest.raises(ReportRefused, match="理由"):
        services.correct(
            FIRM, 1, {**TRANSFER, "after": "30"}, date(2026, 3, 2), reason=" ", by=person(), at=at(3, 11)
        )
    services.correct(
        FIRM, 1, {**TRANSFER, "after": "30"}, date(2026, 3, 2), reason="比例填错", by=person(), at=at(3, 11)
    )
    newest, first = services.versions_of(CODE)
    assert (newest.values["after"], first.values["after"], first.pk) == ("30", "35.5", made.pk)
    assert len(services.newest(CODE)) == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"after": "101"}, "after"),
        ({"after": "-1"}, "after"),
        ({"after": "٣"}, "after"),
        ({"holder": ""}, "holder"),
        ({"holder": "甲" * 201}, "holder"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_published(changed, field):
    with pytest.raises(ReportIncomplete) as wrong:
        published(typed={**TRANSFER, **changed})
    assert [one.field for one in wrong.value.problems] == [field]
    assert not Information.objects.exists()


def test_a_day_to_come_no_day_a_kind_unknown_and_a_shop_are_refused():
    for arose in (date(2026, 3, 11), None, date(2014, 9, 30)):
        with pytest.raises(ReportIncomplete):
            published(arose=arose)
    with pytest.raises(ReportRefused, match="没有这类"):
        published("gossip")
    with pytest.raises(ReportRefused, match="个体工商户"):
        published(firm=SHOP)
    with pytest.raises(Forbidden):
        published(by=person(role="reader"))
    with pytest.raises(Forbidden):
        published(by=person(uscc="91440101190445077T"))
