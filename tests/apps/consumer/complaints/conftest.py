"""Two counties with their people, and a shop to complain about: enough for whole journeys.

Django is not ready when this file is read, so what needs it is imported inside.
"""

from types import SimpleNamespace

import pytest


@pytest.fixture
def office(db, django_user_model):
    """A county's unit and its people by role; `other` is the neighbouring county's unit."""
    from zhijian.security.models import Organisation

    def unit(division, name, parent=None, level="county"):
        return Organisation.objects.create(
            code=f"amr-{division}",
            name=name,
            name_en=f"AMR {division} (example)",
            level=level,
            division_code=division,
            parent=parent,
            is_synthetic=True,
        )

    city = unit("440100", "示例广州市市场监督管理局", level="city")
    here, there = unit("440106", "示例天河区局", city), unit("440104", "示例越秀区局", city)

    def officer(role, at=here, name=""):
        return django_user_model.objects.create(
            username=f"{name or role}-{at.division_code}",
            display_name=f"示例{name or role}",
            organisation=at,
            roles=[role],
            is_synthetic=True,
        )

    return SimpleNamespace(
        unit=here,
        other=there,
        intake=officer("intake"),
        handler=officer("handler"),
        second=officer("handler", name="second"),
        mediator=officer("mediator"),
        leader=officer("leader"),
        city_leader=officer("leader", city),
        other_intake=officer("intake", there),
        other_handler=officer("handler", there),
    )


@pytest.fixture
def clock():
    """Set what every page takes for now; nobody waits for a deadline."""
    from unittest.mock import patch

    with patch("django.utils.timezone.now") as now:

        def set_to(moment):
            now.return_value = moment

        yield set_to


@pytest.fixture
def desk(transactional_db, live_server, chromium):
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
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        return page

    yield sign_in
    for context in contexts:
        context.close()


@pytest.fixture
def journey(office):
    """Hand submissions in and take the steps of their cases, as the pages would."""
    from tests.apps.consumer.complaints.casework import Journey

    return Journey(office)
