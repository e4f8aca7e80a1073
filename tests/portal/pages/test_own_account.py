"""Whoever signs in without a unit or a role reads who that is, what lacks and who gives it, and gets no right by it."""

import pytest
from django.test import Client

from tests.security.test_signing_in import BROWSER, code_now, person, signs_in, with_app
from zhijian.security.models import Officer, Organisation, Refusal, Role

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def own_keys(home):
    """Keys of second factors lie in the home of the test."""


@pytest.fixture
def above():
    """The city's and the province's bureau with an administrator each, and another city's."""
    made = {}
    for code, name, level in (
        ("440000", "示例省局", "province"), ("440100", "示例市局", "city"), ("440300", "邻市局", "city"),
    ):  # fmt: skip
        unit = Organisation.objects.create(
            code=f"u-{code}", name=name, name_en=f"Bureau {code}", level=level, division_code=code
        )
        made[code] = Officer.objects.create_user(f"s-{code}", roles=[Role.STEWARD], organisation=unit)
    return made


def test_without_a_role_one_lands_on_what_lacks_and_who_gives_it_by_unit_and_never_by_person(above):
    person("newcomer")
    browser, answer = signs_in("newcomer", next="/work/cases/")
    assert answer["Location"] == "/work/account/"
    page = browser.get("/work/account/")
    text = page.content.decode()
    assert page.status_code == 200 and "newcomer" in text and "还没有岗位" in text
    units = text.partition("<ul>")[2].partition("</ul>")[0]
    assert ["示例市局" in units, "示例省局" in units, "邻市局" in units] == [True, True, False]
    assert units.index("示例市局") < units.index("示例省局"), "the nearest first"
    assert "s-4401" not in text and "s-4400" not in text
    assert 'action="/sign-out/"' in text and not Refusal.objects.exists()
    assert browser.post("/sign-out/").status_code == 302
    assert browser.get("/work/account/")["Location"] == "/sign-in/?next=/work/account/"


def test_the_own_unit_is_named_once_it_has_an_administrator_who_still_works_there(above):
    person("newcomer")
    steward = person("steward", Role.LEADER)
    browser = signs_in("newcomer")[0]
    assert "<li>示例局</li>" in browser.get("/work/account/").content.decode()
    for field, value in (("is_active", False), ("roles", [Role.INTAKE]), ("division_code", "440106001")):
        was = getattr(steward, field)
        Officer.objects.filter(pk=steward.pk).update(**{field: value})
        assert "<li>示例局</li>" not in browser.get("/work/account/").content.decode(), field
        Officer.objects.filter(pk=steward.pk).update(**{field: was})


def test_without_a_unit_a_role_counts_for_nothing_and_the_provinces_administrators_are_named(above):
    Officer.objects.filter(pk=person("lost", Role.INTAKE).pk).update(organisation=None)
    browser, answer = signs_in("lost")
    assert answer["Location"] == "/work/account/"
    text = browser.get("/work/account/").content.decode()
    assert "不属于任何单位" in text and "<li>示例省局</li>" in text and "示例市局" not in text
    assert 'href="/work/me/"' not in text, "which does not open either"


def test_where_nobody_administers_yet_that_is_said():
    person("newcomer")
    assert "还没有这样的管理人员" in signs_in("newcomer")[0].get("/work/account/").content.decode()


@pytest.mark.parametrize("held", [[], [Role.INTAKE]])
def test_every_page_of_work_stays_shut_and_says_the_same_and_the_try_is_written_down(above, held):
    who = person("newcomer", *held)
    if held:
        Officer.objects.filter(pk=who.pk).update(organisation=None)
    browser = signs_in("newcomer")[0]
    for address in ("/work/", "/work/cases/", "/work/officers/", "/work/emergency/"):
        answer = browser.get(address)
        assert answer.status_code == 403 and "账号还没有开通" in answer.content.decode(), address
    assert Refusal.objects.filter(officer=who).exists()


def test_the_role_opens_the_work_without_signing_in_again_and_the_page_then_leads_on(above):
    who = person("newcomer")
    browser = signs_in("newcomer")[0]
    Officer.objects.filter(pk=who.pk).update(roles=[Role.INTAKE])
    assert browser.get("/work/account/")["Location"] == "/work/me/"
    assert browser.get("/work/me/").status_code == 200


def test_somebody_with_a_role_lands_where_it_was_wanted_and_reads_the_plain_refusal_elsewhere(above):
    person("clerk", Role.INTAKE)
    browser, answer = signs_in("clerk", next="/work/me/")
    assert answer["Location"] == "/work/me/"
    refused = browser.get("/work/officers/")
    assert refused.status_code == 403 and "账号还没有开通" not in refused.content.decode()


def test_the_page_is_for_whoever_is_signed_in_and_for_nobody_else():
    answer = Client(**BROWSER).get("/work/account/")
    assert answer["Location"] == "/sign-in/?next=/work/account/"


def test_after_the_second_factor_it_is_the_same(above):
    secret, _codes = with_app(person("newcomer"))
    browser, answer = signs_in("newcomer", next="/work/me/")
    assert browser.post(answer["Location"], {"code": code_now(secret)})["Location"] == "/work/account/"
