"""Complaints and reports: what the plan asks for, and where it stands here."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="consumer/complaints",
    plan_ids=("S46", "S227", "S228"),
    title_zh="投诉举报处理",
    title_en="Complaints and reports of violations",
    audience=("public", "business", "officer"),
    regulations=(
        "《市场监督管理投诉举报处理办法》（市场监管总局令第121号）",
        "《市场监督管理投诉举报处理暂行办法》（已废止，仅用于旧案）",
        "《中华人民共和国消费者权益保护法》",
        "《中华人民共和国消费者权益保护法实施条例》",
        "《市场监督管理行政处罚程序规定》",
        "《市场监管领域重大违法行为举报奖励暂行办法》（国市监稽规〔2021〕4号）",
        "《最高人民法院关于审理预付式消费民事纠纷案件适用法律若干问题的解释》",
    ),
    facts_in=(),
    facts_out=(
        "complaint.received",
        "complaint.transferred",
        "complaint.accepted",
        "complaint.refused",
        "complaint.mediated",
        "complaint.agreed",
        "complaint.terminated",
        "complaint.withdrawn",
        "complaint.closed",
        "complaint.published",
        "complaint.upheld",
        "report.received",
        "report.no_authority",
        "report.repeated",
        "report.merged",
        "report.extended",
        "report.case_filed",
        "report.no_case",
        "report.told",
        "report.rewarded",
        "report.reward_refused",
        "report.reward_reviewed",
        "report.reward_paid",
        "report.reward_lapsed",
        "report.protected",
    ),
    pages=(
        Page("/complain/", "投诉举报", "Complain or report", audience="public"),
        Page("/complain/status/", "查进度", "Progress of a complaint or report", audience="public"),
        Page("/complain/feedback/", "大家怎么评价处理", "How people rate the handling", audience="public"),
        Page("/complain/rewards/", "举报奖励统计", "Statistics of rewards", audience="public"),
        Page(
            "/complain/status/reward/", "申请、领取举报奖励", "Ask for or claim a reward", audience="public"
        ),
        Page("/complain/status/protection/", "请求保护", "Ask for protection", audience="public"),
        Page("/work/cases/", "办件", "Cases"),
        Page("/work/rewards/", "举报奖励和保护", "Rewards and protection of reporters"),
        Page("/work/rewards/counter/", "窗口领取举报奖励", "Claiming a reward at the counter"),
        Page("/work/rewards/payments/", "举报奖励支付单", "Payment orders of rewards"),
        Page("/work/cases/<id>/", "投诉或举报的案件", "Case of a complaint or report"),
        Page(
            "/work/complaints/parties/<id>/",
            "查看当事人（须写事由）",
            "Opening a party's data, for a purpose",
        ),
        Page(
            "/work/complaints/reporters/<id>/",
            "查看举报人（须写事由）",
            "Opening a reporter's identity, for a purpose",
        ),
    ),
    plan_titles={
        "S46": (
            "消费维权处理结果消费者反馈评价机制",
            "Consumer feedback and rating of how a complaint was handled",
        ),
        "S227": (
            "12345投诉举报平台 / 12345政务服务便民热线",
            "12345 complaint and whistle-blowing platform / 12345 government service hotline",
        ),
        "S228": (
            "内部举报人制度 / 举报奖励和保护",
            "Insider-whistleblower system, rewards and protection",
        ),
    },
)
