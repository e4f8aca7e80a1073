"""The result codes of a random inspection, what each means and what follows from it.

SOURCE: codes 1-9 and their next steps follow provincial practice under 《企业公示信息抽查办法》; no national
code standard was found in full, so the numbers are this product's and `platform_code` keeps the number
seen on one provincial platform.
"""

from dataclasses import dataclass
from enum import StrEnum


class FollowUpKind(StrEnum):
    ABNORMAL_LIST = "abnormal_list"
    ORDER_CORRECTION = "order_correction"
    RECHECK = "recheck"
    FILE_CASE = "file_case"
    RETAG = "retag"
    UPDATE_STATUS = "update_status"


class Ending(StrEnum):
    """What really came of a follow-up. Closings from before endings were asked for have none."""

    LISTED = "listed"
    NOT_LISTED = "not_listed"
    FILED = "filed"
    NOT_FILED = "not_filed"
    TRANSFERRED = "transferred"
    CORRECTED = "corrected"
    ORDERED_AGAIN = "ordered_again"
    UPDATED = "updated"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class ResultCode:
    """One code: what was found, and what the authority must do next (nothing, where `follow_up` is None)."""

    code: str
    label_zh: str
    label_en: str
    next_zh: str
    next_en: str
    follow_up: FollowUpKind | None
    is_problem: bool
    platform_code: str


def _code(
    code: str,
    zh: str,
    en: str,
    next_zh: str,
    next_en: str,
    follow_up: FollowUpKind | None,
    *,
    problem: bool = True,
    platform: str = "",
) -> ResultCode:
    return ResultCode(code, zh, en, next_zh, next_en, follow_up, problem, platform or code)


_PUBLISH = ("公示结果。", "Publish the result.")
_LIST = (
    "公示结果；10个工作日内作出列入经营异常名录的决定。",
    "Publish; decide within 10 working days to put it on the abnormal list.",
)
_CASE = (
    "公示结果；自发现之日起15个工作日内决定是否立案。",
    "Publish; decide within 15 working days of discovery whether to file a case.",
)
_STATUS = (
    "公示结果；核对登记状态并更新名录库。",
    "Publish; check the registered status and update the directory.",
)

RESULT_CODES: dict[str, ResultCode] = {
    row.code: row
    for row in (
        _code("1", "未发现问题", "No problem found", *_PUBLISH, None, problem=False, platform="1"),
        _code(
            "2",
            "未按规定公示年度报告",
            "Annual report not published",
            *_LIST,
            FollowUpKind.ABNORMAL_LIST,
            platform="B",
        ),
        _code(
            "3",
            "未按规定公示其他应当公示的信息",
            "Other information not published",
            "公示结果；责令10日内公示，期满仍不公示的列入经营异常名录。",
            "Publish; order publication within 10 days, then the abnormal list.",
            FollowUpKind.ORDER_CORRECTION,
            platform="B",
        ),
        _code(
            "4",
            "公示信息隐瞒真实情况、弄虚作假",
            "Published information concealed or false",
            *_CASE,
            FollowUpKind.FILE_CASE,
            platform="C",
        ),
        _code(
            "5",
            "通过登记的住所（经营场所）无法联系",
            "Unreachable at the registered premises",
            *_LIST,
            FollowUpKind.ABNORMAL_LIST,
            platform="6",
        ),
        _code(
            "6",
            "发现问题已责令改正",
            "Problem found, correction ordered",
            "公示结果；责令的期限到后复查。",
            "Publish; check again when the ordered time is up.",
            FollowUpKind.RECHECK,
            platform="E",
        ),
        _code(
            "7",
            "不配合检查情节严重",
            "Serious refusal to co-operate",
            *_CASE,
            FollowUpKind.FILE_CASE,
            platform="8",
        ),
        _code(
            "8",
            "未发现开展本次抽查涉及的经营活动",
            "No business of the inspected kind found",
            "公示结果；更新名录库中的标签。",
            "Publish; correct the tags in the directory.",
            FollowUpKind.RETAG,
            problem=False,
            platform="F",
        ),
        _code(
            "9",
            "发现问题待后续处理",
            "Problem found, further handling pending",
            *_CASE,
            FollowUpKind.FILE_CASE,
            platform="A",
        ),
    )
}

STATUS_OUTCOMES: dict[str, ResultCode] = {
    row.code: row
    for row in (
        _code(
            f"S{number}",
            f"{zh}，无法检查",
            f"{en}: no check possible",
            *_STATUS,
            FollowUpKind.UPDATE_STATUS,
            problem=False,
            platform=number,
        )
        for number, zh, en in (
            ("7", "已停业或正在清算", "Closed or in liquidation"),
            ("9", "已注销", "Deregistered"),
            ("10", "被吊销", "Licence revoked"),
            ("11", "被撤销", "Registration cancelled"),
            ("12", "已迁出", "Moved out of the area"),
        )
    )
}
"""What was found about the entity itself when it had closed or moved between the draw and the visit."""

ALL_CODES: dict[str, ResultCode] = {**RESULT_CODES, **STATUS_OUTCOMES}


class UnreachableProof(StrEnum):
    """《企业公示信息抽查办法》第十四条: one of three proofs that an entity cannot be reached."""

    THIRD_PARTY = "third_party"
    PREMISES_MISSING = "premises_missing"
    TWO_LETTERS = "two_letters"


UNREACHABLE_PROOFS: dict[str, tuple[str, str]] = {
    UnreachableProof.THIRD_PARTY: (
        "实地查无，并有产权人、管理人或有关部门的证明",
        "Not there, with proof from the owner, the manager or an authority",
    ),
    UnreachableProof.PREMISES_MISSING: ("实地查看，登记的住所不存在", "The registered premises do not exist"),
    UnreachableProof.TWO_LETTERS: (
        "两次邮寄专用信函均无人签收（间隔15至30日）",
        "Two special letters, 15 to 30 days apart, both unsigned for",
    ),
}
WITNESSES: dict[str, tuple[str, str]] = {
    "grassroots": ("村、居委会人员在场见证", "Somebody of the village or residents' committee"),
    "keeper": ("物业、市场开办者人员在场见证", "Somebody who manages the building or market"),
    "recording": ("全程音像记录", "A film of the whole"),
    "nobody": ("没有人见证", "Nobody"),
}
"""Who saw that the inspected did not sign (rules.Witness), in both languages."""
FOLLOW_UP_LABELS: dict[str, tuple[str, str]] = {
    FollowUpKind.ABNORMAL_LIST: ("决定列入经营异常名录", "Decide on the abnormal list"),
    FollowUpKind.ORDER_CORRECTION: ("责令公示，到期复核", "Order publication, check when due"),
    FollowUpKind.RECHECK: ("责令改正到期复查", "Check that the correction was made"),
    FollowUpKind.FILE_CASE: ("决定是否立案", "Decide whether to file a case"),
    FollowUpKind.RETAG: ("更新检查对象标签", "Correct the target's tags"),
    FollowUpKind.UPDATE_STATUS: ("核对登记状态", "Check the registered status"),
}
ENDING_LABELS: dict[str, tuple[str, str]] = {
    Ending.LISTED: ("已立案办理列入", "A case of listing was opened"),
    Ending.NOT_LISTED: ("查明不应列入", "Found that it is not to be listed"),
    Ending.FILED: ("已决定立案", "A penalty case was filed"),
    Ending.NOT_FILED: ("决定不予立案", "Decided not to file a case"),
    Ending.TRANSFERRED: ("已移送其他机关", "Transferred to another authority"),
    Ending.CORRECTED: ("复查合格，已改正", "Checked again: corrected"),
    Ending.ORDERED_AGAIN: ("复查未改正，再次责令", "Checked again: not corrected, ordered again"),
    Ending.UPDATED: ("已核对、更新", "Checked and brought up to date"),
    Ending.SUPERSEDED: ("结论已更正，不再需要", "The result was corrected: no longer called for"),
}
