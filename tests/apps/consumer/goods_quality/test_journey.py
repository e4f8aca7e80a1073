"""A report of an injury without persons, a risk from signal to paper, the public page and the yearly report."""

import io

import pytest

from tests.engines.registers.declared import desk
from zhijian.apps.consumer.goods_quality import codes as goods
from zhijian.apps.consumer.goods_quality import queries, report, services
from zhijian.apps.consumer.goods_quality.models import InjuryNotice, InjuryReport, RiskAssessment
from zhijian.apps.consumer.goods_quality.policies import NotNow
from zhijian.apps.consumer.goods_quality.registers import INJURIES, RECALLS, ROUNDS
from zhijian.engines.documents.models import Document
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.models import WorkItem
from zhijian.engines.registers.declared.services import WrongRow
from zhijian.engines.signals import counted
from zhijian.security.permissions import Forbidden
from zhijian.standards.calendar import statutory_day

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("narrative", "患者王小明误吞小零件，送医取出。", "人的姓名"),
        ("narrative", "儿童，证件号44010620200101001X，误吞零件。", "身份证件号码"),
        ("narrative", "家属电话１３８００１３８０００", "电话号码"),
        ("activity", "联系人：陈大文", "人的姓名"),
    ],
)
def test_a_report_with_a_person_s_data_is_refused_with_words_and_not_kept(
    client, db, injury, field, text, said
):
    answer = client.post("/consumer/quality/injury/", {**injury, field: text})
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page and "伤害报告不收个人信息" in page
    assert text in page  # what was typed is still there to be mended
    assert InjuryNotice.objects.count() == 0


def test_a_report_is_entered_by_an_officer_and_stays_internal(client, province, injury, codes):
    assert client.post("/consumer/quality/injury/", injury).status_code == 200
    notice = InjuryNotice.objects.get()
    client.force_login(province.analyst)
    page = client.get("/work/goods-quality/").content.decode()
    assert notice.number in page and "等待核对的伤害报告1份" in page
    client.logout()
    services.decide_notice(notice, enters=True, reason="与医院核对一致", by=province.keeper, at=province.at)
    assert InjuryReport.objects.get().name == injury["name"]
    with pytest.raises(NotNow):
        services.decide_notice(notice, enters=False, reason="再看一遍", by=province.keeper, at=province.at)
    assert client.get("/registers/goods_injuries/").status_code == 403


def test_few_injuries_are_not_counted_in_public(client, province, injury):
    from zhijian.engines.registers.declared import services as registers

    for number in range(3):
        registers.add(
            INJURIES, {**injury, "key": f"T-{number}"}, reason="核对登记", by=province.keeper, at=province.at
        )
    assert queries.state_of(injury["category_code"], on=statutory_day(province.at)).injury_total is None
    assert "&lt;5" in client.get("/consumer/quality/").content.decode()


def open_risk(province, codes, **more):
    words = {
        "category": "M10",
        "product": "示例磁力珠",
        "grounds": "三家医院报告误吞",
        "is_synthetic": True,
        **more,
    }
    return services.open_risk(**words, randomness=codes, by=province.analyst, at=province.at)


def do(risk, task, by, at, **data):
    item = WorkItem.objects.get(case=risk.case, task=task, state="open")
    procedures.complete(item, data=data, by=by, at=at)


def assessed(province, codes, **more):
    risk = open_risk(province, codes, **more)
    do(risk, "screen_signal", province.analyst, province.at, outcome="keep", screening_reason="型号一致")
    do(risk, "assess_risk", province.analyst, province.at, hazard="choking", scenario="儿童误吞两粒以上，肠穿孔",
       severity="4", steps="1/10，1/50，0.1")  # fmt: skip
    return risk


def test_a_serious_risk_goes_from_signal_to_a_numbered_paper_and_the_public_page(
    client, province, codes, home
):
    risk = assessed(province, codes)
    found = RiskAssessment.objects.get()
    assert (found.level, found.lower, found.higher) == ("serious", "high", "serious")
    do(risk, "decide_measure", province.leader, province.at, measure="recall_request", producer="示例玩具厂",
       measure_reason="情景可信，等级严重")  # fmt: skip
    paper = Document.objects.get()
    assert paper.template == "recall_request" and paper.number
    assert Fact.objects.get(kind="goods.risk_decided").payload["measure"] == "recall_request"
    page = client.get("/consumer/quality/M10/").content.decode()
    assert risk.number in page and "通知生产者调查并召回" in page and "示例玩具厂" not in page


def test_who_assessed_a_risk_does_not_decide_on_it(province, codes):
    risk = assessed(province, codes)
    province.analyst.roles = ["analyst", "leader"]
    province.analyst.save()
    with pytest.raises(NotNow, match="另一人决定"):
        do(risk, "decide_measure", province.analyst, province.at, measure="watch", measure_reason="继续看看")


def test_a_probability_that_cannot_be_read_is_said_and_nothing_is_written(province, codes):
    risk = open_risk(province, codes)
    do(risk, "screen_signal", province.analyst, province.at, outcome="keep", screening_reason="型号一致")
    for steps in ("很小", "1/0", "2", ""):
        with pytest.raises(NotNow, match="1/50"):
            do(
                risk,
                "assess_risk",
                province.analyst,
                province.at,
                hazard="fire",
                scenario="充电起火",
                severity="3",
                steps=steps,
            )
    assert RiskAssessment.objects.get().level == ""


def test_a_dismissed_signal_ends_its_case(province, codes):
    risk = open_risk(province, codes)
    do(risk, "screen_signal", province.analyst, province.at, outcome="dismiss", screening_reason="重复报告")
    risk.case.refresh_from_db()
    assert risk.case.status == "closed" and RiskAssessment.objects.get().measure == ""


def test_a_round_that_contradicts_itself_is_refused(province):
    from zhijian.engines.registers.declared import services as registers

    row = desk.demo_rows(ROUNDS, 1)[0]
    for wrong in (
        {"failed": "9999"},
        {"failed": "3", "failed_items": ""},
        {"batches": "0"},
        {"category_code": "M01"},
    ):
        with pytest.raises(WrongRow):
            registers.add(ROUNDS, {**row, **wrong}, reason="登记结果", by=province.keeper, at=province.at)


def test_the_signals_of_the_demonstration_name_the_rare_severe_injuries(province):
    for register in (ROUNDS, INJURIES, RECALLS):
        desk.fill(register, province.keeper, most=100)
    found = queries.signals(on=statutory_day(province.at))
    assert ("severe", "示例磁力珠") in {(one.kind, one.product) for one in found}


def test_the_yearly_report_has_its_tables_and_pictures_in_both_forms(client, province):
    from docx import Document as WordFile

    for register in (ROUNDS, INJURIES, RECALLS):
        desk.fill(register, province.keeper, most=100)
    made = report.build(2026, on=statutory_day(province.at))
    pdf = report.pdf(made, at=province.at)
    assert pdf == report.pdf(made, at=province.at)
    assert pdf.startswith(b"%PDF-1.7") and b"pdfaid" in pdf
    word = WordFile(io.BytesIO(report.docx(made)))
    client.force_login(province.analyst)
    assert client.get("/work/goods-quality/2026.pdf").content.startswith(b"%PDF")
    assert client.get("/work/goods-quality/2099.pdf").status_code == 404
    assert len(word.tables) >= 4 and len(word.inline_shapes) == 3
    assert any("不代表市场总体" in one.text for one in word.paragraphs)


def test_a_report_of_an_injury_is_seen_and_decided_in_its_own_area_alone(client, province, injury, codes):
    guangzhou = desk.officer("guangzhou", desk.unit("440100", "示例广州局"), "analyst")
    shenzhen = desk.officer("shenzhen", desk.unit("440300", "示例深圳局"), "analyst", "handler")
    here = services.report_injury(
        {**injury, "division_code": "440106"}, randomness=codes, by="public", at=province.at
    )
    nowhere = InjuryNotice.objects.create(
        number="SH20261120-FROMBEFORE", row=injury | {"division_code": ""}, received_at=province.at
    )
    shown = {}
    for officer in (province.analyst, guangzhou, shenzhen):
        client.force_login(officer)
        page = client.get("/work/goods-quality/").content.decode()
        shown[officer.username] = [one.number in page for one in (here, nowhere)]
    assert shown == {"analyst": [True, True], "guangzhou": [True, False], "shenzhen": [False, False]}
    refused = client.post(
        "/work/goods-quality/", {"verb": "leave", "number": here.number, "reason": "不归我管"}
    )
    assert refused.status_code == 403
    with pytest.raises(Forbidden):
        services.decide_notice(nowhere, enters=False, reason="不归我管", by=guangzhou, at=province.at)
    services.decide_notice(here, enters=False, reason="重复报告", by=guangzhou, at=province.at)
    assert [one.decision for one in InjuryNotice.objects.order_by("pk")] == ["left", ""]


def test_the_public_page_reads_the_year_s_cases_once(client, db, monkeypatch):
    reads = []
    monkeypatch.setattr(counted, "_readers", {"test": lambda first, last: reads.append((first, last)) or []})
    assert client.get("/consumer/quality/").status_code == 200
    assert len(reads) == 1


def test_a_report_of_a_violation_is_no_complaint_about_quality(client, db, monkeypatch):
    from datetime import date

    topic = sorted(goods.CATEGORIES["M10"].quality_matters)[0]
    rows = [
        counted.Counted(kind, kind, date.today(), "440106", "F", "店", "玩具", topic)
        for kind in (counted.COMPLAINT, counted.REPORT)
    ]
    monkeypatch.setattr(counted, "_readers", {"test": lambda first, last: rows})
    assert client.get("/consumer/quality/M10/").context["state"].complaints == 1
