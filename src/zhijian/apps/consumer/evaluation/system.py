"""Evaluation after consumption: proof for every evaluation, a score with its interval, manipulation found by published tests."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="consumer/evaluation",
    plan_ids=("S51",),
    title_zh="消费后评价",
    title_en="Evaluation after consumption",
    audience=("public", "officer"),
    regulations=(
        "《电子商务法》第十七条、第三十九条",
        "《消费者权益保护法》第十五条",
        "《反不正当竞争法》第九条",
        "《广东省市场监管现代化“十四五”规划》第五章第二节",
    ),
    facts_in=("complaint.closed",),
    facts_out=("evaluation.received", "evaluation.set_aside", "evaluation.restored", "register.added"),
    pages=(
        Page("/consumer/evaluation/", "消费后评价", "Evaluation after consumption", audience="public"),
        Page("/consumer/evaluation/new/", "我要评价", "Evaluate", audience="public"),
        Page("/consumer/evaluation/rules/", "评价规则", "Rules of evaluation", audience="public"),
        Page("/consumer/evaluation/desk/", "经营者柜台", "A firm's desk", audience="public"),
        Page("/registers/evaluation_firms/", "参加评价的经营者", "Firms that take part", audience="public"),
        Page("/procedures/consumer/evaluation_objection/", "异议的流程", "How an objection is decided", audience="public"),
        Page("/work/evaluations/", "评价办理", "Evaluations at work"),
    ),
    plan_titles={
        "S51": (
            "消费后评价制度 / 服务后评价机制 / 产品和服务消费后评价体系",
            "Post-consumption evaluation of products and services",
        )
    },
)  # fmt: skip
