"""Signing out with an outside provider in Chromium: from here to the provider and back, past the policy of the site's pages."""

import re

import oidc_provider_mock
import pytest
from playwright.sync_api import expect

from tests.security.test_signing_in import person
from zhijian.infrastructure import openid
from zhijian.security.models import OfficerSession, Role

pytestmark = pytest.mark.browser


def test_an_officer_signs_out_here_and_is_led_to_the_provider_and_back(
    chromium, transactional_db, live_server, settings, home
):
    person("clerk", Role.INTAKE)
    known = [oidc_provider_mock.User(sub="alice", claims={"staff_number": "no-clerk"})]
    with oidc_provider_mock.run_server_in_thread(user_claims=known) as server:
        root, issuer = live_server.url, f"http://localhost:{server.server_port}"
        settings.SITE = f"{root}/"
        settings.OPENID_PROVIDER = openid.Provider(issuer, "zhijian", "secret", "staff_number")
        context = chromium.new_context(locale="zh-CN")
        page = context.new_page()
        page.goto(f"{root}/sign-in/outside/?next=/work/me/")
        page.locator("button", has_text="alice").first.click()
        page.wait_for_url(f"{root}/work/me/")
        page.locator("form[data-sign-out] button").first.click()
        page.wait_for_url(re.compile(rf"^{issuer}/oauth2/end_session\?"))
        assert OfficerSession.objects.get().end_reason == "signed_out", "first here"
        page.locator("button", has_text="End session").click()
        page.wait_for_url(f"{root}/sign-out/outside/done/?state=*")
        expect(page.locator("main")).to_contain_text("统一身份认证也已经处理了退出")
        context.close()
