"""The header of an officer holds what the officer may open, and nothing else."""

import pytest

from zhijian.portal.work_navigation import _MENU, work_menu
from zhijian.security.models import Officer, Organisation, Role
from zhijian.security.permissions import may

pytestmark = pytest.mark.django_db


def officer_with(*roles):
    unit = Organisation.objects.create(
        code="G", name="天河区局", name_en="Tianhe", level="county", division_code="440106"
    )
    return Officer.objects.create_user("who", roles=list(roles), organisation=unit)


def links(menu):
    return [link for entry in menu for link in entry.get("pages", [entry])]


# Pages of the public that officers work with: the link is for those who do, the page for everybody.
PUBLIC = {"/data/quarantine/", "/data/catalogue/", "/entities/", "/results/"}


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.ASSOCIATION}))
def test_every_link_opens_for_whoever_is_shown_it_and_the_rest_is_not_shown(client, role):
    officer = officer_with(role)
    client.force_login(officer)
    shown = {link["href"] for link in links(work_menu(officer, "/"))}
    assert shown
    for href in sorted(shown):
        assert client.get(href).status_code == 200, href
    hidden = {page.href for group in _MENU for page in group.pages if not may(officer, page.needs)} - shown
    for href in sorted(hidden - PUBLIC):
        assert client.get(href).status_code in (302, 403), href


def test_the_shown_page_and_its_group_are_marked(client):
    officer = officer_with(Role.LEADER)
    menu = work_menu(officer, "/work/rewards/payments/7/")
    assert [link["href"] for link in links(menu) if link["current"] and "href" in link] == ["/work/rewards/"]
    assert [entry["label"] for entry in menu if entry["current"]] == ["消费维权"]
    assert [link["href"] for link in links(work_menu(officer, "/work/")) if link["current"]] == ["/work/"]


def test_a_group_is_opened_by_its_word_and_stands_in_the_page(client):
    client.force_login(officer_with(Role.LEADER))
    text = client.get("/work/cases/").content.decode()
    assert "<summary>消费维权</summary>" in text and 'href="/work/cases/" aria-current="page"' in text
