"""Signing in with an outside provider (OpenID Connect): a real one answers on this machine; what is forged opens nothing."""

import http.client
import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import oidc_provider_mock
import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.security.test_signing_in import BROWSER, code_now, person, with_app
from zhijian.infrastructure import openid
from zhijian.security import accounts
from zhijian.security.models import OfficerSession, Role

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def provider_at():
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
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def provider(provider_at, settings, home):
    settings.SITE = "http://testserver/"
    settings.OPENID_PROVIDER = openid.Provider(provider_at, "zhijian", "secret-of-the-site", "staff_number")
    return settings.OPENID_PROVIDER


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
