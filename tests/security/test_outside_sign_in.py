"""Signing in with an outside provider (OpenID Connect): a real one answers on this machine; what is forged opens nothing."""

import http.client
import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import flask
import oidc_provider_mock
import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.security.test_signing_in import BROWSER, code_now, person, signs_in, with_app
from zhijian.infrastructure import openid
from zhijian.security import accounts, refusals, sealed_text
from zhijian.security.models import AccessRecord, OfficerSession, OutsideLogout, Refusal, RefusalKind, Role

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def provider_server():
    known = [
        oidc_provider_mock.User(
            sub="alice", claims={"staff_number": "no-clerk", "email": "leader@example.cn"}
        ),
        oidc_provider_mock.User(sub="alice-s-successor", claims={"staff_number": "no-clerk"}),
        oidc_provider_mock.User(sub="bob", claims={"staff_number": "no-leader"}),
        oidc_provider_mock.User(sub="carol", claims={"email": "clerk@example.cn"}),
        oidc_provider_mock.User(sub="dora", claims={"staff_number": "no-stranger"}),
    ]
    with oidc_provider_mock.run_server_in_thread(user_claims=known) as server:
        yield server


@pytest.fixture
def provider(provider_server, settings, home):
    settings.SITE = "http://testserver/"
    issuer = f"http://localhost:{provider_server.server_port}"
    settings.OPENID_PROVIDER = openid.Provider(issuer, "zhijian", "secret-of-the-site", "staff_number")
    return settings.OPENID_PROVIDER


@pytest.fixture
def inside(provider_server):
    """What the provider alone has: its people and its key pair."""
    with provider_server.app.test_request_context("/"):
        provider_server.app.preprocess_request()
        return flask.g.oidc_provider_mock_storage


@pytest.fixture
def alice(inside):
    """Have alice come with a session of the provider; called again, with another one."""

    def comes_in(session):
        known = {"staff_number": "no-clerk", **({"sid": session} if session else {})}
        inside.store_user(oidc_provider_mock.User(sub="alice", claims=known))
        return signs_in_outside("alice")[0]

    yield comes_in
    inside.store_user(oidc_provider_mock.User(sub="alice", claims={"staff_number": "no-clerk"}))


def goes_out(browser, wanted="/work/me/"):
    return browser.get(f"/sign-in/outside/?{urlencode({'next': wanted})}")["Location"]


def says_yes(address, who):
    """Be the browser at the provider: press its button; return where it sends back to."""
    parts = urlsplit(address)
    line = http.client.HTTPConnection(parts.netloc, timeout=10)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", f"{parts.path}?{parts.query}", urlencode({"sub": who}), form)
    back = line.getresponse().headers["Location"]
    line.close()
    return back.removeprefix("http://testserver")


def test_who_the_provider_knows_by_staff_number_is_signed_in_and_goes_where_it_wanted(provider):
    person("clerk", Role.INTAKE)
    browser = Client(**BROWSER)
    assert "/sign-in/outside/" in browser.get("/sign-in/").content.decode()
    answer = browser.get(says_yes(goes_out(browser), "alice"))
    assert answer["Location"] == "/work/me/"
    assert OfficerSession.objects.get().method == "oidc"
    assert browser.get("/work/me/").status_code == 200


def test_the_second_factor_is_asked_after_the_provider_as_after_a_password(provider):
    secret, _codes = with_app(person("leader", Role.LEADER))
    browser = Client(**BROWSER)
    door = browser.get(says_yes(goes_out(browser), "bob"))["Location"]
    assert door.startswith("/sign-in/code/") and not OfficerSession.objects.exists()
    assert browser.post(door, {"code": code_now(secret)}).status_code == 302
    assert OfficerSession.objects.get().method == "oidc+totp"


@pytest.mark.parametrize("who", ["carol", "dora"])
def test_an_e_mail_address_or_an_unknown_number_links_nobody(provider, who):
    clerk = person("clerk", Role.INTAKE)
    clerk.email = "clerk@example.cn"
    clerk.save()
    browser = Client(**BROWSER)
    assert browser.get(says_yes(goes_out(browser), who))["Location"] == "/sign-in/"
    assert not OfficerSession.objects.exists()


def test_a_closed_account_and_a_person_of_two_accounts_are_not_guessed(provider):
    first, second = person("clerk", Role.INTAKE), person("clerk2", Role.INTAKE)
    second.staff_number = first.staff_number
    second.save()
    browser = Client(**BROWSER)
    assert browser.get(says_yes(goes_out(browser), "alice"))["Location"] == "/sign-in/"
    first.is_active = second.is_active = False
    first.save()
    second.save()
    assert browser.get(says_yes(goes_out(browser), "alice"))["Location"] == "/sign-in/"
    assert not OfficerSession.objects.exists()


def test_an_answer_opens_once_and_in_the_browser_that_asked_alone(provider):
    person("clerk", Role.INTAKE)
    mine, theirs = Client(**BROWSER), Client(**BROWSER)
    back = says_yes(goes_out(mine), "alice")
    goes_out(theirs)
    assert theirs.get(back)["Location"] == "/sign-in/"
    assert mine.get(back)["Location"] == "/work/me/"
    assert mine.get(back)["Location"] == "/sign-in/"
    assert OfficerSession.objects.count() == 1


def signs_in_outside(who):
    browser = Client(**BROWSER)
    answer = browser.get(says_yes(goes_out(browser), who))
    return browser, answer


def test_a_staff_number_that_was_given_again_opens_nothing_of_whoever_had_it_before(provider):
    clerk = person("clerk", Role.INTAKE)
    assert signs_in_outside("alice")[1]["Location"] == "/work/me/"
    clerk.refresh_from_db()
    assert (clerk.outside_issuer, clerk.outside_subject) == (provider.issuer, "alice")
    assert signs_in_outside("alice")[1]["Location"] == "/work/me/"
    browser, answer = signs_in_outside("alice-s-successor")
    assert answer["Location"] == "/sign-in/" and browser.get("/work/me/").status_code == 302
    assert "登记给另一个人" in browser.get("/sign-in/").content.decode()
    steward = person("steward", Role.STEWARD)
    assert accounts.set_staff_number(clerk, "no-clerk", reason="换人", by=steward, at=datetime.now(UTC))
    assert signs_in_outside("alice-s-successor")[1]["Location"] == "/work/me/"


def test_whose_an_account_is_outside_is_fixed_only_after_the_second_factor(provider):
    leader = person("leader", Role.LEADER)
    secret, _ = with_app(leader)
    browser, _answer = signs_in_outside("bob")
    leader.refresh_from_db()
    assert leader.outside_subject == ""
    assert browser.post("/sign-in/code/", {"code": code_now(secret)}).status_code == 302
    leader.refresh_from_db()
    assert leader.outside_subject == "bob"


def test_no_address_of_another_site_is_gone_to(provider):
    person("clerk", Role.INTAKE)
    browser = Client(**BROWSER)
    back = says_yes(goes_out(browser, "https://elsewhere.example/"), "alice")
    assert browser.get(back)["Location"] == "/work/"


def test_a_provider_that_is_away_is_said_in_plain_words(provider, settings):
    settings.OPENID_PROVIDER = openid.Provider("http://localhost:9", "zhijian", "secret", "staff_number")
    page = Client(**BROWSER).get("/sign-in/outside/", follow=True)
    assert page.redirect_chain == [("/sign-in/", 302)]
    assert "统一身份认证现在用不了" in page.content.decode()


def test_without_a_provider_there_is_no_such_page(settings):
    settings.OPENID_PROVIDER = None
    assert Client().get("/sign-in/outside/").status_code == 404


def test_the_request_carries_a_challenge_and_no_secret(provider):
    asked = parse_qs(urlsplit(goes_out(Client(**BROWSER))).query)
    assert asked["code_challenge_method"] == ["S256"] and len(asked["code_challenge"][0]) == 43
    assert {"state", "nonce"} <= asked.keys() and "secret-of-the-site" not in json.dumps(asked)


FORGED = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "another site": {"aud": "other"},
    "another question": {"nonce": "other"},
    "too old": {"exp": int((NOW - timedelta(minutes=10)).timestamp())},
    "made for another client": {"azp": "other"},
}


@pytest.mark.parametrize("wrong", FORGED.values(), ids=FORGED)
def test_a_token_of_another_issuer_site_question_or_time_is_not_taken(wrong):
    key = RSAKey.generate_key(2048)
    asked = openid.Provider("https://id.example", "zhijian", "secret", "staff_number")
    right = {
        "iss": asked.issuer,
        "aud": "zhijian",
        "nonce": "n",
        "sub": "1",
        "exp": int(NOW.timestamp()) + 300,
    }
    keys = {"keys": [key.as_dict(private=False)]}
    read = lambda claims: openid._read_token(  # noqa: E731
        asked, jwt.encode({"alg": "RS256"}, claims, key), keys, nonce="n", at=NOW
    )
    assert read(right)["sub"] == "1"
    with pytest.raises(openid.ProviderFailed):
        read({**right, **wrong})


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"typ": "at+jwt"}, {}),
        ({"typ": "logout+jwt"}, {}),
        ({}, {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}),
    ],
)
def test_a_token_of_another_kind_is_no_identity(header, claims):
    key, asked = (
        RSAKey.generate_key(2048),
        openid.Provider("https://id.example", "zhijian", "s", "staff_number"),
    )
    right = {
        "iss": asked.issuer,
        "aud": "zhijian",
        "nonce": "n",
        "sub": "1",
        "exp": int(NOW.timestamp()) + 300,
    }
    keys = {"keys": [key.as_dict(private=False)]}
    read = lambda more, said: openid._read_token(  # noqa: E731
        asked, jwt.encode({"alg": "RS256", **more}, {**right, **said}, key), keys, nonce="n", at=NOW
    )
    assert read({"typ": "JWT"}, {})["sub"] == read({}, {})["sub"] == "1"
    with pytest.raises(openid.ProviderFailed, match="no identity token"):
        read(header, claims)


def test_a_token_of_another_key_is_not_taken():
    key, other = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
    asked = openid.Provider("https://id.example", "zhijian", "secret", "staff_number")
    claims = {
        "iss": asked.issuer,
        "aud": "zhijian",
        "nonce": "n",
        "sub": "1",
        "exp": int(NOW.timestamp()) + 300,
    }
    token = jwt.encode({"alg": "RS256"}, claims, other)
    with pytest.raises(openid.ProviderFailed, match="not to be trusted"):
        openid._read_token(asked, token, {"keys": [key.as_dict(private=False)]}, nonce="n", at=NOW)


# ------------------------------------------------------------------------------------------------ signing out


def led_to(page):
    """Where a page leads by itself: address and what is asked."""
    seconds, _, address = page["Refresh"].partition("; url=")
    assert seconds == "0"
    asked = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
    return address.partition("?")[0], asked


def test_who_came_by_the_provider_is_out_here_first_and_then_goes_to_the_end_of_the_session_there(provider):
    person("clerk", Role.INTAKE)
    browser, _answer = signs_in_outside("alice")
    page = browser.post("/sign-out/")
    row = OfficerSession.objects.get()
    assert (row.end_reason, browser.get("/work/me/").status_code) == ("signed_out", 302)
    address, asked = led_to(page)
    assert address == f"{provider.issuer}/oauth2/end_session"
    assert asked["client_id"] == "zhijian" and asked["id_token_hint"].count(".") == 2
    assert asked["post_logout_redirect_uri"] == "http://testserver/sign-out/outside/done/"
    assert "您在本站的登录已经结束" in page.content.decode() and "no-store" in page["Cache-Control"]
    back = f"/sign-out/outside/done/?state={asked['state']}"
    assert "统一身份认证也已经处理了退出" in browser.get(back).content.decode()
    assert "可能还开着" in browser.get(back).content.decode(), "what came back once is told once"


def test_a_browser_that_was_not_sent_from_here_hears_of_no_end_and_is_led_nowhere(provider):
    asked = {"state": "", "next": "https://elsewhere.example/"}
    page = Client(**BROWSER).get("/sign-out/outside/done/", asked)
    assert "可能还开着" in page.content.decode() and 'href="https://elsewhere' not in page.content.decode()
    assert page.status_code == 200 and "Refresh" not in page


def test_a_provider_that_ends_no_session_is_given_no_token_and_the_page_says_that_its_own_may_still_be_open(
    provider, monkeypatch
):
    person("clerk", Role.INTAKE)
    whole = openid._fetch
    monkeypatch.setattr(
        openid,
        "_fetch",
        lambda *asked, **how: {k: v for k, v in whole(*asked, **how).items() if k != "end_session_endpoint"},
    )
    browser, _answer = signs_in_outside("alice")
    assert OfficerSession.objects.get().outside_token_sealed == ""
    page = browser.post("/sign-out/")
    assert "可能还开着" in page.content.decode() and "Refresh" not in page


@pytest.mark.parametrize(
    "now_set", [None, openid.Provider("http://localhost:9", "zhijian", "secret", "staff_number")]
)
def test_the_token_of_one_provider_goes_to_no_other(provider, settings, monkeypatch, now_set):
    person("clerk", Role.INTAKE)
    browser, _answer = signs_in_outside("alice")
    settings.OPENID_PROVIDER = now_set
    monkeypatch.setattr(openid, "_fetch", lambda *_, **__: pytest.fail("another provider was asked"))
    page = browser.post("/sign-out/")
    assert "可能还开着" in page.content.decode() and "Refresh" not in page
    assert browser.get("/work/me/").status_code == 302


def test_a_provider_that_is_away_keeps_nobody_in(provider, monkeypatch):
    person("clerk", Role.INTAKE)
    browser, _answer = signs_in_outside("alice")

    def away(*_):
        raise OSError("away")

    monkeypatch.setattr(openid, "_answer", away)
    assert "可能还开着" in browser.post("/sign-out/").content.decode()
    assert OfficerSession.objects.get().end_reason == "signed_out"


def test_who_came_by_a_password_is_not_sent_to_the_provider(provider):
    person("clerk", Role.INTAKE)
    browser = signs_in("clerk")[0]
    answer = browser.post("/sign-out/")
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_the_identity_token_lies_sealed_and_only_as_long_as_the_sign_in(provider):
    person("clerk", Role.INTAKE)
    browser, _answer = signs_in_outside("alice")
    row = OfficerSession.objects.get()
    assert sealed_text.generation_of(row.outside_token_sealed) == 1
    held = json.dumps([row.outside_subject, row.outside_session, dict(browser.session)])
    assert "alice" not in held and "eyJ" not in held
    browser.post("/sign-out/")
    row.refresh_from_db()
    assert row.outside_token_sealed == ""


def test_a_token_of_a_sign_in_that_nobody_ended_goes_once_no_sign_in_can_last_so_long(provider):
    person("clerk", Role.INTAKE)
    signs_in_outside("alice")
    OfficerSession.objects.update(opened_at=datetime.now(UTC) - timedelta(days=2))
    signs_in_outside("alice")
    newest, oldest = OfficerSession.objects.all()
    assert newest.outside_token_sealed and not oldest.outside_token_sealed


def test_a_lost_key_keeps_nobody_in_the_provider_asks_the_person_instead(provider, home):
    person("clerk", Role.INTAKE)
    browser, _answer = signs_in_outside("alice")
    OfficerSession.objects.update(outside_token_sealed="1:AAAA")
    _address, asked = led_to(browser.post("/sign-out/"))
    assert "id_token_hint" not in asked and asked["client_id"] == "zhijian"


# ------------------------------------------------------------------------------------------------ the provider says so


@pytest.fixture
def told(provider, inside):
    """Post a logout token as the provider does: its claims, changed as said; `None` leaves one out."""

    def post(*, key=None, header=None, browser=None, **said):
        at = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": provider.issuer, "aud": ["zhijian"], "iat": at, "exp": at + 120, "jti": "first",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}}, **said,
        }  # fmt: skip
        head = {"alg": "RS256", "typ": "logout+jwt"} if header is None else header
        own = RSAKey.import_key(inside.jwk.as_dict(is_private=True))
        token = jwt.encode(head, {k: v for k, v in claims.items() if v is not None}, key or own)
        sender = browser or Client(enforce_csrf_checks=True, REMOTE_ADDR="10.9.9.9")
        return sender.post("/sign-out/outside/notice/", {"logout_token": token})

    return post


def is_in(browser):
    return browser.get("/work/me/").status_code == 200


def test_the_provider_ends_the_sign_ins_of_its_session_and_no_other(told, alice):
    clerk = person("clerk", Role.INTAKE)
    first, second, by_password = alice("s-1"), alice("s-2"), signs_in("clerk")[0]
    answer = told(sid="s-1", sub="alice")
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (200, b"", "no-store")
    assert [is_in(one) for one in (first, second, by_password)] == [False, True, True]
    assert OfficerSession.objects.get(end_reason="by_provider").officer == clerk
    look = AccessRecord.objects.get(part="session_ended")
    assert (look.officer, look.reason) == (clerk, "在统一身份认证退出")
    assert told(sid="s-2", jti="second").status_code == 200 and not is_in(second)


def test_a_person_who_is_out_at_the_provider_is_out_of_every_sign_in_by_it(told, alice):
    person("clerk", Role.INTAKE)
    person("leader", Role.INTAKE)
    mine, by_password, bob = [alice("s-1"), alice("")], signs_in("clerk")[0], signs_in_outside("bob")[0]
    assert told(sub="alice").status_code == 200
    assert [is_in(one) for one in (*mine, by_password, bob)] == [False, False, True, True]
    assert AccessRecord.objects.filter(part="session_ended").count() == 1
    page = mine[0].get("/sign-in/").content.decode()
    assert "在统一身份认证退出" in page


def test_a_sign_in_whose_session_the_provider_never_named_ends_with_its_person_and_not_with_anothers(
    told, alice
):
    person("clerk", Role.INTAKE)
    unnamed = alice("")
    assert told(sid="s-9", sub="bob").status_code == told(sid="s-9", jti="2").status_code == 200
    assert is_in(unnamed)
    assert told(sid="s-9", sub="alice", jti="3").status_code == 200 and not is_in(unnamed)


def test_a_session_that_belongs_to_somebody_else_than_is_said_goes_on(told, alice):
    person("clerk", Role.INTAKE)
    browser = alice("s-1")
    assert told(sid="s-1", sub="bob").status_code == 200 and is_in(browser)


def test_who_is_out_already_is_a_success_and_one_message_counts_once(told, alice):
    person("clerk", Role.INTAKE)
    assert told(sub="alice").status_code == 200
    browser = alice("s-1")
    assert told(sub="alice").status_code == 400, "the same jti: a message that somebody kept and sends again"
    assert is_in(browser)


def test_what_was_taken_is_forgotten_only_when_no_token_of_that_time_is_taken_any_more(told):
    assert told(sub="alice").status_code == 200
    late = openid.LOGOUT_LASTS + timedelta(seconds=2 * openid.CLOCK_SECONDS)
    OutsideLogout.objects.update(received_at=datetime.now(UTC) - late)
    assert told(sub="alice").status_code == 400
    OutsideLogout.objects.update(received_at=datetime.now(UTC) - timedelta(minutes=61))
    assert told(sub="alice").status_code == 200 and OutsideLogout.objects.count() == 1


@pytest.mark.parametrize("ended", [{"sid": "s-1"}, {"sub": "alice"}, {"sid": "s-1", "sub": "alice"}])
def test_who_is_out_at_the_provider_before_the_second_factor_has_to_begin_anew(told, alice, ended):
    secret, _codes = with_app(person("clerk", Role.LEADER))
    browser = alice("s-1")
    assert told(**ended).status_code == 200
    assert browser.post("/sign-in/code/", {"code": code_now(secret)})["Location"] == "/sign-in/"
    assert not OfficerSession.objects.exists()
    again = alice("s-2")
    assert again.post("/sign-in/code/", {"code": code_now(secret)})["Location"] == "/work/"


LONG_AGO = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
FAR = int(datetime(2099, 1, 1, tzinfo=UTC).timestamp())
NO_LOGOUTS = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "another site": {"aud": ["other"]},
    "no time of issue": {"iat": None},
    "issued in the future": {"iat": FAR, "exp": FAR + 60},
    "issued long ago, for ever": {"iat": LONG_AGO, "exp": FAR},
    "no end": {"exp": None},
    "over": {"exp": LONG_AGO},
    "no number": {"jti": None},
    "a number that is none": {"jti": 7},
    "no events": {"events": None},
    "another event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "an event that is no object": {"events": {"http://schemas.openid.net/event/backchannel-logout": 1}},
    "an identity token's nonce": {"nonce": "n"},
    "an empty nonce": {"nonce": ""},
    "nobody": {"sub": None},
    "empty names": {"sub": "", "sid": ""},
    "a name that is none": {"sub": ["alice"]},
    "the kind of an identity token": {"header": {"alg": "RS256", "typ": "JWT"}},
    "no kind": {"header": {"alg": "RS256"}},
    "another key": {"key": RSAKey.generate_key(2048)},
}


@pytest.mark.parametrize("wrong", NO_LOGOUTS.values(), ids=NO_LOGOUTS)
def test_what_is_no_logout_of_this_provider_for_this_site_ends_nothing_and_is_written_down(
    told, alice, monkeypatch, wrong
):
    monkeypatch.setattr(refusals, "_flood", refusals.Flood())
    person("clerk", Role.INTAKE)
    browser = alice("s-1")
    answer = told(**{"sub": "alice", **wrong})
    assert (answer.status_code, answer["Cache-Control"]) == (400, "no-store")
    assert answer.json()["error"] == "invalid_request"
    assert is_in(browser) and not OutsideLogout.objects.exists()
    assert Refusal.objects.get().kind == RefusalKind.KEY


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.", "中文", "eyJ" + "A" * 30_000])
def test_garbage_is_refused_without_asking_the_provider(provider, monkeypatch, token):
    monkeypatch.setattr(openid, "_fetch", lambda *_, **__: pytest.fail("the provider was asked"))
    answer = Client().post("/sign-out/outside/notice/", {"logout_token": token})
    assert (answer.status_code, answer["Cache-Control"]) == (400, "no-store")


def test_wrong_tokens_are_refused_unread_after_a_while_and_right_ones_of_the_provider_never(
    told, alice, provider, monkeypatch
):
    person("clerk", Role.INTAKE)
    browser = alice("s-1")
    thief = Client(REMOTE_ADDR="10.6.6.6")
    sent = [thief.post("/sign-out/outside/notice/", {"logout_token": "x"}) for _ in range(61)]
    assert [one.status_code for one in sent] == [400] * 60 + [429]
    assert sent[-1]["Retry-After"] and sent[-1]["Cache-Control"] == "no-store"
    assert told(sub="alice", browser=thief).status_code == 429 and is_in(browser)
    taken = {told(sub="nobody", jti=str(number)).status_code for number in range(62)}
    assert taken == {200} and told(sub="alice").status_code == 200 and not is_in(browser)


def test_a_provider_whose_keys_cannot_be_read_is_no_wrong_token(told, alice, monkeypatch):
    person("clerk", Role.INTAKE)
    browser = alice("s-1")

    def away(*_):
        raise OSError("away")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(openid, "_answer", away)
        answer = told(sub="alice")
    assert (answer.status_code, answer.json()["error"]) == (400, "temporarily_unavailable")
    assert is_in(browser) and told(sub="alice").status_code == 200 and not is_in(browser)


def test_the_notice_is_only_posted_and_there_is_none_without_a_provider(told, settings):
    assert Client().get("/sign-out/outside/notice/").status_code == 405
    settings.OPENID_PROVIDER = None
    assert Client().post("/sign-out/outside/notice/").status_code == 404
    assert Client().get("/sign-out/outside/done/").status_code == 404


# ------------------------------------------------------------------------------------------------ where a provider leads

INSIDE = (
    "127.0.0.1",
    "169.254.169.254",
    "10.0.0.7",
    "::1",
    "fe80::1",
    "::ffff:169.254.169.254",
    "100.100.100.200",
    "0.0.0.0",
)


def names(monkeypatch, **places):
    """Let names lead to numbers; count how often each was asked for."""
    asked = []

    def found(host, port, *_, **__):
        asked.append(host)
        return [(2, 1, 6, "", (number, port)) for number in places[host.replace(".", "_")]]

    monkeypatch.setattr(openid.socket, "getaddrinfo", found)
    return asked


def refused(monkeypatch, provider, address):
    """What is said where nothing may be connected to."""
    monkeypatch.setattr(openid.socket, "create_connection", lambda *_, **__: pytest.fail("it was called"))
    with pytest.raises(openid.ProviderFailed) as caught:
        openid._fetch(provider, address)
    return str(caught.value)


@pytest.mark.parametrize("number", INSIDE)
def test_a_host_that_only_the_provider_names_is_not_called_inside_nor_at_a_clouds_secrets(
    monkeypatch, number
):
    provider = openid.Provider("https://id.example", "site", "secret", "staff_number")
    names(monkeypatch, id_example=["8.8.8.8"], keys_example=["8.8.4.4", number])
    assert "keys.example, which leads to 8.8.4.4" in refused(
        monkeypatch, provider, "https://keys.example/jwks"
    )


def test_a_provider_inside_may_name_its_neighbour_and_neither_this_machine_nor_a_clouds_secrets(monkeypatch):
    provider = openid.Provider("https://id.example", "site", "secret", "staff_number")
    for number in ("127.0.0.1", "169.254.169.254", "::1"):
        names(monkeypatch, id_example=["10.0.0.5"], keys_example=[number])
        assert "which leads to" in refused(monkeypatch, provider, "https://keys.example/jwks")
    names(monkeypatch, id_example=["10.0.0.5"], keys_example=["10.0.0.6"])
    assert openid._places(provider, "keys.example", 443) == ["10.0.0.6"]


def test_the_number_that_was_looked_at_is_called_though_the_name_changes_meanwhile(monkeypatch):
    provider, called = openid.Provider("https://id.example", "site", "secret", "staff_number"), []
    asked = names(monkeypatch, id_example=["8.8.8.8"])

    def none_answers(place, **_):
        called.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(openid.socket, "create_connection", none_answers)
    with pytest.raises(openid.ProviderFailed, match="does not answer"):
        openid._fetch(provider, "https://id.example/keys")
    assert (asked, called) == (["id.example"], [("8.8.8.8", 443)])


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1:5432/",
        "ftp://id.example/",
        "http://id.example/token",
        "//id.example/",
    ],
)
def test_addresses_of_another_kind_than_the_providers_own_are_not_followed(monkeypatch, address):
    provider = openid.Provider("https://id.example", "site", "secret", "staff_number")
    said = {
        "issuer": provider.issuer,
        "authorization_endpoint": "https://id.example/a",
        "jwks_uri": "https://id.example/k",
    }
    monkeypatch.setattr(
        openid, "_answer", lambda *_: json.dumps({**said, "token_endpoint": address}).encode()
    )
    with pytest.raises(openid.ProviderFailed, match="token_endpoint is"):
        openid.begin(provider, back="https://site.example/", randomness=bytes)


class _LeadsOn(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(302)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/latest/meta-data/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def test_a_provider_that_leads_on_is_not_followed():
    with ThreadingHTTPServer(("127.0.0.1", 0), _LeadsOn) as server:
        server.asked = []
        Thread(target=server.serve_forever, daemon=True).start()
        issuer = f"http://127.0.0.1:{server.server_port}"
        provider = openid.Provider(issuer, "site", "secret", "staff_number")
        with pytest.raises(openid.ProviderFailed, match="it answered 302"):
            openid.begin(provider, back="https://site.example/", randomness=bytes)
        server.shutdown()
    assert server.asked == ["/.well-known/openid-configuration"]
