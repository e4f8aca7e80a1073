"""S48: the library of model contracts, and the filings of standard contracts in listed trades."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from zhijian.apps.consumer.contracts import rules
from zhijian.apps.consumer.contracts.codes import TRADES
from zhijian.apps.consumer.contracts.models import ContractFiling, ModelContract
from zhijian.apps.consumer.contracts.texts import all_texts
from zhijian.engines.registers.declared.columns import Code, Column, Kind, Problem
from zhijian.engines.registers.declared.declaration import (
    Finding,
    Geography,
    Label,
    Values,
    declare,
)
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Role

_DATA = Path(__file__).parent / "data"
_KEEPERS = (Role.HANDLER, Role.STEWARD, Role.LEADER)
_ORDER = "《合同行政监督管理办法》"
LINKS = (
    ("/consumer/contracts/", Label("查合同里的不公平条款", "Check a contract for unfair terms")),
    ("/consumer/contracts/rules/", Label("识别规则", "The rules")),
)
OUTCOMES = (
    Code("clean", Label("没有提示", "No hint")),
    Code("hints", Label("有提示，待核对", "Hints, to be looked at")),
    Code("supervised", Label("已进入监管", "Under supervision")),
    Code("amended", Label("已修改", "Amended")),
)


def _text_is_there(values: Values, on: date) -> Iterator[Problem]:
    if values["text_code"] not in all_texts():
        yield Problem(
            "text_code", values["text_code"], Label("没有这个文本", "there is no such text"),
            Label(f"现有：{'、'.join(all_texts())}。", f"There are: {', '.join(all_texts())}."),
        )  # fmt: skip


def _trade_is_listed(values: Values, on: date) -> Iterator[Problem]:
    day = values["valid_from"]
    if day < date(2023, 7, 1) or not rules.must_file(values["trade_code"], on=day):
        yield Problem(
            "trade_code", values["trade_code"], Label("这个行业不在备案清单里", "the trade is not on the list of filings"),
            Label("不用备案；清单见参数 consumer/contract_filing_trades。", "No filing is needed; the list is the parameter consumer/contract_filing_trades."),
        )  # fmt: skip


def _hash_is_one(values: Values, on: date) -> Iterator[Problem]:
    text = values["sha256"]
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        yield Problem(
            "sha256", text, Label("应是64位小写十六进制指纹", "64 hexadecimal digits are expected"),
            Label("请用合同文件的SHA-256指纹。", "Give the SHA-256 of the contract's file."),
        )  # fmt: skip


def filing_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say whether the filing came in time. Hints are for officers: nothing is decided by them."""
    assert isinstance(entry, ContractFiling)
    due = rules.filing_due_on(entry.used_from)
    late = entry.valid_from > due
    text = (
        Label(f"备案晚于{due}。", f"Filed after {due}.")
        if late
        else Label(f"在{due}以前备案。", f"Filed by {due}.")
    )
    hints = Label(f"规则提示{entry.findings}处，提示不是决定。", f"{entry.findings} hints by the rules; a hint is no decision.")  # fmt: skip
    return [
        Finding(text, f"{_ORDER}第十条", "warn" if late else "ok"),
        Finding(hints, f"{_ORDER}第七条、第八条", "neutral", is_public=False),
    ]


MODEL_CONTRACTS = declare(
    "model_contracts",
    model=ModelContract,
    plan_ids=("S48",),
    title=Label("合同示范文本库", "Library of model contracts"),
    keeper=Label("省级市场监管部门", "The province's market regulator"),
    keepers=_KEEPERS,
    about=Label(
        "供当事人参照使用的合同示范文本：版本、行业、依据，可以下载，也可以填好再下载。",
        "Model contracts for the parties to use: edition, trade, basis; to download as they are or filled in.",
    ),
    legal_basis=f"{_ORDER}第十二条、第十三条",
    key_label=Label("文本编号", "Number"),
    name_label=Label("示范文本", "Model contract"),
    entity_label=None,
    geography=Geography.NONE,
    from_label=Label("发布日期", "Issued on"),
    to_label=Label("停用日期", "Withdrawn on"),
    counted_by=("trade_code",),
    rules=(_text_is_there,),
    demo_file=_DATA / "model_contracts.csv",
    tags=("消费", "合同"),
    links=(("/consumer/contracts/models/", Label("下载和填写", "Download and fill in")), *LINKS),
    columns=(
        Column("edition", Label("版本", "Edition"), is_required=True, in_list=True),
        Column("trade_code", Label("行业", "Trade"), kind=Kind.CODE, codes=TRADES, is_required=True, is_filter=True, in_list=True),
        Column("issuer", Label("制定部门", "Issued by"), is_required=True),
        Column("basis", Label("依据", "Basis"), is_required=True),
        Column("summary", Label("适用和要点", "What it is for"), kind=Kind.LONG, is_required=True),
        Column("text_code", Label("文本代码", "Code of the text"), is_required=True),
        Column("replaces", Label("替代", "Replaces")),
    ),
)  # fmt: skip

FILINGS = declare(
    "contract_filings",
    model=ContractFiling,
    plan_ids=("S48",),
    title=Label("格式条款合同备案", "Filings of standard contracts"),
    keeper=Label("县级市场监管部门", "County market regulators"),
    keepers=_KEEPERS,
    about=Label(
        "清单行业的经营者备案的格式合同：哪家、哪个版本、哪天起用，是否按期。",
        "Standard contracts filed by firms of listed trades: which edition, used from when, filed in time or not.",
    ),
    legal_basis=f"{_ORDER}第十条",
    key_label=Label("备案编号", "Number"),
    name_label=Label("经营者", "Firm"),
    from_label=Label("备案日期", "Filed on"),
    to_label=Label("停用日期", "No longer used from"),
    counted_by=("trade_code",),
    rules=(_trade_is_listed, _hash_is_one),
    findings=filing_findings,
    demo_file=_DATA / "contract_filings.csv",
    tags=("消费", "合同"),
    links=LINKS,
    columns=(
        Column("contract_title", Label("合同名称", "Contract"), is_required=True, is_searched=True, in_list=True),
        Column("edition", Label("版本", "Edition"), is_required=True),
        Column("trade_code", Label("行业", "Trade"), kind=Kind.CODE, codes=TRADES, is_required=True, is_filter=True, in_list=True),
        Column("used_from", Label("启用日期", "Used from"), kind=Kind.DATE, is_required=True),
        Column("sha256", Label("文件指纹", "Hash of the file"), is_required=True),
        Column("model_contract", Label("参照的示范文本", "Model contract"), kind=Kind.REFERENCE, refers_to="model_contracts"),
        Column("outcome_code", Label("核对情况", "Check"), kind=Kind.CODE, codes=OUTCOMES, is_required=True, is_filter=True, is_public=False),
        Column("findings", Label("提示处数", "Hints"), kind=Kind.INTEGER, is_required=True, least=0, most=300, is_public=False),
        Column("note", Label("备注", "Note"), kind=Kind.LONG, is_public=False),
    ),
)  # fmt: skip

REGISTERS = (MODEL_CONTRACTS, FILINGS)
