"""Signing in: a second factor where the role needs it, sessions that end, an app reset by two persons."""

import re
import secrets
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.test import Client

from zhijian.security import accounts, factors, roles, sessions, totp
from zhijian.security.models import (
    AccessRecord,
    Officer,
    OfficerSession,
    Organisation,
    RecoveryCode,
    Role,
    RoleRequest,
    SecondFactor,
)

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PASSWORD = "correct horse battery"
BROWSER = {"HTTP_USER_AGENT": "Browser 1", "REMOTE_ADDR": "10.1.2.3"}


@pytest.fixture(autouse=True)
def own_keys(home):
    """Keys of second factors lie in the home of the test."""


def person(username, *held, division="440106"):
    level = "province" if division.endswith("0000") else "county"
    defaults = {"name": "示例局", "name_en": "Sample", "level": level, "division_code": division}
    unit = Organisation.objects.get_or_create(code=f"amr-{division}", defaults=defaults)[0]
    return Officer.objects.create_user(
        username, password=PASSWORD, organisation=unit, roles=list(held), staff_number=f"no-{username}"
    )


def signs_in(username, **more):
    browser = Client(**BROWSER)
    answer = browser.post("/sign-in/", {"username": username, "password": PASSWORD, **more})
    return browser, answer


def with_app(officer, at=None):
    """Set up an app; return its secret and the recovery codes."""
    at = at or datetime.now(UTC) - timedelta(minutes=10)
    _, secret = factors.begin_app(officer, randomness=secrets.token_bytes, at=at)
    typed = totp.code(secret, totp.step_of(at))
    return secret, factors.confirm_app(officer, typed, randomness=secrets.token_bytes, at=at)


def code_now(secret, off=0):
    return totp.code(secret, totp.step_of(datetime.now(UTC)) + off)


def test_a_clerk_signs_in_by_password_and_sees_the_sign_in_listed():
    person("clerk", Role.INTAKE)
    browser, answer = signs_in("clerk", next="/work/me/")
    assert answer["Location"] == "/work/me/"
    text = browser.get("/work/me/").content.decode()
    assert "10.1.2.0/24" in text and "Browser 1" in text and "这一个" in text


def test_a_leader_sets_up_an_app_before_anything_opens_and_gets_recovery_codes_once():
    leader = person("leader", Role.LEADER)
    browser, answer = signs_in("leader", next="/work/me/")
    assert answer["Location"].startswith("/sign-in/set-up/")
    assert browser.get("/work/me/").status_code == 302 and not OfficerSession.objects.exists()
    page = browser.get(answer["Location"]).content.decode()
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page).group(1)
    assert SecondFactor.objects.get().secret.replace(" ", "") not in page and "<svg" in page
    _, secret = factors.begin_app(leader, randomness=secrets.token_bytes, at=datetime.now(UTC))
    assert totp.base32(secret) == shown.replace(" ", "")
    assert browser.post("/sign-in/set-up/", {"code": "000"}).status_code == 422
    done = browser.post("/sign-in/set-up/", {"code": code_now(secret), "next": "/work/me/"})
    assert len(re.findall(r"<li><code>", done.content.decode())) == factors.RECOVERY_CODES
    assert "还有10个恢复码" in browser.get("/work/me/").content.decode()


def test_a_code_opens_once_and_a_recovery_code_once_and_five_wrong_ones_lock():
    secret, codes = with_app(person("leader", Role.LEADER))
    browser, answer = signs_in("leader")
    assert answer["Location"].startswith("/sign-in/code/")
    typed = code_now(secret)
    assert browser.post("/sign-in/code/", {"code": typed})["Location"] == "/work/"
    again, _ = signs_in("leader")
    assert again.post("/sign-in/code/", {"code": typed}).status_code == 422
    assert again.post("/sign-in/code/", {"code": codes[0].lower()}).status_code == 302
    third, _ = signs_in("leader")
    answers = [third.post("/sign-in/code/", {"code": codes[0]}).status_code for _ in range(5)]
    assert answers[0] == 422 and answers[-1] == 429
    assert "15分钟" in third.post("/sign-in/code/", {"code": codes[1]}).content.decode()


def test_a_phone_whose_clock_is_an_hour_slow_is_told_so():
    secret, _ = with_app(person("leader", Role.LEADER), at=datetime.now(UTC) - timedelta(hours=3))
    browser, _ = signs_in("leader")
    page = browser.post("/sign-in/code/", {"code": code_now(secret, off=-120)}).content.decode()
    assert "大约60分钟以前的：手机的时间慢了" in page and "服务器现在是" in page


def test_the_second_step_is_nobodys_without_the_password_and_for_ten_minutes_alone():
    with_app(person("leader", Role.LEADER))
    assert Client().get("/sign-in/code/")["Location"] == "/sign-in/"
    browser, _ = signs_in("leader")
    Officer.objects.filter(username="leader").update(is_active=False)
    assert browser.get("/sign-in/code/")["Location"] == "/sign-in/"


def test_the_key_of_the_session_is_new_after_signing_in():
    person("clerk", Role.INTAKE)
    browser = Client(**BROWSER)
    session = browser.session
    session["planted"] = "1"
    session.save()
    before = browser.cookies["sessionid"].value
    browser.post("/sign-in/", {"username": "clerk", "password": PASSWORD})
    assert browser.cookies["sessionid"].value != before


def ended(browser, reason, **headers):
    answer = browser.get("/work/me/", **headers)
    row = OfficerSession.objects.get()
    return (
        answer.status_code == 302 and answer["Location"].startswith("/sign-in/") and row.end_reason == reason
    )


@pytest.mark.parametrize(
    ("reason", "headers"),
    [("other_network", {"REMOTE_ADDR": "203.0.113.9"}), ("other_browser", {"HTTP_USER_AGENT": "Browser 2"})],
)
def test_a_stolen_cookie_opens_nothing_elsewhere_and_the_reason_is_recorded_and_told(reason, headers):
    officer = person("clerk", Role.INTAKE)
    browser, _ = signs_in("clerk")
    assert browser.get("/work/me/", REMOTE_ADDR="10.1.2.77").status_code == 200  # the same office
    thief = Client(**{**BROWSER, **headers})
    thief.cookies["sessionid"] = browser.cookies["sessionid"].value
    assert ended(thief, reason)
    look = AccessRecord.objects.get(part="session_ended")
    assert look.subject == f"account/{officer.pk}"
    assert "登录已经结束" in thief.get("/sign-in/").content.decode()
    assert browser.get("/work/me/").status_code == 302  # and it is spent for everybody
    browser, _ = signs_in("clerk")
    told = browser.get("/work/notices/").content.decode()
    assert "您的登录在别处被用过" in told and "不是您本人的，请马上改密码" in told


def test_behind_the_site_s_proxy_a_session_belongs_to_the_visitor_s_network_not_to_the_proxy_s(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    person("clerk", Role.INTAKE)
    proxy = {"HTTP_USER_AGENT": "Browser 1", "REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"}
    browser = Client(**proxy, HTTP_X_FORWARDED_FOR="10.1.2.3")
    browser.post("/sign-in/", {"username": "clerk", "password": PASSWORD})
    assert OfficerSession.objects.get().network == "10.1.2.0/24"
    assert browser.get("/work/me/").status_code == 200
    thief = Client(
        **proxy, HTTP_X_FORWARDED_FOR="10.1.2.3, 203.0.113.9"
    )  # the first is what the thief claims
    thief.cookies["sessionid"] = browser.cookies["sessionid"].value
    assert ended(thief, "other_network")


def test_without_a_proxy_nobody_says_where_they_come_from():
    person("clerk", Role.INTAKE)
    browser = Client(**BROWSER, HTTP_X_FORWARDED_FOR="203.0.113.9")
    browser.post("/sign-in/", {"username": "clerk", "password": PASSWORD})
    assert OfficerSession.objects.get().network == "10.1.2.0/24"


def test_an_account_that_is_closed_is_out_at_its_next_request():
    officer, leader = person("clerk", Role.INTAKE), person("leader", Role.LEADER)
    browser, _ = signs_in("clerk")
    assert accounts.close(officer, reason="离职", by=leader, at=datetime.now(UTC))
    assert ended(browser, "account_changed")


@pytest.mark.parametrize(
    ("field", "back", "reason"),
    [("seen_at", timedelta(hours=3), "idle"), ("opened_at", timedelta(hours=13), "too_old")],
)
def test_a_session_ends_unused_and_ends_in_any_case(field, back, reason):
    person("clerk", Role.INTAKE)
    browser, _ = signs_in("clerk")
    OfficerSession.objects.update(**{field: datetime.now(UTC) - back})
    assert ended(browser, reason)


def test_an_officer_ends_the_other_sign_ins():
    person("clerk", Role.INTAKE)
    here, there = signs_in("clerk")[0], signs_in("clerk")[0]
    assert here.post("/work/me/", {"act": "end", "proof": PASSWORD}).status_code == 302
    assert here.get("/work/me/").status_code == 200 and there.get("/work/me/").status_code == 302
    here.post("/sign-out/")
    assert not OfficerSession.objects.filter(ended_at=None).exists()


def test_who_sent_a_form_after_the_sign_in_ended_hears_that_it_was_not_kept():
    person("clerk", Role.INTAKE)
    browser, _ = signs_in("clerk")
    OfficerSession.objects.update(ended_at=datetime.now(UTC), end_reason="by_hand")
    assert browser.post("/work/me/", {"act": "password", "old": "x"}).status_code == 302
    told = browser.get("/sign-in/").content.decode()
    assert "刚才提交的内容没有保存" in told and "联系本单位管理员" not in told


def test_the_password_or_a_code_is_asked_again_before_other_sign_ins_end():
    officer = person("clerk", Role.INTAKE)
    here, there = signs_in("clerk")[0], signs_in("clerk")[0]
    for wrong in ({}, {"proof": "wrong horse battery"}, {"proof": "000000"}):
        refused = here.post("/work/me/", {"act": "end", **wrong})
        assert refused.status_code == 422 and "其他登录没有结束" in refused.content.decode()
    assert there.get("/work/me/").status_code == 200
    secret, _codes = with_app(officer)
    assert here.post("/work/me/", {"act": "end", "proof": code_now(secret)}).status_code == 302
    assert there.get("/work/me/").status_code == 302
    assert "密码或者验证码" not in here.get("/work/me/").content.decode()  # no other one is open


def test_beyond_ten_sign_ins_at_once_the_oldest_ends_and_is_told_why():
    person("clerk", Role.INTAKE)
    browsers = [signs_in("clerk")[0] for _sign_in in range(sessions.MOST_AT_ONCE.on(date(2026, 11, 2)) + 1)]
    assert OfficerSession.objects.filter(ended_at=None).count() == len(browsers) - 1 == 10
    assert browsers[0].get("/work/me/").status_code == 302
    assert "同时的登录太多" in browsers[0].get("/sign-in/").content.decode()
    assert all(one.get("/work/me/").status_code == 200 for one in browsers[1:])


def test_an_administrator_ends_the_sign_ins_of_an_account_that_stays_open():
    clerk, leader = person("clerk", Role.INTAKE), person("leader", Role.LEADER)
    browser, _ = signs_in("clerk")
    desk = Client(**BROWSER)
    desk.force_login(leader)
    assert desk.post("/work/officers/clerk/", {"act": "end"}).status_code == 422  # no reason
    assert browser.get("/work/me/").status_code == 200
    assert desk.post("/work/officers/clerk/", {"act": "end", "reason": "手机丢失"}).status_code == 302
    assert browser.get("/work/me/").status_code == 302
    told = browser.get("/sign-in/").content.decode()
    assert "管理人员结束" in told and "登录不了时，请联系本单位管理员" in told and "没有保存" not in told
    assert AccessRecord.objects.get(part="sign_ins_ended").subject == f"account/{clerk.pk}"
    assert "结束全部登录" in desk.get("/work/officers/clerk/").content.decode()
    assert signs_in("clerk")[1].status_code == 302


def test_recovery_codes_are_kept_by_a_slow_salted_hash_and_codes_of_before_still_open_once():
    officer = person("leader", Role.LEADER)
    _, codes = with_app(officer)
    rows = list(RecoveryCode.objects.filter(officer=officer))
    plain = {one.replace("-", "") for one in codes}
    assert {one.hint for one in rows} == {one[:2] for one in codes} and len(rows) == len(codes) == 10
    for one in rows:
        (own,) = [code for code in plain if code.startswith(one.hint)]
        assert identify_hasher(one.slow_hash).verify(own, one.slow_hash)
        assert own not in one.slow_hash and one.code_hash != factors._digest(officer, own)
    old, at = "7K4M-22QX-9ABC", datetime.now(UTC)
    RecoveryCode.objects.create(officer=officer, code_hash=factors._digest(officer, old), created_at=at)
    factors.check(officer, old.lower(), at=at)
    factors.check(officer, codes[3], at=at)
    for spent in (old, codes[3]):
        with pytest.raises(factors.WrongCode):
            factors.check(officer, spent, at=at)
    assert factors.codes_left(officer) == 9


def test_a_lost_app_is_reset_by_two_persons_and_who_got_a_privileged_role_signs_in_anew():
    clerk, leader = person("clerk", Role.INTAKE), person("leader", Role.LEADER)
    steward, at = person("steward", Role.STEWARD, division="440000"), datetime.now(UTC)
    with_app(clerk)
    OfficerSession.objects.create(officer=clerk, key_hash="k", method="x", opened_at=at, seen_at=at)
    assert factors.ask_reset(clerk, reason="手机丢失", by=leader, at=at) is roles.Outcome.ASKED
    asked = RoleRequest.objects.get()
    with pytest.raises(roles.RoleRefused, match="second administrator"):
        factors.decide_request(asked, is_agreed=True, by=leader, at=at)
    assert factors.app_of(clerk) is not None
    factors.decide_request(asked, is_agreed=True, by=steward, at=at)
    assert factors.app_of(clerk) is None and factors.codes_left(clerk) == 0
    assert not OfficerSession.objects.filter(ended_at=None).exists()
    assert AccessRecord.objects.filter(part="factor_reset", reason="第二重验证：手机丢失").count() == 1


def test_a_demonstration_that_asks_no_factor_says_so(monkeypatch):
    class NoRoles:
        @staticmethod
        def on(day):
            return []

    monkeypatch.setattr(factors, "REQUIRED_ROLES", NoRoles)
    person("leader", Role.LEADER)
    assert "演示" in Client().get("/sign-in/").content.decode()
    assert signs_in("leader")[1]["Location"] == "/work/"


# ------------------------------------------------------------------------------------------------ the own password

NEW = "seven quiet herons"


def changes(browser, old=PASSWORD, new=NEW, again=None):
    typed = {"act": "password", "old": old, "password": new, "again": new if again is None else again}
    return browser.post("/work/me/", typed)


def test_an_officer_changes_the_password_and_every_other_sign_in_ends():
    officer = person("clerk", Role.INTAKE)
    here, there = signs_in("clerk")[0], signs_in("clerk")[0]
    assert changes(here).status_code == 302
    assert here.get("/work/me/").status_code == 200
    assert there.get("/work/me/").status_code == 302
    assert OfficerSession.objects.filter(officer=officer, ended_at=None).count() == 1
    assert AccessRecord.objects.filter(officer=officer, part="password_changed").count() == 1
    again = Client(**BROWSER)
    assert again.post("/sign-in/", {"username": "clerk", "password": PASSWORD}).status_code == 200
    assert again.post("/sign-in/", {"username": "clerk", "password": NEW}).status_code == 302


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"old": "wrong horse battery"}, "原密码不对"),
        ({"again": "another thing typed"}, "两次输入的新密码不一样"),
        ({"new": PASSWORD}, "和原密码一样"),
        ({"new": "short"}, "至少12个字符"),
        ({"new": "zhijian-quiet-herons"}, "本系统"),
        ({"new": "TianHe quiet herons"}, "地名"),
        ({"new": "quiet herons 天河 x"}, "地名"),
        ({"new": "my-clerk-7-herons-x"}, "登录名"),
        ({"new": "示例局 quiet herons"}, "单位"),
    ],
)
def test_a_password_that_is_wrong_or_easily_guessed_changes_nothing(changed, words):
    officer = person("clerk", Role.INTAKE)
    browser, _ = signs_in("clerk")
    refused = changes(browser, **changed)
    assert refused.status_code == 422 and words in refused.content.decode()
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD) and browser.get("/work/me/").status_code == 200


def test_five_wrong_old_passwords_lock_the_change_and_not_the_sign_in():
    person("clerk", Role.INTAKE)
    browser, _ = signs_in("clerk")
    for _try in range(5):
        changes(browser, old="wrong horse battery")
    assert "15分钟" in changes(browser).content.decode()
    assert browser.get("/work/me/").status_code == 200 and signs_in("clerk")[1].status_code == 302
