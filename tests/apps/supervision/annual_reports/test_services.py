"""Filing, filing late, correcting, two filers at once: what is kept, and what becomes a fact."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.apps.supervision.annual_reports.test_validating import GOOD
from zhijian.apps.supervision.annual_reports import queries, services
from zhijian.apps.supervision.annual_reports.contents import ENTERPRISE, INDIVIDUAL
from zhijian.apps.supervision.annual_reports.models import Draft, Report
from zhijian.apps.supervision.annual_reports.rules import Reporter
from zhijian.apps.supervision.annual_reports.services import Firm, ReportRefused
from zhijian.engines.facts import queries as facts
from zhijian.engines.facts.models import Fact
from zhijian.security.models import BusinessPerson
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.django_db
CODE = "91440106MA9XH0TW2T"
IN_TIME = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
LATE = datetime(2026, 7, 1, 0, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
FIRM = Firm(CODE, "示例禾满食品有限公司", "440106", Reporter(ENTERPRISE, date(2019, 5, 6), "active"), True)


def person(name="示例李", role="filer", uscc=CODE):
    return BusinessPerson(uscc=uscc, username="li", display_name=name, role=role, firm_name="示例")


def filed(at=IN_TIME, firm=FIRM, chosen=("staff",), **changed):
    return services.file(firm, 2025, {**GOOD, **changed}, chosen, by=person(), at=at)


def test_a_filed_report_is_a_public_fact_about_the_firm():
    report = filed()
    (shown,) = [
        one
        for one in facts.public_record(CODE, on=date(2026, 3, 2), delivered=[])
        if one.fact.kind == services.KIND
    ]
    assert shown.fact.payload["report_year"] == 2025 and shown.fact.payload["is_late"] is False
    assert report.fact_id == shown.fact.pk and not report.is_late
    ((_, public),) = services.public_versions(CODE, 2025)
    assert public["staff"] == 12 and "assets" not in public


def test_a_second_press_files_nothing_twice_and_another_content_is_refused():
    assert filed().pk == filed().pk
    with pytest.raises(ReportRefused, match="更正"):
        filed(staff="13")
    assert (Report.objects.count(), Fact.objects.count()) == (1, 1)


def test_a_report_of_1_july_is_filed_and_marked_late():
    assert filed(at=LATE).is_late
    assert Fact.objects.get().payload["is_late"] is True


def test_a_correction_until_30_june_shows_both_versions_and_corrects_the_fact():
    filed()
    services.correct(
        FIRM,
        2025,
        {**GOOD, "staff": "13"},
        ["staff"],
        reason="人数填错",
        by=person(),
        at=IN_TIME + timedelta(days=120),
    )
    versions = services.public_versions(CODE, 2025)
    assert [(one.version, part["staff"]) for one, part in versions] == [(2, 13), (1, 12)]
    assert Fact.objects.get(revision=1).reason == "人数填错"
    for reason, at, said in (("", IN_TIME, "理由"), ("改", LATE, "之前完成")):
        with pytest.raises(ReportRefused, match=said):
            services.correct(FIRM, 2025, GOOD, [], reason=reason, by=person(), at=at)


def test_readers_and_people_of_other_firms_file_nothing():
    for stranger in (person(role="reader"), person(uscc="91440101190445077T")):
        with pytest.raises(Forbidden):
            services.file(FIRM, 2025, GOOD, [], by=stranger, at=IN_TIME)


@pytest.mark.parametrize("year", [2026, 2027, 1999, 2018, 0])
def test_a_year_that_is_not_open_or_not_owed_is_refused(year):
    with pytest.raises(ReportRefused):
        services.file(FIRM, year, GOOD, [], by=person(), at=IN_TIME)


def test_two_filers_at_once_lose_nothing():
    first = services.save_draft(FIRM, 2025, GOOD, [], based_on=0, by=person("示例甲"), at=IN_TIME)
    with pytest.raises(services.SavedMeanwhile, match="示例甲"):
        services.save_draft(
            FIRM, 2025, {**GOOD, "staff": "99"}, [], based_on=0, by=person("示例乙"), at=IN_TIME
        )
    assert [one.typed["staff"] for one in Draft.objects.order_by("version")] == ["12", "99"]
    assert (
        services.save_draft(FIRM, 2025, GOOD, [], based_on=2, by=person(), at=IN_TIME).version
        == first.version + 2
    )


def test_the_next_year_begins_with_the_lasting_parts_of_the_last_and_without_its_figures():
    filed()
    begun = queries.prefilled(CODE, 2026, FIRM.reporter, "登记地址")
    assert begun.source == "last" and begun.typed["phone"] == GOOD["phone"] and "revenue" not in begun.typed
    fresh = queries.prefilled("91440101190445077T", 2025, FIRM.reporter, "登记地址")
    assert (fresh.source, fresh.typed["address"]) == ("register", "登记地址")


def test_an_individual_business_reports_without_publishing_its_telephone():
    shop = Firm(CODE, "示例小店", "440106", Reporter(INDIVIDUAL, date(2019, 5, 6), "suspended"), True)
    services.file(shop, 2025, {**GOOD, "state": "suspended"}, [], by=person(), at=IN_TIME)
    assert services.public_versions(CODE, 2025)[0][1] == {}


def test_the_clue_list_holds_who_is_overdue_and_not_who_reported_here_or_elsewhere():
    filed()
    elsewhere = Fact(kind=services.KIND, payload={"report_year": 2025})
    firms = [(CODE, FIRM.reporter, ()), ("A", FIRM.reporter, ()), ("B", FIRM.reporter, (elsewhere,)),
             ("C", Reporter(ENTERPRISE, date(2026, 2, 1), "active"), ())]  # fmt: skip
    assert list(queries.overdue(2025, date(2026, 7, 1), firms)) == ["A"]
    assert list(queries.overdue(2025, date(2026, 6, 30), firms)) == []


# ------------------------------------------------------------------------------------------------ on paper, reminders

SHOP = Firm(CODE, "示例小店", "440106", Reporter(INDIVIDUAL, date(2019, 5, 6), "active"), True)


@pytest.fixture
def clerk(db, django_user_model):
    from zhijian.security.models import Organisation

    unit = Organisation.objects.create(
        code="GD-440106", name="示例天河局", name_en="Tianhe", level="county", division_code="440106"
    )
    return django_user_model.objects.create(username="clerk", organisation=unit, roles=["intake"])


def entered(clerk, received=date(2026, 6, 30), firm=SHOP, at=LATE, **changed):
    typed = {
        name: GOOD[name] for name in ("address", "postcode", "phone", "state", "staff", "revenue", "tax")
    }
    return services.enter_paper(firm, 2025, typed | changed, (), received_on=received, by=clerk, at=at)


def test_a_paper_report_is_in_time_by_the_day_it_came_and_hides_what_was_not_chosen(clerk):
    report = entered(clerk)
    assert not report.is_late and report.received_on == date(2026, 6, 30)
    assert services.public_versions(CODE, 2025)[0][1] == {}
    with pytest.raises(ReportRefused, match="已经报过"):
        entered(clerk)


@pytest.mark.parametrize("received", [None, date(2025, 12, 31), date(2026, 7, 2)])
def test_paper_without_a_day_or_from_before_or_after_is_refused(clerk, received):
    with pytest.raises(ReportRefused, match="日期"):
        entered(clerk, received=received)


def test_firms_do_not_report_on_paper_and_neither_other_areas_nor_other_roles_enter_it(
    clerk, django_user_model
):
    with pytest.raises(ReportRefused, match="个体工商户"):
        entered(clerk, firm=FIRM)
    with pytest.raises(services.ReportIncomplete):
        entered(clerk, tax="-1")
    clerk.organisation.division_code = "440305"
    with pytest.raises(Forbidden):
        entered(clerk)
    inspector = django_user_model.objects.create(
        username="i", organisation=clerk.organisation, roles=["inspector"]
    )
    with pytest.raises(Forbidden):
        entered(inspector)


def test_who_has_not_filed_is_reminded_once_on_a_day_and_who_has_is_left_alone(db):
    from zhijian.apps.supervision.annual_reports import reminding
    from zhijian.engines.notices.models import Notice

    june = datetime(2026, 6, 20, 3, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert reminding.is_day_to_remind(june.date()) and not reminding.is_day_to_remind(date(2026, 6, 21))
    for name, role, email in (
        ("li", "filer", "li@example.org"),
        ("wu", "reader", "wu@example.org"),
        ("he", "filer", ""),
    ):
        BusinessPerson.objects.create(
            uscc=CODE,
            firm_name="示例",
            username=name,
            display_name=name,
            role=role,
            email=email,
            created_at=june,
        )
    firms = [(one, FIRM.reporter, ()) for one in reminding.firms_with_address()]
    assert [one for one, _, _ in firms] == [CODE]
    assert reminding.remind(firms, at=june) == 1 and reminding.remind(firms, at=june) == 1
    assert "2026-06-30" in Notice.objects.get().text_zh
    filed()
    assert reminding.remind(firms, at=june) == 0
