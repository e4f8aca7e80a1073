"""Passkeys: a device signs the question of this site, once; another site, question, key or a copied key opens nothing."""

import hashlib
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from tests.security.test_signing_in import code_now, person, signs_in, with_app
from zhijian.security import factors, passkeys, totp
from zhijian.security.models import AccessRecord, FactorKind, OfficerSession, Role, SecondFactor

pytestmark = [pytest.mark.database, pytest.mark.django_db]
SITE, HOST = "http://localhost", "localhost"


@pytest.fixture(autouse=True)
def own_keys(home):
    """Keys of second factors lie in the home of the test."""


class Device:
    """A key in software that answers as a browser does."""

    def __init__(self, site=SITE):
        self.key, self.number, self.counter = (
            ec.generate_private_key(ec.SECP256R1()),
            secrets.token_bytes(16),
            0,
        )
        self.site = site

    def make(self, options):
        credential = AttestedCredentialData.create(
            b"\0" * 16, self.number, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(self._host(options["rp"]["id"]), 0x41, self.counter, credential)
        parts = {"attestationObject": websafe_encode(AttestationObject.create("none", data, {}))}
        return self._answer(parts, self._asked("webauthn.create", options))

    def sign(self, options):
        self.counter += 1
        data = AuthenticatorData.create(self._host(options["rpId"]), 0x01, self.counter)
        asked = self._asked("webauthn.get", options)
        signature = self.key.sign(bytes(data) + asked.hash, ec.ECDSA(hashes.SHA256()))
        parts = {"authenticatorData": websafe_encode(data), "signature": websafe_encode(signature)}
        return self._answer(parts, asked)

    def _host(self, name):
        return hashlib.sha256(name.encode()).digest()

    def _asked(self, kind, options):
        return CollectedClientData.create(type=kind, challenge=options["challenge"], origin=self.site)

    def _answer(self, parts, asked):
        number = websafe_encode(self.number)
        return json.dumps(
            {
                "id": number,
                "rawId": number,
                "type": "public-key",
                "response": {**parts, "clientDataJSON": websafe_encode(asked)},
                "clientExtensionResults": {},
            }
        )


def with_passkey(officer, secret, device=None):
    device, at = device or Device(), datetime.now(UTC) - timedelta(minutes=5)
    options, state = passkeys.begin_adding(officer, host=HOST)
    code = totp.code(secret, totp.step_of(at))
    passkeys.add(officer, device.make(options), code, label="办公电脑", state=state, host=HOST, at=at)
    return device


def asked_by(page):
    return json.loads(unescape(re.search(r'data-options="([^"]+)"', page.content.decode()).group(1)))


def at_the_door():
    browser, answer = signs_in("leader")
    browser.defaults["SERVER_NAME"] = HOST
    return browser, answer["Location"]


def test_a_passkey_opens_in_the_place_of_a_code_and_the_sign_in_says_so():
    leader = person("leader", Role.LEADER)
    device = with_passkey(leader, with_app(leader)[0])
    browser, door = at_the_door()
    answered = device.sign(asked_by(browser.get(door)))
    assert browser.post(door, {"passkey": answered})["Location"] == "/work/"
    assert OfficerSession.objects.get().method == "password+passkey"
    assert SecondFactor.objects.get(kind=FactorKind.PASSKEY).sign_count == 1


def test_an_answer_opens_once_and_only_the_question_that_was_asked_of_this_browser():
    leader = person("leader", Role.LEADER)
    device = with_passkey(leader, with_app(leader)[0])
    first, door = at_the_door()
    answered = device.sign(asked_by(first.get(door)))
    other, _ = at_the_door()
    other.get(door)
    assert other.post(door, {"passkey": answered}).status_code == 422
    assert first.post(door, {"passkey": answered}).status_code == 302
    again, _ = at_the_door()
    again.get(door)
    assert again.post(door, {"passkey": answered}).status_code == 422


@pytest.mark.parametrize(
    "answered", ["", "[" * 20_000, "[]", "{", "null", '{"id": "AA", "rawId": "AA", "response": {}}']
)
def test_what_is_no_answer_of_a_passkey_is_refused_in_words(answered):
    leader = person("leader", Role.LEADER)
    with_passkey(leader, with_app(leader)[0])
    browser, door = at_the_door()
    browser.get(door)
    page = browser.post(door, {"passkey": answered})
    assert page.status_code == 422 and "通行密钥没有通过" in page.content.decode()
    assert not OfficerSession.objects.exists()


def test_a_look_alike_site_and_the_passkey_of_a_colleague_get_nothing():
    leader, colleague = person("leader", Role.LEADER), person("colleague", Role.LEADER)
    device = with_passkey(leader, with_app(leader)[0])
    theirs = with_passkey(colleague, with_app(colleague)[0])
    at = datetime.now(UTC)
    options, state = passkeys.begin_check(leader, host=HOST)
    with pytest.raises(factors.WrongCode):
        passkeys.check(leader, theirs.sign(options), state=state, host=HOST, at=at)
    device.site = "https://localhost.example"
    with pytest.raises(factors.WrongCode):
        passkeys.check(leader, device.sign(options), state=state, host=HOST, at=at)
    device.site = SITE
    passkeys.check(leader, device.sign(options), state=state, host=HOST, at=at)


def test_a_key_whose_counter_went_back_exists_twice_and_opens_nothing():
    leader = person("leader", Role.LEADER)
    device = with_passkey(leader, with_app(leader)[0])
    at = datetime.now(UTC)
    options, state = passkeys.begin_check(leader, host=HOST)
    device.counter = 7
    passkeys.check(leader, device.sign(options), state=state, host=HOST, at=at)
    device.counter = 3
    options, state = passkeys.begin_check(leader, host=HOST)
    with pytest.raises(factors.WrongCode, match="counter went back"):
        passkeys.check(leader, device.sign(options), state=state, host=HOST, at=at)


def test_a_passkey_is_added_with_a_code_of_the_app_alone_and_each_once():
    leader = person("leader", Role.LEADER)
    secret, _codes = with_app(leader)
    browser, _door = signs_in("leader")
    browser.post("/sign-in/code/", {"code": code_now(secret)})
    browser.defaults["SERVER_NAME"] = HOST
    device = Device()
    options = asked_by(browser.get("/work/me/passkey/"))
    wrong = browser.post(
        "/work/me/passkey/", {"passkey": device.make(options), "code": "000000", "label": "手机"}
    )
    assert wrong.status_code == 422 and not passkeys.passkeys_of(leader)
    typed = {"passkey": device.make(asked_by(wrong)), "code": code_now(secret, 1), "label": "手机"}
    assert browser.post("/work/me/passkey/", typed).status_code == 302
    assert "手机" in browser.get("/work/me/").content.decode()
    assert AccessRecord.objects.filter(part="passkey_added", officer=leader).count() == 1


def test_a_removed_passkey_opens_nothing_and_its_officer_alone_removes_it():
    leader = person("leader", Role.LEADER)
    secret, _codes = with_app(leader)
    device = with_passkey(leader, secret)
    (held,) = passkeys.passkeys_of(leader)
    options, state = passkeys.begin_check(leader, host=HOST)
    at = datetime.now(UTC)
    assert not passkeys.remove(person("other", Role.LEADER), held.pk, at=at)
    assert passkeys.remove(leader, held.pk, at=at)
    with pytest.raises(factors.WrongCode):
        passkeys.check(leader, device.sign(options), state=state, host=HOST, at=at)
    browser, door = at_the_door()
    assert "data-options" not in browser.get(door).content.decode()
