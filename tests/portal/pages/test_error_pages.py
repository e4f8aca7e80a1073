"""A page that says what went wrong stands in the frame of whoever reads it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError
from django.test import RequestFactory

from zhijian.apps.consumer.complaints.intake.throttle import TooOften
from zhijian.apps.consumer.complaints.public_pages import public_page
from zhijian.portal.views import errors
from zhijian.security.models import Officer, Organisation, Role

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def officer():
    unit = Organisation.objects.create(
        code="G", name="天河区局", name_en="Tianhe", level="county", division_code="440106"
    )
    return Officer.objects.create_user("who", roles=[Role.HANDLER], organisation=unit)


@public_page
def too_often(request):
    raise TooOften


PAGES = {
    403: errors.forbidden,
    404: lambda request: errors.not_found(request, LookupError()),
    429: too_often,
    500: errors.our_fault,
}


def answer(view, user):
    request = RequestFactory().get("/nowhere/")
    request.user = user
    return view(request)


@pytest.mark.parametrize("status", sorted(PAGES))
def test_an_officer_keeps_the_header_of_work_and_goes_back_to_the_workbench(officer, status):
    made = answer(PAGES[status], officer)
    text = made.content.decode()
    assert made.status_code == status
    assert '<body class="work">' in text and "监管工作" in text and 'href="/work/cases/"' in text


@pytest.mark.parametrize("status", sorted(PAGES))
def test_a_visitor_keeps_the_public_header(status):
    made = answer(PAGES[status], AnonymousUser())
    text = made.content.decode()
    assert made.status_code == status
    assert '<body class="public">' in text and "/work/" not in text


def test_our_own_fault_is_said_even_when_the_database_is_gone(monkeypatch, officer):
    def gone(user):
        raise OperationalError("the connection is closed")

    monkeypatch.setattr("zhijian.portal.context.unread_count", gone)
    made = answer(errors.our_fault, officer)
    assert made.status_code == 500 and "已记录，编号" in made.content.decode()
