"""S196: a drug-safety file is read from registers and facts, graded by rule, and open to officers of the area alone."""

from datetime import date, datetime

import pytest

from tests.apps.supervision import deliveries
from tests.engines.registers.declared import desk
from zhijian.apps.supervision.drug_files import queries, rules
from zhijian.apps.supervision.drug_files.registers import ADVERSE, LICENCES, RECALLS
from zhijian.apps.supervision.drug_files.rules import Event
from zhijian.engines.facts import services as facts
from zhijian.engines.registers import closer
from zhijian.engines.registers.declared import services as registers
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.models import AccessRecord
from zhijian.standards.calendar import ZONE

ON = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
FIRM = synthetic_code(866_001, "440112")
BASE = {"name": "示例康和制药有限公司（合成）", "uscc": FIRM, "division_code": "440112", "valid_to": "", "tags": "", "is_synthetic": "1"}  # fmt: skip


@pytest.mark.parametrize(
    ("events", "grade", "visits"),
    [
        ([], "trusted", 1),
        ([Event("own_recall", ON)], "trusted", 1),
        ([Event("ordered_recall", ON)], "warned", 2),
        ([Event("penalty", ON, ("warning",))], "warned", 2),
        ([Event("problem", ON), Event("penalty", ON, ("warning",))], "dishonest", 3),
        ([Event("penalty", ON, ("fine",))], "dishonest", 3),
        ([Event("penalty", ON, ("fine",), is_standing=False)], "trusted", 1),
        ([Event("penalty", date(2025, 11, 24), ("fine",))], "dishonest", 3),
        ([Event("penalty", date(2025, 11, 23), ("fine",))], "trusted", 1),
        ([Event("penalty", ON, ("fine", "permit_revoked"))], "grave", 4),
        ([Event("refusal", ON)], "grave", 4),
        ([Event("serious_list", date(2024, 1, 1))], "grave", 4),
    ],
)
def test_the_grade_follows_what_stands_within_twelve_months_and_drives_the_checks(events, grade, visits):
    found = rules.grade(events, on=ON)
    assert (found.grade, found.visits_per_year) == (grade, visits)


def entered(register, by, key, **more):
    return registers.add(register, {**BASE, "key": key, **more}, reason="登记入档", by=by, at=AT)


@pytest.fixture
def keeper(db):
    return desk.officer("keeper", desk.unit("440112", "示例区局"), "handler", "leader")


def penalty(field, number, **more):
    payload = {"decision_no": number, "authority": "示例区局", "violation": "未按规定储存", "types": ["fine"], "procedure": "ordinary",
               "field": field, **more}  # fmt: skip
    facts.record("penalty.decided", subject=FIRM, occurred_on=date(2026, 6, 1), payload=payload, source="test", source_key=number,
                 by="test", at=AT, is_synthetic=True)  # fmt: skip


def test_a_file_is_read_anew_each_time_and_a_repaired_penalty_no_longer_grades(keeper):
    assert queries.file_of(FIRM, on=ON) is None
    entered(
        LICENCES,
        keeper,
        "L1",
        kind_code="production",
        scope="片剂",
        authority="示例局",
        valid_from="2024-03-01",
    )
    penalty("food", "示例罚1号")  # of another field
    assert queries.file_of(FIRM, on=ON).graded.grade == "trusted"
    penalty("drug", "示例罚2号")
    file = queries.file_of(FIRM, on=ON)
    assert (file.graded.grade, [one.payload["decision_no"] for one in file.facts]) == (
        "dishonest",
        ["示例罚2号"],
    )
    assert (closer.codes_of("drug", on=ON), closer.codes_of("food", on=ON)) == ({FIRM}, set())
    facts.record("penalty.repaired", subject=FIRM, occurred_on=ON, payload={"decision_no": "示例罚2号", "authority": "示例区局", "reason": "已履行"},
                 source="test", source_key="R", by="test", at=AT, is_synthetic=True)  # fmt: skip
    assert queries.file_of(FIRM, on=ON).graded.grade == "trusted"
    assert closer.codes_of("drug", on=ON) == set(), "the best grade is drawn no more often than others"


def test_impossible_counts_and_days_are_refused_at_the_field(keeper):
    with pytest.raises(registers.WrongRow, match="more serious ones"):
        entered(ADVERSE, keeper, "A1", year="2025", reports="3", serious_reports="4", valid_from="2026-01-15")
    with pytest.raises(registers.WrongRow, match="before the recall"):
        entered(RECALLS, keeper, "R1", product="胶囊", batch="1", level_code="3", initiative_code="own", completed_on="2026-04-09",
                valid_from="2026-04-10")  # fmt: skip


def test_officers_of_the_area_read_the_file_and_nobody_else(keeper, client):
    entered(
        LICENCES,
        keeper,
        "L1",
        kind_code="production",
        scope="片剂",
        authority="示例局",
        valid_from="2024-03-01",
    )
    entered(ADVERSE, keeper, "A1", year="2025", reports="40", serious_reports="3", valid_from="2026-01-15")
    entered(RECALLS, keeper, "R1", product="示例胶囊", batch="1", level_code="3", initiative_code="ordered", completed_on="",
            valid_from="2026-10-10")  # fmt: skip
    client.force_login(keeper)
    assert "警示" in client.get("/work/drug-files/").content.decode()
    page = client.get(f"/work/drug-files/{FIRM}/").content.decode()
    assert "示例胶囊" in page and "7.5%" in page and "每年检查2次" in page
    assert AccessRecord.objects.filter(subject=FIRM).exists()
    assert client.get("/work/drug-files/914401/").status_code == 404
    client.force_login(desk.officer("far", desk.unit("440305", "外区局"), "inspector"))
    assert client.get(f"/work/drug-files/{FIRM}/").status_code == 403
    client.logout()
    public = client.get(f"/registers/drug_licences/{'L1'}/").content.decode()
    assert "警示" not in public and client.get("/registers/adverse_counts/").status_code != 200


def test_a_penalty_and_a_listing_that_other_systems_delivered_grade_as_well_and_open_on_the_page(
    keeper, client, monkeypatch
):
    entered(
        LICENCES, keeper, "L1", kind_code="retail", scope="零售", authority="示例局", valid_from="2024-03-01"
    )
    deliveries.serve(monkeypatch, deliveries.penalty(FIRM, date(2026, 6, 1), field="drug"))
    assert queries.file_of(FIRM, on=ON).graded.grade == "dishonest"
    deliveries.serve(monkeypatch, deliveries.serious(FIRM, date(2026, 3, 2)))
    assert queries.file_of(FIRM, on=ON).graded.grade == "grave"
    client.force_login(keeper)
    page = client.get(f"/work/drug-files/{FIRM}/").content.decode()
    assert "严重失信" in page and "delivered/S1" not in page  # no link: the log does not have it
