"""An account is entered by one administrator and opened by another; its person alone knows the password."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.security.conftest import administrator
from zhijian.security import accounts, factors, invitations, roles
from zhijian.security.models import AccessRecord, Officer, Organisation, Role, RoleRequest
from zhijian.security.passwords import PasswordRefused

pytestmark = [pytest.mark.django_db, pytest.mark.database]
AT = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
GOOD = "correct horse battery staple"


def enter(unit, by, **changed):
    said = {
        "username": "wang.wu",
        "name": "王五",
        "name_en": "Wang Wu",
        "staff_number": "017",
        "reason": "新入职",
    }
    said |= changed
    return accounts.enter(said.pop("username"), unit, by=by, at=AT, **said)


def agree(by):
    asked = RoleRequest.objects.get(role=roles.PASSWORD, decided_at=None)
    factors.decide_request(asked, is_agreed=True, by=by, at=AT)
    return invitations.key_for(asked.officer, at=AT)


def test_who_enters_an_account_cannot_hand_out_its_address_and_another_administrator_can(unit, first, second):
    officer = enter(unit, first)
    assert officer.roles == [] and not officer.has_usable_password()
    with pytest.raises(roles.RoleRefused, match="Who asked cannot agree"):
        agree(first)
    key = agree(second)
    assert invitations.account_of(key, at=AT) == officer
    parts = AccessRecord.objects.filter(subject=f"account/{officer.pk}").order_by("sequence")
    assert [(one.part, one.officer) for one in parts] == [
        ("account_entered", first), ("role_asked", first), ("password_invited", second),
    ]  # fmt: skip


def test_an_administrators_second_account_hands_nothing_out(unit, first):
    enter(unit, first)
    with pytest.raises(roles.RoleRefused):
        agree(administrator("again", unit, staff_number="NO-first"))


def test_an_address_opens_once(unit, first, second):
    officer, key = enter(unit, first), agree(second)
    invitations.choose(key, GOOD, GOOD, at=AT)
    officer.refresh_from_db()
    assert officer.check_password(GOOD)
    with pytest.raises(invitations.InvitationRefused):
        invitations.choose(key, GOOD + "!", GOOD + "!", at=AT)


@pytest.mark.parametrize(("days", "opens"), [(2.99, True), (3, True), (3.01, False)])
def test_an_address_opens_for_three_days(unit, first, second, days, opens):
    enter(unit, first)
    key, later = agree(second), AT + timedelta(days=days)
    if opens:
        assert invitations.account_of(key, at=later).username == "wang.wu"
    else:
        with pytest.raises(invitations.InvitationRefused):
            invitations.account_of(key, at=later)


def test_no_address_opens_for_another_account_a_closed_one_or_after_a_letter_was_changed(unit, first, second):
    officer = enter(unit, first)
    key = agree(second)
    for wrong in (key[:-1], key.replace(key[3], "A" if key[3] != "A" else "B", 1), "x", ""):
        with pytest.raises(invitations.InvitationRefused):
            invitations.account_of(wrong, at=AT)
    accounts.close(officer, reason="试", by=first, at=AT)
    with pytest.raises(invitations.InvitationRefused):
        invitations.account_of(key, at=AT)


def test_a_password_that_is_easily_guessed_is_refused_and_the_address_stays(unit, first, second):
    enter(unit, first)
    key = agree(second)
    for new, again in (("short", "short"), (GOOD, GOOD + "x"), ("wangwu-2026-11-29", "wangwu-2026-11-29")):
        with pytest.raises(PasswordRefused):
            invitations.choose(key, new, again, at=AT)
    assert invitations.choose(key, GOOD, GOOD, at=AT).username == "wang.wu"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": "Wang"}, "begins with a small letter"),
        ({"username": "second"}, "is taken"),
        ({"staff_number": " "}, "the staff number and the reason"),
        ({"staff_number": "No-First"}, "your own staff number"),
        ({"reason": ""}, "the staff number and the reason"),
    ],
)
def test_what_cannot_be_entered_is_explained_and_leaves_no_account(unit, first, second, changed, said):
    before = Officer.objects.count()
    with pytest.raises(roles.RoleRefused, match=said):
        enter(unit, first, **changed)
    assert Officer.objects.count() == before and not RoleRequest.objects.exists()


def test_only_an_administrator_of_the_unit_enters_accounts_for_it(unit, first):
    other = Organisation.objects.create(
        code="amr-440105", name="另区局", name_en="Other", level="county", division_code="440105"
    )
    with pytest.raises(roles.RoleRefused, match="steward or leader of the unit"):
        enter(other, first)


def test_a_person_who_forgot_gets_an_address_from_two_and_every_sign_in_ends(unit, first, second, client):
    officer = Officer.objects.create_user(
        "handler", password=GOOD, organisation=unit, roles=[str(Role.HANDLER)], staff_number="9"
    )
    assert accounts.ask_password(officer, reason="忘记密码", by=first, at=AT) is roles.Outcome.ASKED
    key = agree(second)
    assert officer.check_password(GOOD)  # the old one holds until the new one is chosen
    client.force_login(officer)
    invitations.choose(key, GOOD + " 2", GOOD + " 2", at=AT)
    assert client.get("/work/").status_code == 302
    officer.refresh_from_db()
    assert officer.check_password(GOOD + " 2")


def test_from_the_page_of_an_administrator_to_the_first_sign_in(unit, first, second, client, settings):
    client.force_login(first)
    typed = {"username": "wang.wu", "name": "王五", "name_en": "Wang Wu", "number": "017", "reason": "新入职"}
    refused = client.post("/work/officers/", typed | {"number": ""})
    assert refused.status_code == 422 and "姓名、工号和理由都要写" in refused.content.decode()
    assert client.post("/work/officers/", typed).headers["Location"] == "/work/officers/wang.wu/"
    asked = RoleRequest.objects.get(officer__username="wang.wu")
    client.force_login(second)
    assert "给王五一个自己设密码的地址" in client.get("/work/officers/").content.decode()
    page = client.post(f"/work/officers/requests/{asked.pk}/", {"answer": "agree"}).content.decode()
    address = page.split('<code class="hash">http://testserver')[1].split("</code>")[0]
    assert address not in client.get("/work/officers/").content.decode()
    client.logout()
    shown = client.get(address)
    assert shown.status_code == 200 and "wang.wu" in shown.content.decode()
    assert shown.headers["Referrer-Policy"] == "strict-origin"
    assert client.post(address, {"password": "short", "again": "short"}).status_code == 422
    assert client.post(address, {"password": GOOD, "again": GOOD}).headers["Location"] == "/sign-in/"
    assert client.get(address).status_code == 410
    assert client.post("/sign-in/", {"username": "wang.wu", "password": GOOD}).status_code == 302
