"""Behind the site's own proxy each visitor is who the proxy saw, for the limits of sign-in too; nobody names another address."""

import pytest
from django.test import Client

from tests.security.test_signing_in import PASSWORD, person
from zhijian.security.models import OfficerSession, Role

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PROXY = {"HTTP_USER_AGENT": "Browser 1", "REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"}


@pytest.fixture(autouse=True)
def behind_nginx(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def tries(forwarded, password):
    return Client(**PROXY, HTTP_X_FORWARDED_FOR=forwarded).post(
        "/sign-in/", {"username": "clerk", "password": password}
    )


def test_wrong_passwords_from_one_visitor_lock_that_visitor_and_nobody_else_behind_the_proxy():
    person("clerk", Role.INTAKE)
    for _ in range(5):
        tries("203.0.113.9", "wrong password")
    tries("203.0.113.9", PASSWORD)
    assert not OfficerSession.objects.exists()  # the right one comes too late
    assert tries("10.1.2.3", PASSWORD).status_code == 302
    assert OfficerSession.objects.get().network == "10.1.2.0/24"


def test_who_writes_another_address_before_the_proxy_s_is_counted_all_the_same():
    person("clerk", Role.INTAKE)
    for number in range(5):
        tries(f"198.51.100.{number}, 203.0.113.9", "wrong password")
    tries("198.51.100.77, 203.0.113.9", PASSWORD)
    assert not OfficerSession.objects.exists()
