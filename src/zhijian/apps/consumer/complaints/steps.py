"""The life of a complaint and of a report as one table each: {(before, verb): after}, with role and article.

Page, refusal and the check of the drawings come from it. What the drawing says about order and deadlines, this says
about law: no drawing that an officer publishes can lead past it.
"""

from dataclasses import dataclass

from zhijian.apps.consumer.complaints.codes import ComplaintState as C
from zhijian.apps.consumer.complaints.codes import ReportState as P
from zhijian.apps.consumer.complaints.rules import O20, O121

PROCEDURE = "《市场监督管理行政处罚程序规定》"
REWARDS = "《市场监管领域重大违法行为举报奖励暂行办法》"


@dataclass(frozen=True)
class Step:
    """One permitted step: where it leads, who takes it, by which article."""

    after: str
    role: str
    article: str


def _steps(*rows: tuple[str, str, str, str, str]) -> dict[tuple[str, str], Step]:
    return {(before, verb): Step(after, role, article) for before, verb, after, role, article in rows}


# ASSUMPTION: the table of states lets a complaint be accepted only after a notice to prove identity; a complaint that
# has all it needs is accepted at once (article 15).
COMPLAINT_STEPS: dict[tuple[str, str], Step] = _steps(
    (C.RECEIVED, "ask_identity", C.ID_PENDING, "intake", f"{O121}第十条第三款"),
    (C.RECEIVED, "transfer", C.TRANSFERRED, "intake", f"{O121}第四十一条"),
    (C.RECEIVED, "refuse", C.REJECTED, "handler", f"{O121}第十五条、第十六条"),
    (C.RECEIVED, "accept", C.ACCEPTED, "handler", f"{O121}第十五条"),
    (C.RECEIVED, "withdraw", C.WITHDRAWN, "complainant", f"{O121}第二十三条第一款第一项"),
    (C.TRANSFERRED, "sign_for", C.RECEIVED, "intake", f"{O121}第四十一条"),
    (C.ID_PENDING, "supply_identity", C.ID_PENDING, "complainant", f"{O121}第十条第三款"),
    (C.ID_PENDING, "transfer", C.TRANSFERRED, "intake", f"{O121}第四十一条"),
    (C.ID_PENDING, "refuse", C.REJECTED, "handler", f"{O121}第十六条"),
    (C.ID_PENDING, "accept", C.ACCEPTED, "handler", f"{O121}第十五条"),
    (C.ID_PENDING, "withdraw", C.WITHDRAWN, "complainant", f"{O121}第二十三条第一款第一项"),
    (C.ACCEPTED, "begin_mediation", C.MEDIATING, "handler", f"{O121}第十八条、第十九条"),
    (C.ACCEPTED, "terminate", C.TERMINATED, "handler", f"{O121}第二十三条"),
    (C.ACCEPTED, "withdraw", C.WITHDRAWN, "complainant", f"{O121}第二十三条第一款第一项"),
    (C.MEDIATING, "record_mediation", C.MEDIATING, "mediator", f"{O121}第十八条至第二十条"),
    (C.MEDIATING, "begin_testing", C.TESTING, "handler", f"{O121}第二十二条"),
    (C.MEDIATING, "ask_recusal", C.RECUSAL, "mediator", f"{O121}第二十一条"),
    (C.MEDIATING, "agree", C.AGREED, "mediator", f"{O121}第二十四条"),
    (C.MEDIATING, "fail", C.NOT_AGREED, "mediator", f"{O121}第二十三条第一款第三项"),
    (C.MEDIATING, "terminate", C.TERMINATED, "handler", f"{O121}第二十三条"),
    (C.TESTING, "end_testing", C.MEDIATING, "handler", f"{O121}第二十二条"),
    (C.TESTING, "terminate", C.TERMINATED, "handler", f"{O121}第二十三条"),
    (C.RECUSAL, "decide_recusal", C.MEDIATING, "leader", f"{O121}第二十一条"),
    (C.NOT_AGREED, "terminate", C.TERMINATED, "handler", f"{O121}第二十三条"),
    (C.WITHDRAWN, "terminate", C.TERMINATED, "handler", f"{O121}第二十三条"),
    (C.TERMINATED, "tell_termination", C.TERMINATED, "handler", f"{O121}第二十三条第二款"),
    (C.TERMINATED, "close", C.CLOSED, "handler", f"{O121}第三十八条"),
    (C.AGREED, "close", C.CLOSED, "handler", f"{O121}第三十八条"),
)

REPORT_STEPS: dict[tuple[str, str], Step] = _steps(
    (P.RECEIVED, "dispatch", P.RECEIVED, "intake", f"{O121}第四十一条"),
    (P.RECEIVED, "tell_no_authority", P.NO_AUTHORITY_TOLD, "intake", f"{O121}第三十四条"),
    (P.RECEIVED, "note_repeat", P.REPEATED, "intake", f"{O121}第三十五条"),
    (P.RECEIVED, "begin_verification", P.VERIFYING, "intake", f"{PROCEDURE}第十八条"),
    (P.VERIFYING, "merge", P.VERIFYING, "intake", f"{O121}第三十五条"),
    (P.VERIFYING, "extend", P.EXTENDED, "leader", f"{PROCEDURE}第十八条"),
    (P.VERIFYING, "file_case", P.CASE_FILED, "handler", f"{PROCEDURE}第十九条"),
    (P.VERIFYING, "decline_case", P.NO_CASE, "handler", f"{PROCEDURE}第二十条"),
    (P.EXTENDED, "merge", P.VERIFYING, "intake", f"{O121}第三十五条"),
    (P.EXTENDED, "file_case", P.CASE_FILED, "handler", f"{PROCEDURE}第十九条"),
    (P.EXTENDED, "decline_case", P.NO_CASE, "handler", f"{PROCEDURE}第二十条"),
    (P.CASE_FILED, "tell_filing", P.REPORTER_TOLD, "handler", f"{O20}第三十一条"),
    (P.NO_CASE, "tell_filing", P.REPORTER_TOLD, "handler", f"{O20}第三十一条"),
    (P.CASE_FILED, "answer", P.RESULT_TOLD, "handler", f"{O121}第三十六条"),
    (P.NO_CASE, "answer", P.RESULT_TOLD, "handler", f"{O121}第三十六条"),
    (P.REPORTER_TOLD, "answer", P.RESULT_TOLD, "handler", f"{O121}第三十六条"),
    (P.CASE_FILED, "reward", P.RESULT_TOLD, "leader", f"{REWARDS}第十五条"),
    (P.REPORTER_TOLD, "reward", P.RESULT_TOLD, "leader", f"{REWARDS}第十五条"),
    (P.RESULT_TOLD, "reward", P.RESULT_TOLD, "leader", f"{REWARDS}第十五条"),
    (P.CASE_FILED, "refuse_reward", P.CASE_FILED, "leader", f"{REWARDS}第八条"),
    (P.REPORTER_TOLD, "refuse_reward", P.REPORTER_TOLD, "leader", f"{REWARDS}第八条"),
    (P.RESULT_TOLD, "refuse_reward", P.RESULT_TOLD, "leader", f"{REWARDS}第八条"),
)
