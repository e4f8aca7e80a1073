"""Every declared register is walked through all that a declaration gives: one test, whatever is declared."""

import io
import re

import jsonschema
import pytest
from python_calamine import CalamineWorkbook

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.engines.facts.models import Fact
from zhijian.engines.registers.declared import policies, queries, registry, services
from zhijian.engines.registers.declared.columns import Kind
from zhijian.security.models import Officer, Organisation, Role

REGISTERS = [one.name for one in registry.every()]


@pytest.fixture(params=REGISTERS)
def register(request, db):
    return registry.find(request.param)


@pytest.fixture
def keeper(register):
    return desk.province_keeper(register)


@pytest.fixture
def filled(register, keeper):
    delivery, rows = desk.fill(register, keeper)
    assert delivery.refused == 0, [one.problems for one in delivery.refused_rows.all()]
    assert delivery.added == len(rows)
    keeper.save()
    return rows


def test_a_declared_register_is_complete(register):
    names = [*register.field_names]
    assert len(set(names)) == len(names)
    for label in (register.title, register.keeper, register.about, *(one.label for one in register.columns)):
        assert label.zh and re.search("[A-Za-z]", label.en), label
    for column in register.columns:
        assert all(code.label.en for code in column.codes)
        assert not (column.is_personal and column.is_public)
        assert not re.search("[\u4e00-\u9fff]", column.unit_words.en), column.unit
    assert register.legal_basis and register.plan_ids and register.demo_file.exists()
    assert all(row["is_synthetic"] == "1" for row in desk.demo_rows(register, 100_000))


def test_its_pages_show_what_stands_and_nothing_internal(client, register, keeper, filled):
    """List, filter, search, entry, statistics and their files, as anybody and as a keeper."""
    key = filled[0]["key"]
    paths = [
        "", f"?q={key}&state=current", f"entries/{key}/", "statistics/", "statistics.csv", "entries.csv",
        "entries.xlsx", "contract.yaml", "schema.json",
    ]  # fmt: skip
    if not register.is_public:
        assert client.get(f"/registers/{register.name}/").status_code == 403
        client.force_login(keeper)
    for path in paths:
        answer = client.get(f"/registers/{register.name}/{path}")
        assert answer.status_code == 200, path
    page = client.get(f"/registers/{register.name}/entries/{key}/").content.decode()
    entry = queries.find(register, key)
    assert entry.key in page and "合成数据" in page
    hidden = [one for one in register.columns if one not in register.public_columns and one.kind is Kind.TEXT]
    if register.is_public:
        for column in hidden:
            value = getattr(entry, column.name)
            assert not value or value not in page, column.name
            assert (
                not value
                or value not in client.get(f"/registers/{register.name}/entries.csv").content.decode()
            )
        client.force_login(keeper)
        seen = client.get(f"/registers/{register.name}/entries/{key}/").content.decode()
        for column in hidden:
            value = getattr(entry, column.name)
            assert not value or value in seen, column.name


def test_an_export_reads_back_as_what_it_was(client, register, keeper, filled):
    """CSV and Excel as they leave come in again, and change nothing."""
    client.force_login(keeper)
    for kind in ("csv", "xlsx"):
        answer = client.get(f"/registers/{register.name}/entries.{kind}?internal=1")
        content = answer.getvalue()
        again = services.take_in(register, f"export.{kind}", content, by=keeper, at=AT)
        assert (again.rows, again.unchanged, again.refused) == (len(filled), len(filled), 0), kind
        sheet = (
            CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
            if kind == "xlsx"
            else None
        )
        assert sheet is None or len(sheet.to_python()) == len(filled) + 3


def test_a_wrong_row_is_kept_with_field_reason_and_remedy_and_the_others_come_in(register, keeper, filled):
    bad = {**filled[0], "key": "NEW-BAD", "valid_from": "昨天"}
    good = {**filled[0], "key": "NEW-GOOD"}
    first = services.take_in(register, "two.csv", desk.as_csv([bad, good]), by=keeper, at=AT)
    assert (first.added, first.refused) == (1, 1)
    refused = first.refused_rows.get()
    assert refused.line == 2 and refused.row["valid_from"] == "昨天"
    assert {one["field"] for one in refused.problems} == {"valid_from"}
    assert all(one["reason_zh"] and one["remedy_en"] for one in refused.problems)
    again = services.take_in(register, "two.csv", desk.as_csv([bad, good]), by=keeper, at=AT)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)
    assert services.take_in(register, "x.csv", desk.as_csv([good]), by=keeper, at=AT) == services.take_in(
        register, "x.csv", desk.as_csv([good]), by=keeper, at=AT
    )


def test_forms_add_change_and_end_an_entry_and_each_leaves_a_version_and_a_fact(
    client, register, keeper, filled
):
    client.force_login(keeper)
    home = f"/work/registers/{register.name}/"
    assert client.get(home).status_code == client.get(home + "add/").status_code == 200
    row = {**filled[0], "key": "FORM-1"}
    empty = client.post(home + "add/", {**row, "name": "", "reason": "试一试登记"})
    assert (
        empty.status_code == 422 and "必填" in empty.content.decode() and row["key"] in empty.content.decode()
    )
    assert client.post(home + "add/", {**row, "reason": "按申请登记"}).status_code == 302
    if register.procedure:
        desk.decide_all(keeper)
    changed = client.post(
        home + "FORM-1/change/", {**row, "name": "示例改名", "seen": 1, "reason": "名称变更"}
    )
    assert changed.status_code == 302
    stale = client.post(home + "FORM-1/change/", {**row, "name": "示例又改", "seen": 1, "reason": "名称变更"})
    assert stale.status_code == 422 and "示例又改" in stale.content.decode()
    ended = client.post(home + "FORM-1/end/", {"last_day": "2026-11-20", "seen": 2, "reason": "申请退出"})
    assert ended.status_code == 302 or "早于" in ended.content.decode()
    found = Fact.objects.filter(source=f"register/{register.name}", source_key__startswith="FORM-1/")
    acts = list(found.order_by("source_key").values_list("payload__act", flat=True))
    assert acts[:2] == ["added", "changed"]
    history = queries.history(register, "FORM-1", register.columns)
    assert [one[0].name for one in history[-2].changes] == ["name"]
    assert history[-1].version.valid_to == history[-2].version.valid_from


def test_only_keepers_write_and_only_in_their_area(client, register, keeper, filled):
    reader = desk.officer("reader", keeper.organisation, "drawer")
    client.force_login(reader)
    assert client.get(f"/work/registers/{register.name}/").status_code == 403
    if "division_code" not in register.field_names:
        return
    elsewhere = desk.officer("elsewhere", desk.unit("659001", "别处"), *register.keepers)
    delivery = services.take_in(register, "mine.csv", desk.as_csv(filled[:1]), by=elsewhere, at=AT)
    assert delivery.refused == 1
    assert delivery.refused_rows.get().problems[0]["field"] == "division_code"
    client.force_login(elsewhere)
    key = filled[0]["key"]
    assert client.get(f"/work/registers/{register.name}/{key}/change/").status_code == 403
    assert (
        client.post(f"/work/registers/{register.name}/{key}/end/", {"reason": "不归我管"}).status_code == 403
    )


def test_programs_read_the_same_by_the_published_schema(client, register, keeper, filled):
    answer = client.get(f"/api/v1/registers/{register.name}/entries")
    if not register.is_public:
        assert answer.status_code == 404
        return
    described = client.get(f"/api/v1/registers/{register.name}").json()
    page = answer.json()
    assert page["total"] == described["entries"] == len(filled)
    for one in page["entries"]:
        jsonschema.validate(one["values"], described["entry_schema"])
    key = filled[0]["key"]
    assert client.get(f"/api/v1/registers/{register.name}/entries/{key}").json()["version"] == 1
    versions = client.get(f"/api/v1/registers/{register.name}/entries/{key}/versions").json()
    assert [one["version"] for one in versions] == [1]


def test_quality_counts_what_is_filled_and_what_keeps_the_rules(register, filled):
    found = queries.quality(register, on=AT.date())
    assert found.entries == len(filled) and found.is_right == 1.0
    assert 0.3 < found.is_complete <= 1 and 60 < found.score <= 100


def test_a_unit_that_is_no_regulator_keeps_the_registers_of_its_kind_alone(db):
    """A council's handler enters its bases of education, and ends no licence of the regulator's in the whole province."""

    def kept(level, division):
        unit = Organisation.objects.create(
            code=f"x-{level}", name="示例", name_en="Sample", level=level, division_code=division
        )
        one = Officer.objects.create(username=level, organisation=unit, roles=list(Role.values))
        return {register.name for register in registry.every() if policies.can_keep(register, one)}

    assert kept("county", "440106") == set(REGISTERS)
    assert kept("department", "440000") == {
        register.name
        for register in registry.every()
        if "消费者委员会" in register.keeper.zh or "协会" in register.keeper.zh
    }
    assert "drug_licences" in REGISTERS
