"""A new installation: units from a file, two administrators who vouch for each other, and from then on two for each account."""

import re

import pytest
from click.testing import CliRunner

from zhijian.operations.commands import officer as officer_verb
from zhijian.operations.commands import unit as unit_verb
from zhijian.security.models import AccessRecord, Officer, Organisation, Role

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HEAD = "code,name,name_en,level,division_code,parent"
UNITS = (
    "amr-440000,某省局,Province,province,440000,",
    "amr-440100,某市局,City,city,440100,amr-440000",
    "amr-440106,某区局,County,county,440106,amr-440100",
)
TWO = ("zhang.san,440000-001,张三,Zhang San", "li.si,440000-002,李四,Li Si")
GOOD = "correct horse battery staple"


@pytest.fixture
def load(tmp_path):
    def run(*lines, by="", head=HEAD):
        file = tmp_path / "units.csv"
        file.write_text("\n".join((head, *lines)) + "\n", "utf-8")
        return CliRunner().invoke(unit_verb.command, ["load", str(file), *(["--by", by] if by else [])])

    return run


def officer(*words):
    return CliRunner().invoke(officer_verb.command, list(words))


def found(*people, unit="amr-440000"):
    return officer("found", unit, *(word for one in people or TWO for word in ("--person", one)))


def address(output, name):
    return re.search(rf"{re.escape(name)}：https?://[^/]+(/sign-in/first/\S+)", output)[1]


def test_from_nothing_to_an_officer_who_signs_in(load, client):
    assert "新登记 3 个" in load(*UNITS).output
    founded = found().output
    for name in ("zhang.san", "li.si"):
        client.post(address(founded, name), {"password": f"{GOOD} {name[0]}9", "again": f"{GOOD} {name[0]}9"})
        assert Officer.objects.get(username=name).check_password(f"{GOOD} {name[0]}9")
    entered = officer(
        "new", "wang.wu", "--unit", "amr-440106", "--name", "王五", "--number", "440106-017",
        "--by", "zhang.san", "--reason", "新入职",
    )  # fmt: skip
    assert entered.exit_code == 0 and "sign-in" not in entered.output
    assert officer("agree", "wang.wu", "password", "--by", "zhang.san").exit_code == 1
    client.post(
        address(officer("agree", "wang.wu", "password", "--by", "li.si").output, "wang.wu"),
        {"password": GOOD, "again": GOOD},
    )
    assert officer("role", "wang.wu", "handler", "--by", "zhang.san", "--reason", "新入职").exit_code == 0
    assert client.post("/sign-in/", {"username": "wang.wu", "password": GOOD}).status_code == 302
    assert Officer.objects.get(username="wang.wu").roles == [Role.HANDLER]


def test_the_first_two_vouch_for_each_other_in_the_chain_of_looks(load):
    load(*UNITS)
    found()
    vouched = {
        (one.officer.username, one.subject) for one in AccessRecord.objects.filter(part="account_entered")
    }
    numbers = {one.username: one.pk for one in Officer.objects.all()}
    assert vouched == {
        ("zhang.san", f"account/{numbers['li.si']}"), ("li.si", f"account/{numbers['zhang.san']}"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("people", "said"),
    [
        (TWO[:1], "写两名"),
        ((TWO[0], "li.si,,李四,Li Si"), "写两名"),
        ((TWO[0], "li.si,440000-001,李四,Li Si"), "不同的工号"),
        ((TWO[0], "Li,440000-002,李四,Li Si"), "小写字母开头"),
    ],
)
def test_whoever_is_not_surely_two_founds_nothing(load, people, said):
    load(*UNITS)
    refused = found(*people)
    assert refused.exit_code != 0 and said in refused.output and not Officer.objects.exists()


def test_nobody_founds_twice_or_below_the_province(load):
    load(*UNITS)
    assert "省级单位" in found(unit="amr-440106").output
    assert found().exit_code == 0
    again = found("a.b,1,甲,A", "c.d,2,乙,B")
    assert again.exit_code == 1 and "已经有账号" in again.output and Officer.objects.count() == 2


def test_once_there_are_accounts_units_are_entered_by_the_provinces_administrator(load):
    load(*UNITS)
    found()
    station = "amr-440106001,某所,Station,station,440106001,amr-440106"
    assert "--by" in load(station).output and Organisation.objects.count() == 3
    assert load(station, by="zhang.san").exit_code == 0
    assert AccessRecord.objects.get(part="units_entered").officer.username == "zhang.san"


def test_a_known_unit_gets_another_name_and_keeps_all_else(load):
    load(*UNITS)
    assert load("amr-440106,新名字,New name,county,440106,amr-440100").exit_code == 0
    assert Organisation.objects.get(code="amr-440106").name == "新名字"
    refused = load("amr-440106,新名字,New name,county,440105,amr-440100")
    assert refused.exit_code == 1 and "不能改" in refused.output


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("amr-1,,X,county,440106,amr-440100", "第5行：缺name"),
        ("amr-1,甲,X,town,440106,amr-440100", "级别应为"),
        ("amr-1,甲,X,county,449999,amr-440100", "没有449999这个区划"),
        ("amr-1,甲,X,county,440106,amr-9", "还没有上级amr-9"),
        ("amr-1,甲,X,county,440106,", "只有省级单位没有上级"),
        ("amr-1,甲,X,county,440203,amr-440100", "不在上级的辖区"),
    ],
)
def test_a_line_that_contradicts_itself_is_named_and_the_file_leaves_nothing(load, line, said):
    refused = load(*UNITS, line)
    assert refused.exit_code == 1 and said in refused.output and not Organisation.objects.exists()


def test_a_file_of_other_columns_is_refused(load):
    assert "第一行应有这些列" in load("1,2", head="code,name").output


def test_a_file_of_units_that_is_no_csv_is_refused_in_words(tmp_path, usual_csv_limit):
    file = tmp_path / "units.csv"
    for data in (HEAD.encode() + b"\n\xff,", HEAD.encode() + b'\n"' + b"x" * 200_000 + b'"'):
        file.write_bytes(data)
        told = CliRunner().invoke(unit_verb.command, ["load", str(file)])
        assert told.exit_code == 1 and "CSV UTF-8" in told.output
