"""A contract may grow; what would break a reader or a source is refused, and named."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.datazone.ingest.samples import TABLE, csv_text, line, take_in
from zhijian.datazone import catalogue, contracts, quality
from zhijian.datazone.contracts import evolution
from zhijian.datazone.lake import Lake

NAME = "registration__enterprises"
AT = datetime(2026, 11, 24, 5, tzinfo=UTC)
EXTRA = """      - name: phone_count
        physicalName: phone_count
        businessName: 电话数
        classification: internal
        logicalType: integer
        physicalType: smallint
        required: REQUIRED
        customProperties:
          - {property: labelEn, value: Number of phones}
"""


def text() -> str:
    return contracts.load(NAME).path.read_text("utf-8")


def changed(folder: Path, *pairs: tuple[str, str], version: str = "1.3.0", extra: str = "") -> Path:
    """Write the contract with words replaced, a new version, and another field."""
    new = text().replace("version: 1.2.0", f"version: {version}")
    for old, put in pairs:
        assert old in new
        new = new.replace(old, put, 1)
    if extra:
        new = new.replace("\ncustomProperties:\n", "\n" + extra + "customProperties:\n", 1)
    path = folder / f"{version}-{len(list(folder.iterdir()))}.odcs.yaml"
    path.write_text(new, "utf-8")
    return path


def changes(folder: Path, *pairs: tuple[str, str], extra: str = "") -> list[tuple[str, bool]]:
    found = evolution.compare(contracts.load(NAME), contracts.read(changed(folder, *pairs, extra=extra)))
    return [(one.what, one.is_breaking) for one in found]


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (("physicalType: smallint", "physicalType: integer"), ("type_widened", False)),
        (("physicalType: smallint", "physicalType: tinyint"), ("type_narrowed", True)),
        (("businessName: 统一社会信用代码", "businessName: 组织机构代码"), ("meaning_changed", True)),
        (("classification: public", "classification: internal"), ("level_changed", True)),
        (("minimum: 1840-01-01", "minimum: 1800-01-01"), ("range_widened", False)),
    ],
)
def test_each_change_of_a_field_is_told_and_judged(
    tmp_path: Path, pair: tuple[str, str], expected: tuple[str, bool]
) -> None:
    assert changes(tmp_path, pair) == [expected]


def test_a_new_field_passes_if_it_is_optional_and_breaks_sources_if_not(tmp_path: Path) -> None:
    assert changes(tmp_path, extra=EXTRA.replace("REQUIRED", "false")) == [("optional_added", False)]
    assert changes(tmp_path, extra=EXTRA.replace("REQUIRED", "true")) == [("required_added", True)]


def test_a_renamed_field_is_refused_with_the_readers_that_it_breaks(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    graph = catalogue.model_graph(lake)
    path = changed(tmp_path, ("physicalName: address", "physicalName: domicile"))
    with pytest.raises(evolution.BreakingChange) as told:
        evolution.publish(lake, path, lambda t, c: catalogue.readers_of(graph, t, c), by="陈某", at=AT)
    assert [(one.kind, one.name, one.columns) for one in told.value.broken] == [
        ("model", "entity_market_entities", ("address",)),
        ("model", "entity_market_entities__history", ("address",)),
    ]
    assert contracts.load(NAME, lake.contracts).version == "1.2.0"


def test_deliveries_before_and_after_a_change_in_the_middle_of_a_day_keep_their_versions(
    tmp_path: Path,
) -> None:
    lake = Lake(tmp_path / "lake")
    before, after = tmp_path / "before.csv", tmp_path / "after.csv"
    before.write_text(csv_text(line(1)), "utf-8")
    take_in(lake, before)
    path = changed(
        tmp_path,
        ("physicalType: smallint", "physicalType: integer"),
        extra=EXTRA.replace("REQUIRED", "false"),
    )
    evolution.publish(lake, path, lambda *_: [], by="陈某", at=AT)
    header, row = csv_text(line(2)).splitlines()
    after.write_text(f"{header},phone_count\n{row},3\n", "utf-8")
    take_in(lake, after)
    assert sorted(one["contract_version"] for one in quality.reports(lake)) == ["1.2.0", "1.3.0"]
    rows = lake.read(TABLE)
    assert str(rows.schema.field("file_year").type) == "int32"
    assert sorted(rows["phone_count"].to_pylist(), key=str) == [3, None]
    shutil.copy(path, tmp_path / "again.odcs.yaml")
    with pytest.raises(evolution.NotNewer, match=r"现行版本是1\.3\.0"):
        evolution.publish(lake, tmp_path / "again.odcs.yaml", lambda *_: [], by="陈某", at=AT)


@pytest.mark.parametrize(
    ("old", "new", "is_wider"),
    [
        ("integer", "bigint", True), ("bigint", "integer", False), ("decimal(18,2)", "decimal(24,2)", True),
        ("decimal(18,2)", "decimal(18,4)", False), ("varchar", "date", False), ("integer[]", "bigint[]", True),
    ],
)  # fmt: skip
def test_a_type_is_wider_if_every_value_keeps_its_exact_place(old: str, new: str, is_wider: bool) -> None:
    assert evolution.widens(old, new) is is_wider


def test_the_verbs_check_and_publish_say_what_breaks_and_whom(tmp_path: Path, home: object) -> None:
    from click.testing import CliRunner

    from zhijian.operations.commands.contract import command

    shipped = str(contracts.load(NAME).path)
    good = changed(tmp_path, extra=EXTRA.replace("REQUIRED", "false"))
    bad = changed(tmp_path, ("physicalName: address", "physicalName: domicile"), version="1.4.0")
    told = CliRunner().invoke(command, ["check", shipped, str(bad)])
    assert told.exit_code == 1 and "✕ 不兼容" in told.output and "entity_market_entities" in told.output
    assert CliRunner().invoke(command, ["check", shipped, str(good)]).exit_code == 0
    assert "已发布" in CliRunner().invoke(command, ["publish", str(good)]).output
    assert "1.2.0、1.3.0" in CliRunner().invoke(command, ["list"]).output
    assert CliRunner().invoke(command, ["publish", str(bad)]).exit_code == 1
