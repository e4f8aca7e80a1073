"""``zhijian officer``: an administrator sees and sets to which part of the area somebody is limited; it is written down."""

import json

import pytest
from click.testing import CliRunner

from zhijian.operations.commands.officer import command
from zhijian.security.models import AccessRecord, Officer, Organisation, Role
from zhijian.security.permissions import Permission, may

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def people():
    province, city, county = (
        Organisation.objects.create(
            code=f"amr-{code}", name=f"示例{code}", name_en=code, level=level, division_code=code
        )
        for code, level in (("440000", "province"), ("440100", "city"), ("440106", "county"))
    )

    def officer(name, unit, *roles):
        return Officer.objects.create(
            username=name, organisation=unit, roles=[str(role) for role in roles], staff_number=f"no-{name}"
        )

    return {
        "steward": officer("steward", city, Role.STEWARD),
        "handler": officer("handler", county, Role.HANDLER),
        "above": officer("above", province, Role.HANDLER),
    }


def run(*words):
    return CliRunner().invoke(command, list(words))


def area(*words, by="steward", reason="派驻站里"):
    return run("area", *words, "--by", by, "--reason", reason)


def test_an_officer_is_limited_to_a_station_and_the_change_is_in_the_chain_of_looks(people):
    assert "全辖区" in run("area", "handler").output
    done = area("handler", "440106001")
    assert done.exit_code == 0 and "限于" in done.output
    officer = Officer.objects.get(username="handler")
    assert may(officer, Permission.VIEW_COMPLAINT, division="440106", place="440106001")
    assert not may(officer, Permission.VIEW_COMPLAINT, division="440106", place="440106002")
    look = AccessRecord.objects.get(part="area_set")
    assert (look.officer.username, look.subject) == ("steward", f"account/{officer.pk}")
    assert look.reason == "全辖区→440106001：派驻站里"


def test_the_same_again_changes_nothing_and_the_whole_area_is_given_back(people):
    area("handler", "440106001")
    assert "没有改变" in area("handler", "440106001").output
    assert "全辖区" in area("handler", "--whole").output
    assert Officer.objects.get(username="handler").division_code == ""
    assert AccessRecord.objects.filter(part="area_set").count() == 2


@pytest.mark.parametrize(
    ("words", "more", "said"),
    [
        (("handler", "440105"), {}, "不是示例440106辖区内"),
        (("handler", "44010"), {}, "不是示例440106辖区内"),
        (("handler", "440106001"), {"reason": " "}, "请写明理由"),
        (("handler", "440106001"), {"by": "handler"}, "只有数据管理员"),
        (("steward", "440106"), {}, "不能给自己"),
        (("above", "440106"), {}, "只能定本单位和下级"),
        (("handler", "440106001"), {"by": "nobody"}, "--by"),
        (("nobody", "440106001"), {}, "没有nobody这个账号"),
        (("handler", "440106001", "--whole"), {}, "只能写一个"),
    ],
)
def test_what_cannot_be_set_is_explained_and_nothing_is_changed(people, words, more, said):
    refused = area(*words, **more)
    assert refused.exit_code != 0 and said in refused.output
    assert not Officer.objects.exclude(division_code="").exists() and not AccessRecord.objects.exists()


def test_the_list_shows_who_is_limited_as_lines_of_json_where_asked(people):
    area("handler", "440106001")
    lines = run("list", "--limited", "--json").output.splitlines()
    (row,) = map(json.loads, lines)
    assert (row["username"], row["unit"], row["division_code"]) == ("handler", "amr-440106", "440106001")
    assert "handler  amr-440106  handler" in run("list", "--unit", "amr-440106").output
    assert run("list", "--unit", "amr-1").exit_code != 0


def test_a_role_is_given_by_one_and_a_privileged_one_by_two_persons(people):
    city = people["steward"].organisation
    Officer.objects.create(
        username="second", organisation=city, roles=[str(Role.LEADER)], staff_number="no-second"
    )

    def by(name, *words):
        return run(*words, "--by", name)

    given = by("steward", "role", "handler", "mediator", "--reason", "兼任调解")
    assert given.exit_code == 0 and "done" in given.output
    assert "nothing changed" in by("steward", "role", "handler", "mediator", "--reason", "再来一次").output
    assert "waits for a second" in by("steward", "role", "handler", "finance", "--reason", "接任出纳").output
    assert by("steward", "agree", "handler", "finance").exit_code == 1
    assert Officer.objects.get(username="handler").roles == ["handler", "mediator"]
    assert "agreed" in by("second", "agree", "handler", "finance").output
    assert Officer.objects.get(username="handler").roles == ["handler", "mediator", "finance"]
    parts = set(AccessRecord.objects.values_list("part", flat=True))
    assert parts == {"role_given", "role_asked"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("role", "handler", "king", "--by", "steward", "--reason", "试"), "没有“king”这个岗位"),
        (("role", "handler", "mediator", "--by", "steward"), "请写明理由"),
        (("role", "steward", "mediator", "--by", "steward", "--reason", "试"), "不能给自己"),
        (("role", "handler", "mediator", "--by", "handler", "--reason", "试"), "数据管理员"),
        (("role", "handler", "mediator", "--by", "nobody", "--reason", "试"), "没有nobody这个账号"),
        (("agree", "handler", "auditor", "--by", "steward"), "没有等决定的"),
    ],
)
def test_a_role_that_cannot_be_given_is_explained(people, words, said):
    refused = run(*words)
    assert refused.exit_code != 0 and said in refused.output
    assert Officer.objects.get(username="handler").roles == ["handler"]


def test_an_account_is_closed_opened_and_given_its_staff_number_with_a_reason(people):
    by = ("--by", "steward", "--reason", "调离")
    assert "closed" in run("close", "handler", *by).output
    assert not Officer.objects.get(username="handler").is_active
    assert "nothing changed" in run("close", "handler", *by).output
    assert "open" in run("open", "handler", *by).output and Officer.objects.get(username="handler").is_active
    assert run("number", "handler", "44-017", *by).exit_code == 0
    assert Officer.objects.get(username="handler").staff_number == "44-017"
    parts = AccessRecord.objects.order_by("sequence").values_list("part", flat=True)
    assert list(parts) == ["account_closed", "account_opened", "staff_number_set"]
    refused = run("close", "steward", "--by", "steward", "--reason", "试")
    assert refused.exit_code == 1 and "不能给自己" in refused.output
