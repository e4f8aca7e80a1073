"""In a browser: a county accepts a complaint, mediates, agrees and publishes; the firm's file holds what was upheld."""

from datetime import timedelta

import pytest
from django.utils import timezone

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(transactional_db, live_server, chromium, office):
    """Sign an officer in, with a page of their own that refuses any error of its scripts."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    contexts, url = [], live_server.url.replace("localhost", "127.0.0.1")

    def sign_in(officer, width=1440):
        session = SessionStore()
        session[SESSION_KEY] = str(officer.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = officer.get_session_auth_hash()
        session.create()
        context = chromium.new_context(viewport={"width": width, "height": 900}, base_url=url, locale="zh-CN")
        context.add_cookies([{"name": "sessionid", "value": session.session_key, "url": url}])
        context.set_default_timeout(150_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        return page

    yield sign_in
    for context in contexts:
        context.close()


def hand_in(page, case_id, **answers):
    """Fill in the open step's form, as an officer does, and finish the step."""
    page.goto(f"/work/cases/{case_id}/", wait_until="domcontentloaded")
    for name, value in answers.items():
        if value is True:
            page.check(f"#doing [name={name}]")
        elif name in ("outcome", "mode"):
            page.check(f"#doing [name={name}][value={value}]")
        else:
            page.fill(f"#doing [name={name}]", value)
    page.click("#doing .actions .btn-primary")
    page.wait_for_load_state()
    assert page.locator(".error-summary").count() == 0, page.locator(".error-summary").inner_text()


def test_a_county_accepts_mediates_agrees_and_publishes(desk, office, journey):
    from zhijian.apps.consumer.complaints.models import Complaint
    from zhijian.engines.facts.models import Fact

    journey.day = timezone.localdate() - timedelta(days=1)
    complaint = journey.complaint()
    handler = desk(office.handler)
    hand_in(desk(office.intake, width=390), complaint.case_id, outcome="pass")
    hand_in(handler, complaint.case_id, outcome="accept", contact="示例李 020-12315")
    hand_in(handler, complaint.case_id, outcome="mediate", mode="on_site", mediators="示例王")
    hand_in(
        desk(office.mediator),
        complaint.case_id,
        outcome="agreed",
        mode="on_site",
        held_on=timezone.localdate().isoformat(),
        statement="双方到场，商家承认饼干过期。",
        agreement="退款58元。",
        agreed_yuan="58.00",
    )
    hand_in(
        handler,
        complaint.case_id,
        is_upheld=True,
        finding="核对小票与实物，情况属实。",
        wants_publication=True,
        public_summary="销售过期食品，调解后退款。",
    )
    assert Complaint.objects.get().state == "closed"
    assert handler.locator(".case-head .pill").first.inner_text()
    told = Fact.objects.filter(subject=complaint.respondent_code).values_list("kind", flat=True)
    assert set(told) == {"complaint.upheld", "complaint.published"}
