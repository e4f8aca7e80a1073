"""Each address of the site and its API opens for whom a table says, and for nobody else (GB/T 22239-2019 8.1.4.2)."""

import csv
import io
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from zhijian.security import access_matrix
from zhijian.security.addresses import Answer, Door, answer, declared, needs_of
from zhijian.security.models import Officer, Organisation, Role
from zhijian.security.permissions import Forbidden, Permission, may

DOCUMENT = Path(__file__).parents[2] / "docs" / "security" / "access-matrix.csv"
TYPED = {
    "int": "7", "uuid": "00000000-0000-4000-8000-000000000007", "slug": "inspectors", "str": "x7", "path": "x7",
}  # fmt: skip


def routes(patterns=None, before=""):
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, route)
        else:
            yield route


def address_of(route):
    """Return an address that the resolver leads to this route: each place in it filled with something of its kind."""
    if route.startswith("^"):
        filled = {
            "(?P<folder>draws|seals|publicity)": "draws", "(?P<name>[^/]+)": "x7",
            "(?P<document_id>[0-9a-f-]{36})": TYPED["uuid"], "(?P<form>pdf|docx)": "pdf",
            r"(?P<number>\d{1,9})": "7", "(?P<form>pdf|docx|zip)": "pdf",
        }  # fmt: skip
        text = route.strip("^$")
        for place, value in filled.items():
            text = text.replace(place, value)
        text = text.replace("\\.", ".")
        return f"/{text}"
    parts = route.split("<")
    return f"/{parts[0]}" + "".join(
        TYPED[place.partition(":")[0] if ":" in place else "str"] + rest
        for place, _, rest in (part.partition(">") for part in parts[1:])
    )


ALL = sorted(routes())
RIGHTS = sorted(one.address for one in declared().values() if isinstance(one.opens_for, frozenset))


def test_every_address_says_for_whom_it_opens_and_no_line_is_left_of_one_that_is_gone():
    assert set(ALL) - set(declared()) == set(), "add their lines to security/addresses.csv"
    assert set(declared()) - set(ALL) == set(), "these lines of security/addresses.csv name no address"


def test_the_matrix_in_the_documents_is_the_one_of_the_code():
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(access_matrix.rows())
    assert DOCUMENT.read_text("utf-8") == out.getvalue(), "run scripts/generated_docs.py"


def test_an_address_that_nobody_declared_opens_for_nobody():
    with pytest.raises(Forbidden, match=r"addresses\.csv"):
        needs_of("work/quite-new/", is_acting=False)


@pytest.fixture
def people(db):
    """One officer in each role, one without a unit and one whose account is closed, each signed in once."""
    unit = Organisation.objects.create(
        code="g", name="天河区局", name_en="Tianhe", level="county", division_code="440106"
    )

    def signed_in(name, **more):
        client = Client(raise_request_exception=False)
        client.force_login(Officer.objects.create_user(name, **more))
        return client

    found = {role: signed_in(role, roles=[role], organisation=unit) for role in Role.values}
    found["no unit"] = signed_in("nobody", roles=list(Role.values))
    found["closed account"] = signed_in("gone", roles=list(Role.values), organisation=unit)
    Officer.objects.filter(username="gone").update(is_active=False)
    return found


def test_every_address_of_officers_refuses_whoever_the_matrix_refuses(people):
    """The real site is asked: the pages behind need no data, for none of them runs."""
    told = 0
    for route in RIGHTS:
        needs, address = declared()[route].opens_for, address_of(route)
        wrong = [
            name for name in people if answer(needs, access_matrix.sample(name), has_firm=False) != "open"
        ]
        for name in {wrong[0], wrong[-1], "no unit", "closed account"}:
            status = people[name].get(address).status_code
            assert status in ((302, 401, 403) if name == "closed account" else (403,)), (
                name,
                address,
                status,
            )
            told += 1
    assert told > 2.5 * len(RIGHTS)


def test_who_is_not_signed_in_gets_no_page_of_officers_firms_or_other_systems(client, db):
    for route in ALL:
        needs = declared()[route].opens_for
        if isinstance(needs, frozenset) or needs in (Door.FIRM, Door.OFFICER, Door.SYSTEM, Door.NOBODY):
            status = client.get(address_of(route)).status_code
            assert status in (302, 401, 403, 404, 405), (route, status)
            assert status != 404 or needs is Door.NOBODY, route


def test_a_page_of_every_officer_refuses_who_has_no_unit_and_whose_account_is_closed(people):
    mine = [address_of(route) for route in ALL if declared()[route].opens_for is Door.OFFICER]
    assert "/work/me/" in mine
    for address in mine:
        assert people["no unit"].get(address).status_code == 403, address
        assert people["closed account"].get(address).status_code in (302, 401, 403), address
    assert people[Role.INSPECTOR].get("/work/me/").status_code == 200


@pytest.mark.parametrize("role", Role.values)
def test_a_right_ends_at_the_border_of_the_units_area(role):
    there = access_matrix.sample(role, division="440300")
    for permission in Permission:
        assert not may(there, permission, division="440106"), permission
        needs = frozenset({permission})
        assert answer(needs, there, has_firm=False, division="440106") is Answer.FORBIDDEN


def test_an_account_of_a_firm_opens_no_page_of_officers():
    for route in RIGHTS:
        for needs in (declared()[route].opens_for, declared()[route].acts_for):
            assert answer(needs, AnonymousUser(), has_firm=True) is Answer.SIGN_IN, route


def test_another_departments_people_open_their_joint_visits_their_measures_and_their_own_sign_in_alone():
    partner = access_matrix.sample(Role.PARTNER)
    opened = {
        route
        for route in RIGHTS
        if answer(declared()[route].opens_for, partner, has_firm=False) is Answer.OPEN
    }
    assert opened == {
        "work/joint/",
        "work/joint/<str:plan>/",
        "work/joint/visits/<int:visit_id>/",
        "work/measures/answers/",
    }


def test_what_is_sent_never_needs_less_than_what_is_read():
    for one in declared().values():
        for role in Role.values:
            officer = access_matrix.sample(role)
            if answer(one.acts_for, officer, has_firm=False) is Answer.OPEN:
                assert answer(one.opens_for, officer, has_firm=False) is Answer.OPEN, (one.address, role)
