"""The law of rewards for reports: who gets none, how much, how several share, until when: pure.

The national text is 《市场监管领域重大违法行为举报奖励暂行办法》. Its articles were written from memory and are marked so in
the parameters; what it leaves to the place (how much more an insider gets) is a decision table that officers publish.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from itertools import groupby

from zhijian.apps.consumer.complaints.rules import REWARD, reward_yuan
from zhijian.standards import calendar, parameters
from zhijian.standards.bilingual import Problem
from zhijian.standards.citation import rule

LAW = "《市场监管领域重大违法行为举报奖励暂行办法》"
CLAIM_DAYS = parameters.load("consumer/reward_claim")
REVIEW_DAYS = parameters.load("consumer/reward_review")
REVIEW_REQUEST = parameters.load("consumer/reward_review_request")
CLAIM_EXTENSION = parameters.load("consumer/reward_claim_extension")
LEVELS = ("first", "second", "third")
CENT = Decimal("0.01")
FEWEST = 5  # payments below which no count and no sum is told: they would tell of single persons
MOST_MULTIPLE = 5


@dataclass(frozen=True)
class Exclusion:
    """Why nobody is rewarded, with its article."""

    words_zh: str
    words_en: str
    article: str


EXCLUSIONS: dict[str, Exclusion] = {
    "official": Exclusion(
        "举报人是市场监管部门工作人员，或者负有法定监督、报告义务",
        "The reporter is an official of market supervision, or bound by law to supervise or report",
        f"{LAW}第八条第一项",
    ),
    "injured": Exclusion(
        "举报人是被侵权方、其委托代理人或者利害关系人",
        "The reporter is the party injured, its agent, or has an interest",
        f"{LAW}第八条第二项",
    ),
    "offender": Exclusion(
        "举报人是违法行为的实施人（内部举报人除外）",
        "The reporter committed the violation (insiders excepted)",
        f"{LAW}第八条第三项",
    ),
    "paid": Exclusion(
        "有证据证明举报人因举报获得其他市场主体给予的报酬",
        "There is proof that another firm paid the reporter for reporting",
        f"{LAW}第八条第四项",
    ),
    "known": Exclusion(
        "举报前线索已由市场监管部门掌握",
        "The authority knew the clue before the report",
        f"{LAW}第七条第二项",
    ),
    "no_key_evidence": Exclusion(
        "没有提供明确的违法事实、线索和关键证据",
        "No definite facts, clue and key evidence were given",
        f"{LAW}第七条第一项",
    ),
    "not_the_facts": Exclusion(
        "认定的违法事实与举报事项完全不一致",
        "What was found is wholly different from what was reported",
        f"{LAW}第七条",
    ),
    "not_serious": Exclusion(
        "不属于重大违法行为",
        "The violation is not a serious one",
        f"{LAW}第三条、第四条",
    ),
}


@rule(cites=f"{LAW}第三条、第七条、第八条")
def exclusion_problems(ground: str, *, is_insider: bool, reason: str) -> list[Problem]:
    """Return what speaks against refusing a reward on this ground: an unknown ground, no reason, an insider as offender.

    An insider who confesses by reporting is rewarded: article 8 excepts her from the offenders.
    """
    problems = []
    if ground not in EXCLUSIONS:
        problems.append(Problem("ground", "请选择不予奖励的理由。", "Choose why no reward is given."))
    if ground == "offender" and is_insider:
        problems.append(
            Problem(
                "ground",
                "内部举报人不因参与过违法行为而不予奖励（第八条第三项）。",
                "An insider is not refused for having taken part (article 8, item 3).",
            )
        )
    if not reason.strip():
        problems.append(Problem("reason", "请写明认定的理由和依据。", "Say why, and on what it rests."))
    return problems


@rule(cites=f"{LAW}第七条、第十条")
def grading_problems(
    level: str, *, fine_yuan: Decimal | None, consistent_yuan: Decimal | None, multiple: Decimal, reason: str
) -> list[Problem]:
    """Return what is missing in a grading. Only the part of the fine for what was reported counts (article 7)."""
    problems = []
    if level not in LEVELS:
        problems.append(Problem("level", "请选择奖励等级。", "Choose the grade."))
    if fine_yuan is None or fine_yuan < 0:
        problems.append(
            Problem(
                "fine_yuan",
                "请填写罚没款，没有罚没款的填0。",
                "Give the fine and confiscation; 0 where there is none.",
            )
        )
    elif consistent_yuan is not None and consistent_yuan > fine_yuan:
        problems.append(
            Problem(
                "consistent_yuan",
                f"与举报一致的部分（{consistent_yuan}元）不能多于全部罚没款（{fine_yuan}元）。",
                f"The part that agrees with the report ({consistent_yuan}) exceeds the whole ({fine_yuan}).",
            )
        )
    if not 1 <= multiple <= MOST_MULTIPLE:
        problems.append(
            Problem(
                "multiple",
                f"决策表给出的倍数应在1与{MOST_MULTIPLE}之间。",
                f"The decision table gives a multiple outside 1 to {MOST_MULTIPLE}.",
            )
        )
    if not reason.strip():
        problems.append(Problem("reason", "请写明认定的理由和依据。", "Say why, and on what it rests."))
    return problems


@rule(cites=f"{LAW}第十一条、第十二条")
def amount_yuan(
    level: str, counted_yuan: Decimal, decided_on: date, *, multiple: Decimal = Decimal(1)
) -> Decimal:
    """Return the reward of a case in yuan: the grade's share of the fine, not under its least, times the insider's multiple.

    Rounded half up to the cent after multiplying; the cap of the case holds last, for insiders too.
    """
    plain = reward_yuan(level, counted_yuan, decided_on)
    cap = Decimal(REWARD.on(decided_on)["most_yuan"])
    return min((plain * multiple).quantize(CENT, "ROUND_HALF_UP"), cap)


@dataclass(frozen=True)
class Share:
    """What one report's maker gets of the reward of a case."""

    report: str
    percent: Decimal
    yuan: Decimal


_SHARE = re.compile(r"(\S+?)\s*[:：，,\s]\s*(\d{1,3}(?:\.\d{1,2})?)\s*[%％]?$")


@rule(cites=f"{LAW}第九条")
def read_shares(text: str) -> tuple[list[tuple[str, Decimal]], list[Problem]]:
    """Read who shares, one report a line: 'JB…: 30'. An empty text is nobody else."""
    found: list[tuple[str, Decimal]] = []
    problems = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        read = _SHARE.match(line)
        if read is None:
            problems.append(
                Problem(
                    "shares",
                    f"“{line[:60]}”没有读懂：每行写一个举报编号和百分比，例如“JB20261012-000001-0：30”。",
                    f"'{line[:60]}' is not understood: one report number and a percentage a line.",
                )
            )
        else:
            found.append((read[1], Decimal(read[2])))
    return found, problems


@rule(cites=f"{LAW}第九条")
def share_problems(
    shares: Sequence[tuple[str, Decimal]], *, main: str, known: Iterable[str], in_order: Sequence[str]
) -> list[Problem]:
    """Return what is wrong with shares: unknown or doubled reports, a sum that is not 100, the first one left out.

    `in_order` are the reports in the order of their receipt, none where they are about other facts. Of several who gave
    the same clue apart the first in time is rewarded; others only beside the first, where their own evidence helped.
    """
    if not shares:
        return []
    problems = []
    names = [name for name, _ in shares]
    unknown = [name for name in names if name not in set(known)]
    if unknown:
        problems.append(
            Problem(
                "shares",
                f"本单位没有这些已立案的举报，或者不是同一经营者的：{'、'.join(unknown)}。",
                f"These are no filed reports of this unit about the same firm: {', '.join(unknown)}.",
            )
        )
    if len(set(names)) != len(names):
        problems.append(
            Problem(
                "shares",
                "同一件举报写了两次。不重复奖励。",
                "A report stands there twice; none is rewarded twice.",
            )
        )
    if main not in names:
        problems.append(
            Problem("shares", f"分配里缺少本件举报{main}。", f"The report itself, {main}, is missing.")
        )
    total = sum((percent for _, percent in shares), Decimal(0))
    if total != 100 or any(percent <= 0 for _, percent in shares):
        problems.append(
            Problem(
                "shares",
                f"各份比例应大于0，合计为100%，现在是{total.normalize():f}%。",
                f"Shares are above 0 and make 100%; these make {total.normalize():f}%.",
            )
        )
    if not unknown and in_order and in_order[0] not in names:
        problems.append(
            Problem(
                "shares",
                f"最先举报的是{in_order[0]}，分别举报同一线索的奖励最先举报人，不能把它漏掉。",
                f"The first in time is {in_order[0]}; who reports the same clue first is not left out.",
            )
        )
    return problems


@rule(cites=f"{LAW}第九条")
def penalty_key(number: str) -> str:
    """Return what two ways of writing one number of a penalty have in common: width, brackets, 第, 号 and noughts aside."""
    plain = unicodedata.normalize("NFKC", number).casefold()
    kept = "".join(one if one.isalnum() else " " for one in plain if one not in "第号")
    plain = re.sub(r"(?<!\d)0+(?=\d)", "", " ".join(kept.split()))
    return re.sub(r"(?<!\d) | (?!\d)", "", plain)[:60]


@rule(cites=f"{LAW}第九条")
def first_problems(*, main: str, earlier: Sequence[str], unfinished: Sequence[str]) -> list[Problem]:
    """Return what speaks against giving all to one report where others reported the firm before.

    `earlier` and `unfinished` are those of the firm's earlier reports that are proven, and not decided yet. An officer
    who finds that they are about other facts says so, and is not asked here.
    """
    problems = []
    if earlier:
        problems.append(
            Problem(
                "shares",
                f"同一经营者更早的举报有{'、'.join(earlier)}，{main}不是最先的。写明怎么分配，或者勾选“不是同一违法行为”。",
                f"{', '.join(earlier)} came before {main}. Say how it is shared, or tick that they are of other facts.",
            )
        )
    if unfinished:
        problems.append(
            Problem(
                "shares",
                f"同一经营者更早的举报{'、'.join(unfinished)}还没有办结。先办结，或者勾选“不是同一违法行为”。",
                f"{', '.join(unfinished)} came earlier and are not finished. Finish them, or tick that they are of other facts.",
            )
        )
    return problems


@rule(cites=f"{LAW}第九条")
def divided(amount: Decimal, shares: Sequence[tuple[str, Decimal]]) -> list[Share]:
    """Divide a reward (yuan) by percent; each part is cut to the cent and what is left over goes to the first named."""
    parts = [
        Share(name, percent, (amount * percent / 100).quantize(CENT, ROUND_DOWN)) for name, percent in shares
    ]
    rest = amount - sum((part.yuan for part in parts), Decimal(0))
    first = parts[0]
    return [Share(first.report, first.percent, first.yuan + rest), *parts[1:]]


@rule(cites=f"{LAW}第十七条")
def claim_until(told_on: date) -> date:
    """Return the last day to claim: 30 days from the day after the reporter was told, rolled off rest days."""
    return calendar.next_working_day(told_on + timedelta(days=CLAIM_DAYS.on(told_on)), provisional=True)


@rule(cites=f"{LAW}第十七条")
def extended_until(until: date) -> date:
    """Return the last day to claim after the one extension for special circumstances."""
    return calendar.add_working_days(until, CLAIM_EXTENSION.on(until), provisional=True)


@rule(cites=f"{LAW}第十五条")
def review_until(told_on: date) -> date:
    """Return the last day to ask for a review: ten working days from the one after the reporter was told."""
    return calendar.add_working_days(told_on, REVIEW_REQUEST.on(told_on), provisional=True)


@rule(cites=f"{LAW}第十五条")
def review_due_on(asked_on: date) -> date:
    """Return until when a review is decided: fifteen working days, a period of this system."""
    return calendar.add_working_days(asked_on, REVIEW_DAYS.on(asked_on), provisional=True)


@rule(cites=f"{LAW}第七条、第十条")
def review_problems(
    level: str,
    *,
    counted_yuan: Decimal | None,
    fine_yuan: Decimal,
    amount_yuan: Decimal | None,
    before_yuan: Decimal,
) -> list[Problem]:
    """Return what is wrong with a higher sum on review: no grade, a base above the fine, or a sum that is not higher.

    `amount_yuan` is what grade and base come to for the one who asked, `before_yuan` what was decided first. Nobody gets
    less for having asked.
    """
    problems = []
    if level not in LEVELS:
        problems.append(Problem("reward_level", "请选择复核认定的等级。", "Choose the grade on review."))
    if counted_yuan is None or counted_yuan > fine_yuan:
        problems.append(
            Problem(
                "counted_yuan",
                f"请填写罚没款里与举报一致的部分，不多于认定的罚没款{fine_yuan}元。",
                f"Give the part of the fine that agrees with the report, at most {fine_yuan} yuan as assessed.",
            )
        )
    if amount_yuan is not None and amount_yuan <= before_yuan:
        problems.append(
            Problem(
                "reward_level",
                f"按这个等级和基数是{amount_yuan}元，不高于原决定的{before_yuan}元；不提高的，选维持。",
                f"Grade and base come to {amount_yuan} yuan, not above the {before_yuan} decided; if so, it stands.",
            )
        )
    return problems


@rule(cites=f"{LAW}第十二条")
def multiple_problems(multiple: Decimal, *, is_insider: bool, finance_agrees: bool) -> list[Problem]:
    """Return what is wrong with a multiple of the reward: outside its bounds, for nobody inside, or without consent."""
    problems = []
    if not 1 <= multiple <= MOST_MULTIPLE:
        problems.append(
            Problem(
                "multiple",
                f"倍数应在1与{MOST_MULTIPLE}之间。",
                f"The multiple lies between 1 and {MOST_MULTIPLE}.",
            )
        )
    if multiple > 1 and not is_insider:
        problems.append(
            Problem(
                "multiple",
                "只有内部举报人才能提高奖励标准（第十二条）。",
                "Only an insider gets a higher standard (article 12).",
            )
        )
    elif multiple > 1 and not finance_agrees:
        problems.append(
            Problem(
                "finance_agrees",
                "内部举报人提高奖励标准，须先征得同级财政部门同意（第十二条）。",
                "An insider's higher standard needs the consent of the finance department (article 12).",
            )
        )
    return problems


def _quarter_of(day: date) -> date:
    """Return the first day of a day's quarter."""
    return date(day.year, day.month - (day.month - 1) % 3, 1)


@dataclass(frozen=True)
class Paid:
    """A payment as the statistic takes it: when its receipt was entered, of which reward, field, and sum (yuan)."""

    entered_on: date
    reward: int
    field: str
    yuan: Decimal


@dataclass(frozen=True)
class Period:
    """Whole quarters that are over and in which at least five rewards were paid, with what is told of them."""

    first: date
    last: date
    rows: "list[Row]"


@rule(cites=f"{LAW}第二十条")
def closed_periods(paid: Iterable[Paid], today: date) -> list[Period]:
    """Return what is told of the quarters that are over, the latest first.

    A quarter in which fewer than five rewards were paid waits and is told together with the next ones. Periods never
    overlap and never change, because a payment counts on the day when its receipt was entered: nobody learns of one
    payment by comparing what stood there yesterday.
    """
    now = _quarter_of(today)
    waiting: list[Paid] = []
    found: list[Period] = []
    over = sorted((one for one in paid if one.entered_on < now), key=lambda one: one.entered_on)
    for quarter, ones in groupby(over, key=lambda one: _quarter_of(one.entered_on)):
        waiting += ones
        if len({one.reward for one in waiting}) >= FEWEST:
            first = found[-1].last + timedelta(days=1) if found else _quarter_of(waiting[0].entered_on)
            found.append(Period(first, calendar.add_months(quarter, 3) - timedelta(days=1), _told(waiting)))
            waiting = []
    return found[::-1]


def _told(paid: Iterable[Paid]) -> "list[Row]":
    """Count rewards, not payments: one who was paid twice is one person."""
    sums: dict[int, tuple[str, Decimal]] = {}
    for one in paid:
        _, before = sums.get(one.reward, ("", Decimal(0)))
        sums[one.reward] = (one.field, before + one.yuan)
    return told_rows(sums.values())


@dataclass(frozen=True)
class Row:
    """One line of the public statistic: a field, payments and their sum; None where so few would tell of persons."""

    field: str
    count: int | None
    yuan: Decimal | None


@rule(cites=f"{LAW}第二十条")
def told_rows(paid: Iterable[tuple[str, Decimal]]) -> list[Row]:
    """Return the statistic by field, the largest first; what is under five is told with others, or not at all.

    Small fields are put together under ''. Where the rest would still be under five, the smallest told field joins it,
    so that no difference between a total and the lines gives a small field away.
    """
    sums: dict[str, tuple[int, Decimal]] = {}
    for field, yuan in paid:
        count, total = sums.get(field, (0, Decimal(0)))
        sums[field] = (count + 1, total + yuan)
    ordered = sorted(sums.items(), key=lambda item: (-item[1][0], item[0]))
    told = [(field, *numbers) for field, numbers in ordered if field and numbers[0] >= FEWEST]
    small = [numbers for field, numbers in ordered if not field or numbers[0] < FEWEST]
    count = sum(number for number, _ in small)
    total = sum((yuan for _, yuan in small), Decimal(0))
    while 0 < count < FEWEST and told:
        _, number, yuan = told.pop()
        count, total = count + number, total + yuan
    rows = [Row(*line) for line in told]
    if count >= FEWEST:
        rows.append(Row("", count, total))
    elif count:
        rows.append(Row("", None, None))
    return rows
