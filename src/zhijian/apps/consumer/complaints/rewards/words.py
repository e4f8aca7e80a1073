"""The words of rewards and protection in both languages."""

LEVEL_WORDS = {
    "first": ("一级", "First grade"),
    "second": ("二级", "Second grade"),
    "third": ("三级", "Third grade"),
}
GRANT_WORDS = {
    "waiting": ("等领取", "To be claimed"),
    "claimed": ("已领取，等支付", "Claimed, to be paid"),
    "returned": ("支付被退回，请重新提供账户", "The payment came back; give the account again"),
    "paid": ("已支付", "Paid"),
    "lapsed": ("逾期未领，视为放弃", "Not claimed in time: given up"),
}
OUTCOME_WORDS = {
    "upheld": ("维持原决定", "The decision stands"),
    "changed": ("改变原决定", "The decision was changed"),
}
WAY_WORDS = {"account": ("转账", "By transfer"), "cash": ("现金", "In cash")}
CONCLUSION_WORDS = {
    "penalty": ("已作出行政处罚决定", "A penalty was decided"),
    "crime": ("移送司法机关，已追究刑事责任", "Prosecuted as a crime"),
}
THREAT_WORDS = {
    "dismissal": ("解雇、开除或者不续签", "Dismissal, or no new contract"),
    "pay": ("降薪、降级、调岗", "Less pay, a lower post, a transfer"),
    "threat": ("威胁、恐吓、骚扰", "Threats, intimidation, harassment"),
    "violence": ("暴力或者毁坏财物", "Violence, or damage to property"),
    "exposed": ("身份已经泄露或者可能泄露", "The identity leaked or may leak"),
    "other": ("其他打击报复", "Other retaliation"),
}
MEASURE_WORDS = {
    "guards_identity": ("身份改由负责人一人可以查看", "Only a leader opens the identity"),
    "refers_police": ("移送公安机关", "Handed to the police"),
    "refers_labour": ("转人力资源社会保障部门", "Referred to labour protection"),
    "keeps_contact": ("指定专人联系", "One named officer keeps contact"),
}
