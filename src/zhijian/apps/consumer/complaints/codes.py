"""Code lists of complaints and reports: each value with its words in both languages."""

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """How a submission reached an authority (Order 121 article 8; the hotline dispatches)."""

    PORTAL = "portal"
    PHONE = "phone"
    COUNTER = "counter"
    LETTER = "letter"
    PLATFORM_12315 = "platform_12315"
    HOTLINE_12345 = "hotline_12345"
    TRANSFER = "transfer"
    ODR = "odr"


CHANNEL_WORDS: dict[str, tuple[str, str]] = {
    Channel.PORTAL: ("网上", "Online"),
    Channel.PHONE: ("电话", "Phone"),
    Channel.COUNTER: ("窗口", "Counter"),
    Channel.LETTER: ("来信", "Letter"),
    Channel.PLATFORM_12315: ("全国12315平台", "National 12315 platform"),
    Channel.HOTLINE_12345: ("12345热线", "12345 hotline"),
    Channel.TRANSFER: ("其他机关移送", "Transferred by another authority"),
    Channel.ODR: ("在线消费纠纷解决", "Online dispute resolution"),
}


class Paper(StrEnum):
    """What a file shows of who stands for whom (Order 121 articles 11 and 12); other files have none of these."""

    AUTHORISATION = "authorisation"
    AGENT_ID = "agent_id"
    ELECTION = "election"
    CONSENT = "consent"


PAPER_WORDS: dict[str, tuple[str, str]] = {
    Paper.AUTHORISATION: ("授权委托书", "Power of attorney"),
    Paper.AGENT_ID: ("代理人身份证明", "Agent's proof of identity"),
    Paper.ELECTION: (
        "共同投诉人签名的推选代表人材料",
        "Election of representatives, signed by all complainants",
    ),
    Paper.CONSENT: ("被代表的人同意和解、撤回的材料", "Consent of those represented to settle or withdraw"),
}


class Scope(StrEnum):
    """How far an agent's power goes: with a special one the agent may dispose of the claim."""

    GENERAL = "general"
    SPECIAL = "special"


SCOPE_WORDS: dict[str, tuple[str, str]] = {
    Scope.GENERAL: ("一般代理", "General: hands papers in and takes part in mediation"),
    Scope.SPECIAL: (
        "特别授权：可以变更、放弃请求，和解，撤回",
        "Special: may also change or waive the claim, settle, withdraw",
    ),
}


class SubmissionKind(StrEnum):
    """What one text asks for. `OTHER` is neither (IN-3) and starts no clock."""

    COMPLAINT = "complaint"
    REPORT = "report"
    BOTH = "both"
    OTHER = "other"


class Redirect(StrEnum):
    """What is no complaint and no report (Order 121 article 44)."""

    CONSULTATION = "consultation"
    INFORMATION_REQUEST = "information_request"
    RECONSIDERATION = "reconsideration"
    PETITION = "petition"
    DISCIPLINE = "discipline"


REDIRECT_WORDS: dict[str, tuple[str, str]] = {
    Redirect.CONSULTATION: ("咨询", "Consultation"),
    Redirect.INFORMATION_REQUEST: ("政府信息公开申请", "Request for government information"),
    Redirect.RECONSIDERATION: ("行政复议", "Administrative reconsideration"),
    Redirect.PETITION: ("信访", "Petition"),
    Redirect.DISCIPLINE: ("纪检监察检举控告", "Discipline complaint"),
}


class ComplaintState(StrEnum):
    """The states C0 to C10 of a complaint."""

    RECEIVED = "received"
    ID_PENDING = "id_pending"
    TRANSFERRED = "transferred"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    MEDIATING = "mediating"
    TESTING = "testing"
    RECUSAL = "recusal"
    AGREED = "agreed"
    NOT_AGREED = "not_agreed"
    TERMINATED = "terminated"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


COMPLAINT_STATE_WORDS: dict[str, tuple[str, str]] = {
    ComplaintState.RECEIVED: ("已接收", "Received"),
    ComplaintState.ID_PENDING: ("限期提供身份证明", "Waiting for proof of identity"),
    ComplaintState.TRANSFERRED: ("已分送", "Dispatched to another unit"),
    ComplaintState.REJECTED: ("不予受理", "Refused"),
    ComplaintState.ACCEPTED: ("已受理", "Accepted"),
    ComplaintState.MEDIATING: ("调解中", "In mediation"),
    ComplaintState.TESTING: ("检测鉴定中", "Testing or appraisal"),
    ComplaintState.RECUSAL: ("回避审查（中止调解）", "Recusal under review (mediation suspended)"),
    ComplaintState.AGREED: ("达成协议", "Agreed"),
    ComplaintState.NOT_AGREED: ("未达成协议", "Not agreed"),
    ComplaintState.TERMINATED: ("终止调解", "Mediation terminated"),
    ComplaintState.WITHDRAWN: ("撤回或自行和解", "Withdrawn or settled"),
    ComplaintState.CLOSED: ("已办结归档", "Closed and archived"),
}


class ReportState(StrEnum):
    """The states P0 to P6 of a report of a violation."""

    RECEIVED = "received"
    NO_AUTHORITY_TOLD = "no_authority_told"
    REPEATED = "repeated"
    VERIFYING = "verifying"
    EXTENDED = "extended"
    CASE_FILED = "case_filed"
    NO_CASE = "no_case"
    REPORTER_TOLD = "reporter_told"
    RESULT_TOLD = "result_told"


REPORT_STATE_WORDS: dict[str, tuple[str, str]] = {
    ReportState.RECEIVED: ("已接收", "Received"),
    ReportState.NO_AUTHORITY_TOLD: ("已告知向有权部门提出", "Told to turn to the competent authority"),
    ReportState.REPEATED: ("重复举报", "Repeated report"),
    ReportState.VERIFYING: ("核查中", "Being verified"),
    ReportState.EXTENDED: ("核查中（已延长）", "Being verified (extended)"),
    ReportState.CASE_FILED: ("已立案", "Case filed"),
    ReportState.NO_CASE: ("不予立案", "No case filed"),
    ReportState.REPORTER_TOLD: ("已告知是否立案", "Reporter told of the filing decision"),
    ReportState.RESULT_TOLD: ("已答复处理结果或奖励", "Reporter told of the result, or rewarded"),
}


class RespondentKind(StrEnum):
    """What decides which county is competent (Order 121 articles 13, 31)."""

    ORDINARY = "ordinary"
    PLATFORM_OPERATOR = "platform_operator"
    OWN_SITE = "own_site"
    PLATFORM_MERCHANT = "platform_merchant"


RESPONDENT_WORDS: dict[str, tuple[str, str]] = {
    RespondentKind.ORDINARY: ("一般经营者", "Ordinary operator"),
    RespondentKind.PLATFORM_OPERATOR: ("电子商务平台经营者", "Operator of a platform"),
    RespondentKind.OWN_SITE: (
        "自建网站或其他网络服务经营者",
        "Seller on its own site or other network service",
    ),
    RespondentKind.PLATFORM_MERCHANT: ("平台内经营者", "Merchant on a platform"),
}


class Claim(StrEnum):
    """What a consumer may ask for (form 1)."""

    REPAIR = "repair"
    REDO = "redo"
    REPLACE = "replace"
    RETURN = "return"
    MAKE_UP = "make_up"
    REFUND = "refund"
    COMPENSATE = "compensate"
    APOLOGISE = "apologise"


CLAIM_WORDS: dict[str, tuple[str, str]] = {
    Claim.REPAIR: ("修理", "Repair"),
    Claim.REDO: ("重作", "Do again"),
    Claim.REPLACE: ("更换", "Replace"),
    Claim.RETURN: ("退货", "Return the goods"),
    Claim.MAKE_UP: ("补足商品数量", "Make up the quantity"),
    Claim.REFUND: ("退还货款或服务费用", "Refund"),
    Claim.COMPENSATE: ("赔偿损失", "Compensate"),
    Claim.APOLOGISE: ("赔礼道歉", "Apologise"),
}


@dataclass(frozen=True)
class Ground:
    """A ground on which a complaint is refused or its mediation ended."""

    code: str
    words_zh: str
    words_en: str
    article: str


_A16 = "《市场监督管理投诉举报处理办法》第十六条"
_A23 = "《市场监督管理投诉举报处理办法》第二十三条第一款"

REFUSAL_GROUNDS: dict[str, Ground] = {
    ground.code: ground
    for ground in (
        Ground("R1", "不属于市场监管职责，或本机关没有处理权限", "Not the authority's function, or this organ lacks power", f"{_A16}第一项"),
        Ground("R2", "法院、仲裁机构、行政机关或者消费者组织已经受理或处理过同一纠纷", "A court, arbitration body, administrative organ or consumer association has taken up the same dispute", f"{_A16}第二项"),
        Ground("R3", "不是为生活消费需要，或者不能证明与被投诉人之间存在消费者权益争议", "Not for daily-life consumption, or no consumer dispute with this respondent is proven", f"{_A16}第三项"),
        Ground("R4", "自知道或者应当知道权益受到侵害之日起超过三年", "More than three years since the harm was or should have been known", f"{_A16}第四项"),
        Ground("R5", "未提供规定的材料，或者材料虚假", "The required materials are missing or false", f"{_A16}第五项"),
        Ground("R6", "冒用他人名义，或者拒不配合核验身份", "Impersonation, or refusing to have the identity verified", f"{_A16}第六项"),
        Ground("R7", "法律、法规、规章规定不予受理的其他情形", "Another ground in a law, regulation or rule", f"{_A16}第七项"),
    )
}  # fmt: skip

TERMINATION_GROUNDS: dict[str, Ground] = {
    ground.code: ground
    for ground in (
        Ground("T1", "投诉人撤回投诉，或者双方自行和解", "Withdrawn, or settled by the parties", f"{_A23}第一项"),
        Ground("T2", "一方无正当理由不参加调解，或者明确拒绝调解", "A party absent without good reason, or clearly refusing mediation", f"{_A23}第二项"),
        Ground("T3", "经组织调解，一方明确表示无法达成协议", "After mediation was organised a party clearly said that no agreement is possible", f"{_A23}第三项"),
        Ground("T4", "对检测、检验、检疫、鉴定费用承担无法协商一致", "No agreement on who pays for testing or appraisal", f"{_A23}第四项"),
        Ground("T5", "自受理之日起六十日内未能达成协议", "No agreement within 60 days of acceptance", f"{_A23}第五项"),
        Ground("T6", "受理后发现存在不予受理情形或者涉嫌牟利造假", "A ground for refusal, or fraud for gain, found after acceptance", f"{_A23}第六项"),
        Ground("T7", "一方死亡或者终止", "A party died or ceased to exist", f"{_A23}第七项"),
        Ground("T8", "其他应当终止调解的情形", "Another ground to end mediation", f"{_A23}第八项"),
    )
}  # fmt: skip

NO_CASE_GROUNDS: dict[str, Ground] = {
    ground.code: ground
    for ground in (
        Ground("N1", "违法行为轻微并及时改正，没有造成危害后果", "Slight, corrected in time, without harm", "《市场监督管理行政处罚程序规定》第二十条第一款第一项"),
        Ground("N2", "初次违法且危害后果轻微并及时改正", "A first violation with slight harm, corrected in time", "《市场监督管理行政处罚程序规定》第二十条第一款第二项"),
        Ground("N3", "有证据足以证明没有主观过错", "Proof that the party was not at fault", "《市场监督管理行政处罚程序规定》第二十条第一款第三项"),
        Ground("N4", "依法可以不予立案的其他情形", "Another ground not to file a case", "《市场监督管理行政处罚程序规定》第二十条第一款第四项"),
        Ground("N0", "经核查不符合立案条件", "Verification found that the tests for filing are not met", "《市场监督管理行政处罚程序规定》第十九条"),
    )
}  # fmt: skip


class SpecialField(StrEnum):
    """Fields in which a law orders an answer to the reporter (Order 121 article 36)."""

    ADVERTISING = "advertising"
    PUBLISHED_INFORMATION = "published_information"
    UNFAIR_COMPETITION = "unfair_competition"
    STANDARDS = "standards"
    FOOD = "food"
    FARM_PRODUCTS = "farm_products"
    DRUGS = "drugs"


SPECIAL_FIELD_WORDS: dict[str, tuple[str, str]] = {
    SpecialField.ADVERTISING: ("广告", "Advertising"),
    SpecialField.PUBLISHED_INFORMATION: ("企业公示信息", "Published enterprise information"),
    SpecialField.UNFAIR_COMPETITION: ("不正当竞争", "Unfair competition"),
    SpecialField.STANDARDS: ("标准", "Standards"),
    SpecialField.FOOD: ("食品", "Food"),
    SpecialField.FARM_PRODUCTS: ("农产品质量安全", "Farm products"),
    SpecialField.DRUGS: ("药品", "Drugs"),
}

ID_TYPES: dict[str, tuple[str, str]] = {
    "resident": ("居民身份证", "Resident identity card"),
    "hk_macao": ("港澳居民来往内地通行证或居住证", "Hong Kong or Macao travel or residence permit"),
    "taiwan": ("台湾居民来往大陆通行证或居住证", "Taiwan travel or residence permit"),
    "passport": ("护照", "Passport"),
    "other": ("其他", "Other"),
}
