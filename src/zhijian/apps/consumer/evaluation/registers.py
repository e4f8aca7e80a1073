"""S51: the register of firms that take part in evaluation after consumption."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from zhijian.apps.consumer.evaluation import queries
from zhijian.apps.consumer.evaluation.models import EvaluatedFirm
from zhijian.apps.consumer.evaluation.trades import CHANNELS, TRADES
from zhijian.engines.registers.declared.columns import Column, Kind
from zhijian.engines.registers.declared.declaration import Finding, Label, declare
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Role


def score_finding(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say the score with its interval, how many evaluations stand behind it, and how many were left out.

    With few evaluations the interval alone is said, as on the page of scores.
    """
    assert isinstance(entry, EvaluatedFirm)
    if entry.valid_from > on:
        return []
    found = queries.standing_of(entry, on=on)
    one = found.estimate
    zh, en = f"95%区间{one.low:.1f}至{one.high:.1f}", f"95% interval {one.low:.1f} to {one.high:.1f}"
    if found.is_ranked:
        zh, en = f"评分{one.score:.1f}（{zh}）", f"score {one.score:.1f} ({en})"
    text = Label(
        f"{one.count}条评价，{zh}；另有{found.aside_count}条不计入。",
        f"{one.count} evaluations, {en}; {found.aside_count} left out.",
    )
    return [Finding(text, "《电子商务法》第三十九条")]


FIRMS = declare(
    "evaluation_firms",
    model=EvaluatedFirm,
    plan_ids=("S51",),
    title=Label("参加消费后评价的经营者", "Firms that take part in evaluation after consumption"),
    keeper=Label("县级市场监管部门", "County market regulators"),
    keepers=(Role.HANDLER, Role.STEWARD, Role.LEADER),
    about=Label(
        "随小票发放一次性评价凭证的经营者；评分怎么算、哪些评价不计入，都公布。",
        "Firms that hand out a ticket with each receipt; how the score is made and what is left out is public.",
    ),
    legal_basis="《电子商务法》第三十九条；《广东省市场监管现代化“十四五”规划》第五章第二节",
    key_label=Label("编号", "Number"),
    name_label=Label("经营者或门店", "Firm or shop"),
    from_label=Label("参加自", "Taking part from"),
    to_label=Label("参加至", "Taking part until"),
    counted_by=("trade_code", "channel_code"),
    findings=score_finding,
    demo_file=Path(__file__).parent / "data" / "evaluation_firms.csv",
    tags=("消费", "评价"),
    links=(
        ("/consumer/evaluation/", Label("评分公布", "Published scores")),
        ("/consumer/evaluation/new/", Label("我要评价", "Evaluate")),
        ("/consumer/evaluation/rules/", Label("评价规则", "Rules of evaluation")),
    ),
    columns=(
        Column("trade_code", Label("行业", "Trade"), kind=Kind.CODE, codes=TRADES, is_required=True, is_filter=True, in_list=True),
        Column("channel_code", Label("经营方式", "Channel"), kind=Kind.CODE, codes=CHANNELS, is_required=True, is_filter=True),
        Column("address", Label("地址或网址", "Address"), is_searched=True),
    ),
)  # fmt: skip
