"""What a look was at, in words that a person understands; the code stands in the record."""

from django.utils.translation import gettext as _

from zhijian.engines.data_protection.models import RequestKind
from zhijian.engines.data_protection.rules import Kind
from zhijian.portal.components import look_parts
from zhijian.security.models import RefusalKind


def part(code: str) -> str:
    """Name the part of a file that was looked at; a code without words stays as it is."""
    for start, words in (
        ("evidence_", _("检查的证据")),
        ("file_", _("附件")),
        ("alert_", _("异常查看的核实")),
    ):
        if code.startswith(start):
            return words
    return _parts().get(code) or look_parts.word(code)


def _parts() -> dict[str, str]:
    return {
        "credit_class": _("信用风险分类"), "sector_class": _("分领域等级"), "credit_file": _("信用档案"),
        "check": _("检查"), "case check": _("个案检查"), "case": _("办件"), "evidence": _("检查的证据"),
        "recordings": _("音像记录"), "measures": _("惩戒措施"), "key_file": _("重点监管档案"),
        "drug_file": _("药品安全信用档案"), "complaint_party": _("投诉人的身份和联系方式"),
        "reporter_identity": _("举报人的身份"), "reporter_protection": _("举报人保护"),
        "agent_mandate": _("代理授权"), "joint_election": _("共同投诉代表人"), "odr_desk": _("在线调解"),
        "odr_room": _("在线调解室"), "bay_area_person": _("港澳消费者的身份"), "payout_account": _("收款账户"),
        "reward_review": _("奖励复核"), "business_code": _("发放企业账号"), "business_removed": _("停用企业账号"),
        "repair_desk": _("修复和撤回公示"), "lists_desk": _("名单"), "inspector_objection": _("回避申请"),
        "position_bar_entered": _("任职限制登记"), "position_bar_lifted": _("任职限制解除"),
        "data_request": _("查阅、更正申请"), "export": _("导出"), "officer_page": _("人员账号"),
        "access_records": _("查看记录"), "access_doors": _("账号能打开什么"), "linkage": _("疑似对应"), "interests": _("利害关系申报"),
        "deletion_holds": _("保存期和暂停删除"),
        "measure_answered": _("惩戒措施的反馈"), "measure_answers": _("惩戒措施的反馈"),
        "unsealed": _("加密的个人信息"),
    }  # fmt: skip


def kind(code: str) -> str:
    """Name a kind of unusual access."""
    return {
        Kind.MANY: _("一天里看了很多对象"), Kind.NIGHT: _("夜里查看"), Kind.OUTSIDE: _("看了辖区以外的对象"),
        Kind.TIES: _("看了自己申报过利害关系的单位"), Kind.AGAIN: _("一天里反复看同一个对象"),
        Kind.REFUSED: _("短时间内多次被拒绝"),
    }[Kind(code)]  # fmt: skip


def why(code: str, *, count: int, limit: int, usual: object) -> str:
    """Say in a sentence why it was noticed."""
    values = {"n": count, "limit": limit, "usual": usual}
    return {
        Kind.MANY: _("看了%(n)s个对象，从%(limit)s个起核实；平时一天%(usual)s个。"),
        Kind.NIGHT: _("夜间查看%(n)s次，从%(limit)s次起核实。"),
        Kind.OUTSIDE: _("辖区以外的对象%(n)s个，从%(limit)s个起核实。"),
        Kind.TIES: _("申报过利害关系的单位%(n)s个，一个就核实。"),
        Kind.AGAIN: _("同一个对象看了%(n)s次，从%(limit)s次起核实。"),
        Kind.REFUSED: _("短时间内被拒绝%(n)s次，从%(limit)s次起核实。"),
    }[Kind(code)] % values  # fmt: skip


def request_kind(code: str) -> str:
    return {
        RequestKind.COPY: _("要一份复制件"), RequestKind.CORRECTION: _("要求更正"),
        RequestKind.EXPLANATION: _("问为什么看"), RequestKind.DELETION: _("要求删除"),
    }[RequestKind(code)]  # fmt: skip


def refusal(code: str) -> str:
    """Name what was refused."""
    return refusals()[code]


def refusals() -> dict[str, str]:
    """Return the kinds of what is refused, in words."""
    return {
        RefusalKind.ROLE: _("岗位没有这项权限"), RefusalKind.AREA: _("不在辖区"),
        RefusalKind.DUTIES: _("要由另一个人办理"), RefusalKind.PASSWORD: _("密码不对"),
        RefusalKind.SECOND_FACTOR: _("第二重验证不对"), RefusalKind.LOCKED: _("登录试得太多，暂时锁定"),
        RefusalKind.KEY: _("接口的密钥不对"), RefusalKind.TOKEN: _("表单没有令牌或者已经过期"),
        RefusalKind.FILE: _("文件有危险"), RefusalKind.MALFORMED: _("请求的写法不对"),
        RefusalKind.TOO_OFTEN: _("太频繁"), RefusalKind.TOO_LARGE: _("太大"),
        RefusalKind.PLAIN_HTTP: _("接口不用https"), RefusalKind.OTHER: _("其他"),
        RefusalKind.FLOOD: _("一分钟里太多，合并计数"),
    }  # fmt: skip
