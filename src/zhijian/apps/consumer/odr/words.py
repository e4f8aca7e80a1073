"""How the acts and states of a room are called: (Chinese, English)."""

from zhijian.apps.consumer.odr.rules import OfferState

VERB_WORDS: dict[str, tuple[str, str]] = {
    "opened": ("开启调解室", "opened the room"),
    "entered": ("进入调解室", "came in"),
    "message": ("留言", "wrote"),
    "caucus": ("单独沟通", "wrote in private"),
    "appointment": ("约谈", "appointed a talk"),
    "appointment_answer": ("答复约谈", "answered the appointment"),
    "file": ("提交材料", "handed in a document"),
    "disclosed": ("把材料公开给对方", "let the other side see a document"),
    "offer": ("提出方案", "made an offer"),
    "accepted": ("接受方案", "accepted an offer"),
    "declined": ("拒绝方案", "declined an offer"),
    "withdrawn": ("撤回方案", "withdrew an offer"),
    "confirmed": ("确认协议", "confirmed the agreement"),
    "rejected": ("不同意协议文本", "does not stand by the text"),
    "concluded": ("协议生效", "agreement took effect"),
    "ended": ("结束调解", "ended mediation"),
    "asked_for_court": ("申请司法确认", "asked for confirmation by the court"),
    "package": ("出具移送法院的材料", "issued a package for the court"),
    "invited_enterprise": ("邀请ODR企业先行和解", "invited the ODR enterprise"),
    "invitation_issued": ("向商家发出邀请码", "issued the firm's code"),
    "invitation_revoked": ("收回商家邀请码", "took the firm's code back"),
}
OFFER_WORDS: dict[OfferState, tuple[str, str]] = {
    OfferState.OPEN: ("等答复", "Waits for an answer"),
    OfferState.EXPIRED: ("已过期", "Run out"),
    OfferState.ACCEPTED: ("已接受", "Accepted"),
    OfferState.DECLINED: ("已拒绝", "Declined"),
    OfferState.WITHDRAWN: ("已撤回", "Withdrawn"),
    OfferState.COUNTERED: ("已有新方案", "Countered"),
}
PACKAGE_WORDS = {
    "judicial": ("司法确认移送材料", "Package for confirmation by the court"),
    "small_claim": ("小额诉讼移送材料", "Package for a small claim"),
}
