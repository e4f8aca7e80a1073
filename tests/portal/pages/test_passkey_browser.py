"""A passkey in Chromium, by its virtual authenticator: added on one's own page, used at the next sign-in."""

import pytest
from playwright.sync_api import expect

from tests.security.test_signing_in import PASSWORD, code_now, person, with_app
from zhijian.security import passkeys
from zhijian.security.models import OfficerSession, Role

pytestmark = pytest.mark.browser
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def signs_in(page, root):
    page.goto(f"{root}/sign-in/?next=/work/me/")
    page.fill("#id_username", "leader")
    page.fill("#id_password", PASSWORD)
    page.click("main form button")


def test_an_officer_adds_a_passkey_and_signs_in_with_it(chromium, transactional_db, live_server, home):
    leader = person("leader", Role.LEADER)
    secret, _codes = with_app(leader)
    root = live_server.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, never to a number
    context = chromium.new_context(locale="zh-CN")
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    signs_in(page, root)
    page.fill("#code", code_now(secret))
    page.click("main form button")
    page.goto(f"{root}/work/me/passkey/")
    page.fill("#label", "办公电脑")
    page.fill("#code", code_now(secret, 1))
    page.click("form[data-passkey] button")
    page.wait_for_url("**/work/me/")
    expect(page.locator("main")).to_contain_text("办公电脑")
    context.clear_cookies()
    signs_in(page, root)
    page.click("form[data-passkey] button")
    page.wait_for_url("**/work/me/")
    newest = OfficerSession.objects.first()
    assert newest.method == "password+passkey" and len(passkeys.passkeys_of(leader)) == 1
    context.close()
