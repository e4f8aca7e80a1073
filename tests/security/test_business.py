"""Accounts of firms: who gives them, who makes them, what they open, and what they never open."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory

from zhijian.security import business
from zhijian.security.models import BusinessAct, BusinessPerson, Officer, Organisation
from zhijian.security.permissions import Forbidden, OfFirm, Permission, may, may_for

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
CODE, OTHER = "91440101MA5CQ0001X", "91440101MA5CQ0002X"
PASSWORD = "correct horse battery"


@pytest.fixture
def clerk():
    unit = Organisation.objects.create(
        code="GD-440106", name="示例区局", name_en="District", level="county", division_code="440106"
    )
    return Officer.objects.create(username="clerk", organisation=unit, roles=["intake"])


@pytest.fixture
def request_():
    """A visitor's request, with a session."""
    from django.contrib.auth.models import AnonymousUser

    made = RequestFactory().post("/my/activate/")
    made.session, made.user = SessionStore(), AnonymousUser()
    return made


def issued(clerk, uscc=CODE, at=AT, byte=7):
    return business.issue_code(
        uscc, "示例企业", "440106", by=clerk, at=at, randomness=lambda n: bytes([byte] * n), is_synthetic=True
    )


def opened(request_, code, uscc=CODE, username="li", at=AT, **more):
    typed = {"uscc": uscc, "code": code, "username": username, "display_name": "示例李填报", "password": PASSWORD,
             "again": PASSWORD, **more}  # fmt: skip
    return business.activate(request_, typed, at=at)


def test_a_code_makes_one_account_and_no_second(clerk, request_):
    code = issued(clerk)
    person = opened(request_, code.lower().replace("-", " "))
    assert (person.role, person.uscc) == ("manager", CODE)
    with pytest.raises(business.AccountRefused, match="对不上"):
        opened(request_, code, username="wang")


def test_a_code_holds_thirty_days_for_its_own_firm_and_until_a_newer_one(clerk, request_):
    code = issued(clerk)
    with pytest.raises(business.AccountRefused):
        opened(request_, code, uscc=OTHER)
    with pytest.raises(business.AccountRefused):
        opened(request_, code, at=AT + timedelta(days=31))
    newer = issued(clerk, byte=9)
    with pytest.raises(business.AccountRefused):
        opened(request_, code)
    assert opened(request_, newer).is_active


def test_five_wrong_codes_lock_even_the_right_one(clerk, request_):
    code = issued(clerk)
    for _ in range(5):
        with pytest.raises(business.AccountRefused):
            opened(request_, "0000-0000-0000")
    with pytest.raises(business.TooManyTries):
        opened(request_, code)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"password": "short", "again": "short"}, "12"),
        ({"again": "another one entirely"}, "不一样"),
        ({"username": "李"}, "登录名"),
        ({"display_name": " "}, "姓名"),
        ({"display_name": "\u202e李"}, "姓名"),
        ({"email": "nobody"}, "邮箱"),
    ],
)
def test_a_weak_password_or_a_wrong_name_leaves_the_code_alive(clerk, request_, changed, said):
    code = issued(clerk)
    with pytest.raises(business.AccountRefused, match=said):
        opened(request_, code, **changed)
    assert opened(request_, code)


def test_only_an_officer_of_the_area_and_role_gives_codes(clerk):
    clerk.roles = ["inspector"]
    with pytest.raises(Forbidden):
        issued(clerk)
    clerk.roles = ["intake"]
    with pytest.raises(Forbidden):
        business.issue_code(CODE, "示例", "440305", by=clerk, at=AT, randomness=bytes)


def test_a_person_signs_in_out_and_is_locked_after_five_wrong_tries(clerk, request_):
    opened(request_, issued(clerk))
    person = business.sign_in(request_, CODE.lower(), "li", PASSWORD, at=AT)
    assert business.person_of(request_) == person
    business.sign_out(request_)
    assert business.person_of(request_) is None
    for _ in range(5):
        with pytest.raises(business.AccountRefused, match="对不上"):
            business.sign_in(request_, CODE, "li", "wrong", at=AT)
    with pytest.raises(business.TooManyTries):
        business.sign_in(request_, CODE, "li", PASSWORD, at=AT)


def test_a_new_password_ends_sessions_elsewhere_and_a_removed_account_ends_at_once(clerk, request_):
    manager = opened(request_, issued(clerk))
    code = business.invite(manager, "filer", at=AT, randomness=lambda n: bytes([3] * n))
    filer = opened(request_, code, username="zhang")
    business.sign_in(request_, CODE, "zhang", PASSWORD, at=AT)
    other = RequestFactory().get("/")
    other.user, other.session = request_.user, SessionStore()
    business.sign_in(other, CODE, "zhang", PASSWORD, at=AT)
    business.change_password(
        request_, filer, PASSWORD, "another horse battery", "another horse battery", at=AT
    )
    assert business.person_of(request_) is not None and business.person_of(other) is None
    business.remove(manager, filer, at=AT)
    assert business.person_of(request_) is None
    with pytest.raises(business.AccountRefused):
        business.remove(manager, manager, at=AT)


def test_roles_of_a_firm_and_no_right_for_another_firm(clerk, request_):
    manager = opened(request_, issued(clerk))
    reader = BusinessPerson(uscc=CODE, role="reader")
    assert may_for(manager, OfFirm.MANAGE, uscc=CODE) and not may_for(manager, OfFirm.READ, uscc=OTHER)
    assert may_for(reader, OfFirm.READ, uscc=CODE) and not may_for(reader, OfFirm.FILE, uscc=CODE)
    with pytest.raises(Forbidden):
        business.invite(reader, "filer", at=AT, randomness=bytes)
    assert not any(may(manager, permission) for permission in Permission)


def test_a_removed_managers_invitation_does_not_hold(clerk, request_):
    first = opened(request_, issued(clerk))
    invited = business.invite(first, "manager", at=AT, randomness=lambda n: bytes([5] * n))
    second = opened(request_, invited, username="bao")
    code = business.invite(second, "manager", at=AT, randomness=lambda n: bytes([6] * n))
    business.remove(first, second, at=AT)
    with pytest.raises(business.AccountRefused):
        opened(request_, code, username="evil")


def test_an_officer_closes_all_accounts_with_a_reason_and_every_act_is_kept(clerk, request_):
    opened(request_, issued(clerk))
    with pytest.raises(business.AccountRefused, match="理由"):
        business.remove_all(CODE, "440106", reason=" ", by=clerk, at=AT)
    assert business.remove_all(CODE, "440106", reason="法定代表人变更", by=clerk, at=AT) == 1
    verbs = list(BusinessAct.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["code_issued", "account_made", "all_removed"]
    act = BusinessAct.objects.first()
    with pytest.raises(TypeError):
        act.save()


@pytest.mark.parametrize(
    "path", ["/work/", "/work/business/", "/work/documents/", "/work/cases/", "/work/notices/"]
)
def test_a_firms_session_opens_no_page_of_officers(clerk, request_, path):
    opened(request_, issued(clerk))
    browser = Client()
    browser.post("/my/sign-in/", {"uscc": CODE, "username": "li", "password": PASSWORD})
    assert browser.get("/my/people/").status_code == 200
    answer = browser.get(path)
    assert answer.status_code == 302 and answer["Location"].startswith("/sign-in/")


def test_pages_of_a_firm_ask_to_sign_in_and_are_kept_by_no_cache(clerk, request_):
    opened(request_, issued(clerk))
    browser = Client()
    assert browser.get("/my/people/")["Location"] == "/my/sign-in/?next=%2Fmy%2Fpeople%2F"
    wrong = browser.post("/my/sign-in/", {"uscc": CODE, "username": "li", "password": "no"})
    assert wrong.status_code == 422 and "对不上" in wrong.content.decode()
    right = browser.post(
        "/my/sign-in/", {"uscc": CODE, "username": "li", "password": PASSWORD, "next": "//evil.example"}
    )
    assert right["Location"] == "/my/"
    page = browser.get("/my/people/")
    assert "no-store" in page["Cache-Control"] and "示例李填报" in page.content.decode()
    made = browser.post("/my/people/", {"act": "invite", "role": "reader"})
    assert "激活码" in made.content.decode()
    browser.post("/my/sign-out/")
    assert browser.get("/my/").status_code == 302


def test_an_officer_who_signs_in_is_no_person_of_a_firm(clerk, request_):
    opened(request_, issued(clerk))
    browser = Client()
    browser.post("/my/sign-in/", {"uscc": CODE, "username": "li", "password": PASSWORD})
    browser.force_login(clerk)
    assert browser.get("/my/").status_code == 302
