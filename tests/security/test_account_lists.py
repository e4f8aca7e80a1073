"""Many accounts from one file: whole or not at all, and by two persons; each person alone knows the own password."""

import csv
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.security.conftest import administrator
from zhijian.engines.facts import accounts_kept
from zhijian.security import account_lists, chain, factors, invitations, roles
from zhijian.security.account_lists import ListRefused
from zhijian.security.models import AccessRecord, Officer, Organisation, Role, RoleRequest

pytestmark = [pytest.mark.django_db, pytest.mark.database]
AT = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
HEAD = "username,unit,name,name_en,staff_number,roles\n"
TWO = HEAD + "wang.wu,amr-440106,示例甲,Sample A,017,handler;mediator\nzhao.liu,amr-440106,示例乙,,018,\n"


@pytest.fixture
def elsewhere():
    return Organisation.objects.create(
        code="amr-440305", name="示例乙区局", name_en="Another county", level="county", division_code="440305"
    )


def enter(text, by, at=AT):
    return account_lists.enter(text.encode(), reason="机构改革划转", by=by, at=at)


def faults(text, by):
    with pytest.raises(ListRefused) as refused:
        enter(text, by)
    assert not RoleRequest.objects.exists() and not AccessRecord.objects.exists()  # nothing half done
    return [(one.line, one.zh, one.en) for one in refused.value.faults]


def test_a_list_is_entered_without_roles_and_passwords_and_another_administrator_gives_both(
    unit, first, second
):
    number = enter(TWO, first)
    made = Officer.objects.filter(username__in=["wang.wu", "zhao.liu"])
    assert [(one.roles, one.has_usable_password()) for one in made] == [([], False)] * 2
    assert account_lists.shown(number, by=second) == [
        ("wang.wu", "amr-440106", "示例甲", "017", f"{Role.HANDLER.label}、{Role.MEDIATOR.label}"),
        ("zhao.liu", "amr-440106", "示例乙", "018", "—"),
    ]
    with pytest.raises(roles.RoleRefused, match="Who asked cannot agree"):
        account_lists.decide(number, is_agreed=True, by=first, at=AT)
    agreed = account_lists.decide(number, is_agreed=True, by=second, at=AT)
    assert [one.username for one in agreed] == ["wang.wu", "zhao.liu"]
    assert Officer.objects.get(username="wang.wu").roles == ["handler", "mediator"]
    told = list(account_lists.addresses(agreed, site="https://zhijian.example/", at=AT))
    assert len({row[3] for row in told[1:]}) == 2
    for officer, row in zip(agreed, told[1:], strict=True):
        assert invitations.account_of(row[3].rstrip("/").rpartition("/")[2], at=AT) == officer
    with pytest.raises(roles.RoleRefused, match="Nothing of this list"):
        account_lists.decide(number, is_agreed=True, by=second, at=AT)


def test_the_chain_of_looks_tells_each_account_as_if_it_had_been_entered_by_itself(unit, first, second):
    account_lists.decide(enter(TWO, first), is_agreed=True, by=second, at=AT)
    officer = Officer.objects.get(username="wang.wu")
    looks = AccessRecord.objects.filter(subject=f"account/{officer.pk}").order_by("sequence")
    assert [(one.part, one.officer.username) for one in looks] == [
        ("account_entered", "first"), ("role_asked", "first"), ("role_asked", "first"), ("role_asked", "first"),
        ("password_invited", "second"), ("role_given", "second"), ("role_given", "second"),
    ]  # fmt: skip
    assert list(chain.broken(AccessRecord.objects.order_by("sequence"))) == []


def test_accounts_of_a_list_are_no_accounts_that_nobody_entered(unit, first, second):
    roles.record_look(first, "account/0", "officer_page", at=AT)
    accounts_kept.anchor(at=AT)
    account_lists.decide(enter(TWO, first), is_agreed=True, by=second, at=AT)
    assert list(accounts_kept.differences()) == []


def test_every_fault_of_the_file_is_told_with_its_line_and_remedy_and_nothing_is_entered(
    unit, elsewhere, first
):
    text = HEAD + (
        "wang.wu,amr-440106,示例甲,,017,handler\n"
        "wang.wu,amr-440106,示例乙,,018,\n"
        "first,amr-440106,示例丙,,019,\n"
        "No One,amr-440106,,,017,\n"
        "zhao.liu,amr-999999,示例丁,,020,emperor\n"
        "sun.qi,amr-440305,示例戊,,021,\n"
        "zhou.ba,amr-440106,示例己,,022,steward\n"
        "wu.jiu,amr-440106,示例庚,,023,partner;handler\n"
        "zheng.shi,amr-440106,示例辛,,NO-FIRST,\n"
    )
    told = faults(text, first)
    assert [(line, en.split(".")[0]) for line, _, en in told] == [
        (3, "The user name wang"),
        (4, "The user name first is taken"),
        (
            5,
            "'No One': A user name begins with a small letter and has 3 to 40 small letters, digits, dots or hyphens",
        ),
        (5, "name is empty"),
        (5, "The staff number 017 stands on line 2 already"),
        (6, "There is no unit 'amr-999999'"),
        (6, "There is no role 'emperor'"),
        (7, "You do not administer the unit amr-440305"),
        (8, "The role steward is not given by lists"),
        (9, "People of another department hold no role of market supervision"),
        (10, "This is your own staff number"),
    ]
    assert all(zh.endswith("。") and en.endswith(".") for _, zh, en in told[:-1])
    assert Officer.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "line", "remedy"),
    [
        (TWO.encode("gb18030"), 2, "CSV UTF-8"),
        (b"name,unit\n", 1, "The head must be username,unit"),
        (HEAD.encode(), 1, "from 1 to"),
        ((HEAD + "a.b,amr-440106,x,,1,,y\n").encode(), 2, "double quotes"),
        ((HEAD + "a.b,amr-440106,\0,,1,\n").encode(), 2, "a NUL"),
        ((HEAD + 'a.b,amr-440106,"' + "x" * 200_000 + '",,1,\n').encode(), 2, "cannot be read"),
    ],
    ids=("gb18030", "other columns", "no row", "too many fields", "nul", "endless field"),
)
def test_a_file_of_another_form_is_refused_with_what_it_should_be(
    unit, first, usual_csv_limit, data, line, remedy
):
    with pytest.raises(ListRefused) as refused:
        account_lists.enter(data, reason="试", by=first, at=AT)
    (fault,) = refused.value.faults
    assert fault.line == line and remedy in fault.en


def test_a_file_with_a_mark_of_excel_chinese_semicolons_and_names_of_roles_is_taken(unit, first):
    text = HEAD + f"wang.wu,amr-440106,示例甲,,017,{Role.HANDLER.label}；mediator\n"
    (row,) = account_lists.check(account_lists.read(b"\xef\xbb\xbf" + text.encode()), by=first)
    assert row.roles == ("handler", "mediator")


def test_a_second_account_of_the_asker_agrees_to_nothing(unit, first):
    number = enter(TWO, first)
    again = administrator("again", unit, staff_number=" NO-first ")
    with pytest.raises(roles.RoleRefused):
        account_lists.decide(number, is_agreed=True, by=again, at=AT)


def test_who_administers_only_a_part_of_the_list_neither_sees_nor_decides_it(unit, elsewhere, second):
    province = Organisation.objects.create(
        code="amr-440000", name="示例省局", name_en="Province", level="province", division_code="440000"
    )
    both = TWO + "sun.qi,amr-440305,示例丙,,019,\n"
    number = enter(both, administrator("top", province))
    for ask in (
        lambda: account_lists.shown(number, by=second),
        lambda: account_lists.decide(number, is_agreed=True, by=second, at=AT),
    ):
        with pytest.raises(roles.RoleRefused, match=r"sun\.qi"):
            ask()
    assert RoleRequest.objects.filter(decided_at=None).count() == 5


def test_a_list_that_is_refused_gives_nothing_and_one_that_is_too_old_cannot_be_agreed_to(
    unit, first, second
):
    number = enter(TWO, first)
    late = AT + timedelta(days=roles.REQUEST_DAYS.on(AT.date()))
    with pytest.raises(roles.RoleRefused, match="expired"):
        account_lists.decide(number, is_agreed=True, by=second, at=late)
    account_lists.decide(number, is_agreed=False, by=second, at=AT)
    assert Officer.objects.get(username="wang.wu").roles == []
    assert set(RoleRequest.objects.values_list("is_agreed", flat=True)) == {False}


def test_what_is_asked_for_by_itself_is_never_decided_as_a_list(unit, first, second):
    officer = administrator("third", unit)
    roles.change(officer, str(Role.LEADER), is_giving=True, reason="试", by=first, at=AT)
    asked = RoleRequest.objects.get()
    with pytest.raises(roles.RoleRefused, match="Nothing of this list"):
        account_lists.decide(asked.pk, is_agreed=True, by=second, at=AT)
    with pytest.raises(roles.RoleRefused, match="unit above"):
        factors.decide_request(asked, is_agreed=True, by=second, at=AT)


def test_a_list_waits_as_one_line_however_many_rows_it_has(unit, first):
    number = enter(TWO, first)
    (one,) = account_lists.waiting(roles.open_requests(unit, at=AT))
    assert (one.number, one.accounts) == (number, 2)


def test_a_list_of_many_rows_asks_the_database_no_more_often_than_a_short_one(unit, first, second):
    """Rows go in by five hundred: what grows is the size of a statement, not how many there are."""

    def asked(count, start):
        text = HEAD + "".join(
            f"u{start + n},amr-440106,示例{n},,s{start + n},handler\n" for n in range(count)
        )
        with CaptureQueriesContext(
            connection,
        ) as counted:
            number = enter(text, first, at=AT + timedelta(seconds=start))
            account_lists.decide(number, is_agreed=True, by=second, at=AT + timedelta(seconds=start))
        return len(counted)

    assert asked(200, 1000) <= asked(3, 2000) + 20  # SQLite takes fewer values in one statement


def _file(text):
    return SimpleUploadedFile("officers.csv", text.encode(), content_type="text/csv")


def test_from_the_page_of_one_administrator_over_that_of_another_to_an_address_for_each(
    unit, first, second, client
):
    new = "/work/officers/lists/new/"
    client.force_login(first)
    wrong = client.post(new, {"act": "check", "file": _file(TWO.replace("handler", "emperor"))})
    assert wrong.status_code == 422 and "第2行：没有“emperor”这个岗位" in wrong.content.decode()
    assert "2行都可以登记" in client.post(new, {"act": "check", "file": _file(TWO)}).content.decode()
    assert client.post(new, {"act": "check"}).status_code == 422
    assert client.post(new, {"act": "enter", "file": _file(TWO)}).status_code == 422  # no reason
    assert not RoleRequest.objects.exists()
    page = client.post(new, {"act": "enter", "file": _file(TWO), "reason": "划转"}).headers["Location"]
    own = client.get(page).content.decode()
    assert (
        "wang.wu" in own and "zhao.liu" in own and "另一位管理人员决定" in own and 'value="agree"' not in own
    )
    client.force_login(second)
    listed = client.get("/work/officers/").content.decode()
    assert "成批登记2个账号" in listed and page in listed
    assert "自己设密码的地址</div>" not in listed  # not once more for each row
    given = client.post(page, {"answer": "agree"})
    assert given.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(given.content.decode("utf-8-sig").splitlines()))
    assert [row["username"] for row in rows[:2]] == ["wang.wu", "zhao.liu"]
    assert rows[2]["username"].startswith("# 导出 exported: second")  # whoever passes the file on is known
    client.logout()
    for row in rows[:2]:
        assert client.get(row["address"].removeprefix("http://testserver")).status_code == 200
    assert client.get(page).status_code == 302


def test_who_looks_at_a_list_leaves_a_look_and_who_administers_nobody_sees_none(unit, first, second, client):
    number = enter(TWO, first, at=timezone.now())
    client.force_login(second)
    client.get(f"/work/officers/lists/{number}/")
    assert AccessRecord.objects.filter(subject=f"account_list/{number}", officer=second).count() == 1
    client.post(f"/work/officers/lists/{number}/", {"answer": "refuse"})
    assert client.get(f"/work/officers/lists/{number}/").status_code == 404
    client.force_login(
        Officer.objects.create_user("clerk", organisation=unit, roles=[str(Role.HANDLER)], staff_number="9")
    )
    for address in ("new", str(number)):
        assert client.get(f"/work/officers/lists/{address}/").status_code == 403


def test_the_file_for_the_addresses_is_opened_before_anything_is_decided(unit, first, second, tmp_path):
    from click.testing import CliRunner

    from zhijian.operations.commands.officer import command

    number = account_lists.enter(TWO.encode(), reason="机构改革划转", by=first, at=timezone.now())

    def agree(by, file):
        return CliRunner().invoke(
            command, ["agree-list", str(number), "--by", by, "--addresses", str(tmp_path / file)]
        )

    assert "写不了" in agree("second", "none/addresses.csv").output
    assert agree("first", "own.csv").exit_code == 1 and not (tmp_path / "own.csv").exists()
    assert not AccessRecord.objects.filter(officer=second).exists()
    assert agree("second", "addresses.csv").exit_code == 0
    assert len((tmp_path / "addresses.csv").read_text("utf-8-sig").splitlines()) >= 2
    assert (tmp_path / "addresses.csv").stat().st_mode & 0o077 == 0
    assert "已存在" in agree("second", "addresses.csv").output
