"""What officers find in the header: few links, and groups of those pages that the officer's roles open."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may

PROVINCE = "440000"


@dataclass(frozen=True)
class WorkPage:
    """A page and the right that opens it."""

    href: str
    label: Any
    needs: Permission = Permission.VIEW_WORKBENCH
    division: str = ""  # a page of one unit alone: the division of its area

    def opens_for(self, officer: Officer) -> bool:
        return may(officer, self.needs, division=self.division or None)


@dataclass(frozen=True)
class WorkGroup:
    """Pages of one kind of work, under one word. A group of one page, or without a word, stands as links."""

    label: Any
    pages: tuple[WorkPage, ...]


_MENU = (
    WorkGroup(
        "",
        (
            WorkPage("/work/", _("工作台")),
            WorkPage("/work/leader/", _("负责人看板"), Permission.VIEW_LEADER_BOARD),
            WorkPage("/work/cases/", _("办件")),
            WorkPage("/entities/", _("查企业")),
        ),
    ),
    WorkGroup(
        _("检查监管"),
        (
            WorkPage("/work/round/", _("一天的路线"), Permission.INSPECT),
            WorkPage("/work/plans/", _("年度抽查计划")),
            WorkPage("/work/draws/", _("抽签管理")),
            WorkPage("/work/joint/", _("联合抽查"), Permission.MANAGE_DRAW),
            WorkPage("/work/follow-ups/", _("后续处置"), Permission.VIEW_CHECK),
            WorkPage("/work/recordings/", _("音像记录"), Permission.VIEW_CHECK),
            WorkPage("/work/case-checks/", _("个案检查"), Permission.VIEW_CASE_CHECKS),
            WorkPage("/work/replacements/", _("更换检查人员"), Permission.AUDIT_DRAWS),
            WorkPage("/work/audit/draws/", _("抽签审计"), Permission.AUDIT_DRAWS),
            WorkPage("/work/audit/targeting/", _("风险抽查的成效"), Permission.AUDIT_DRAWS),
            WorkPage("/work/audit/strictness/", _("检查尺度"), Permission.AUDIT_DRAWS),
            WorkPage("/work/audit/quality/", _("检查质量复核"), Permission.AUDIT_DRAWS),
            WorkPage("/work/audit/counting/", _("走过场线索"), Permission.AUDIT_DRAWS),
            WorkPage("/results/", _("检查结果")),
            WorkPage("/work/annual-reports/", _("年度报告"), Permission.VIEW_ANNUAL_REPORT),
            WorkPage("/work/annual-reports/paper/", _("录入纸质年报"), Permission.KEEP_CREDIT_FILE),
            WorkPage("/work/business/", _("企业账号"), Permission.MANAGE_BUSINESS_ACCESS),
            WorkPage("/work/visits/", _("企业评价检查"), Permission.VIEW_VISIT_FEEDBACK),
            WorkPage("/work/lists/", _("名单的列入和移出"), Permission.KEEP_CREDIT_FILE),
            WorkPage("/work/repair/", _("修复和撤回公示"), Permission.KEEP_CREDIT_FILE),
            WorkPage("/work/commitments/", _("告知承诺核查"), Permission.KEEP_CREDIT_FILE),
            WorkPage("/work/key-files/", _("重点监管档案"), Permission.VIEW_KEY_FILE),
            WorkPage("/work/drug-files/", _("药品安全信用档案"), Permission.VIEW_KEY_FILE),
            WorkPage("/work/measures/", _("惩戒响应和反馈"), Permission.KEEP_CREDIT_FILE),
            WorkPage("/work/measures/answers/", _("惩戒措施的反馈"), Permission.ANSWER_MEASURES),
            WorkPage("/work/credit/uses/", _("档案使用记录"), Permission.VIEW_CREDIT_FILE),
        ),
    ),
    WorkGroup(
        _("消费维权"),
        (
            WorkPage("/work/analysis/", _("投诉举报分析"), Permission.VIEW_SIGNALS),
            WorkPage("/work/warnings/", _("消费警示办理"), Permission.VIEW_SIGNALS),
            WorkPage("/work/odr/", _("在线调解"), Permission.VIEW_COMPLAINT),
            WorkPage("/work/rewards/", _("举报奖励"), Permission.VIEW_REWARD),
            WorkPage("/work/rewards/payments/", _("举报奖励支付单"), Permission.PAY_REWARD),
            WorkPage("/work/contracts/", _("格式条款监管"), Permission.VIEW_CONTRACT),
            WorkPage("/work/evaluations/", _("评价办理"), Permission.WORK_EVALUATION),
            WorkPage("/work/goods-quality/", _("消费品风险监测"), Permission.WORK_GOODS_QUALITY),
            WorkPage("/work/bay-area/", _("粤港澳转办"), Permission.WORK_BAY_AREA, PROVINCE),
        ),
    ),
    WorkGroup(
        _("名录和数据"),
        (
            WorkPage("/work/registers/", _("维护名录"), Permission.KEEP_REGISTER),
            WorkPage("/data/quarantine/", _("隔离数据"), Permission.VIEW_QUARANTINE, PROVINCE),
            WorkPage("/data/catalogue/", _("数据目录")),
            WorkPage("/data/links/", _("疑似对应"), Permission.VIEW_LINKS),
        ),
    ),
    WorkGroup(
        _("本单位"),
        (
            WorkPage("/work/units/timeliness/", _("按时办理统计")),
            WorkPage("/work/leave/", _("请假代办")),
            WorkPage("/work/officers/", _("人员和权限"), Permission.MANAGE_OFFICERS),
            WorkPage("/work/emergency/", _("应急权限")),
            WorkPage("/work/audit/access/", _("查看记录"), Permission.VIEW_ACCESS_RECORDS),
            WorkPage("/work/audit/access/alerts/", _("异常查看"), Permission.VIEW_ACCESS_ALERTS),
            WorkPage("/work/audit/access/refusals/", _("被拒绝的操作"), Permission.VIEW_ACCESS_RECORDS),
            WorkPage("/work/audit/access/doors/", _("谁能打开什么"), Permission.VIEW_ACCESS_RECORDS),
            WorkPage("/work/data-requests/", _("查阅和更正申请"), Permission.ANSWER_DATA_REQUESTS),
            WorkPage("/work/deletion-holds/", _("保存期和暂停删除"), Permission.HOLD_DELETION),
            WorkPage("/work/me/", _("我的登录")),
            WorkPage("/work/plan/", _("规划监测评估"), Permission.VIEW_PLAN_WORK),
            WorkPage("/work/documents/", _("发文登记簿")),
            WorkPage("/work/procedures/", _("流程管理"), Permission.MANAGE_PROCEDURES, PROVINCE),
            WorkPage("/work/operations/", _("运行情况"), Permission.VIEW_OPERATIONS),
            WorkPage("/work/notices/dead/", _("没有送达的通知"), Permission.WORK_DEAD_LETTERS, PROVINCE),
        ),
    ),
)
_OUTSIDE = WorkGroup(
    "",
    (
        WorkPage("/work/joint/", _("联合抽查"), Permission.WORK_JOINT),
        WorkPage("/work/measures/answers/", _("惩戒措施的反馈"), Permission.ANSWER_MEASURES),
        WorkPage("/work/me/", _("我的登录"), Permission.WORK_JOINT),
        WorkPage("/work/members/", _("协会工作台"), Permission.KEEP_REGISTER),
        WorkPage("/work/registers/", _("维护名录"), Permission.KEEP_REGISTER),
    ),
)


def work_menu(officer: Officer, path: str) -> list[dict[str, Any]]:
    """Return the header of `officer` at the address `path`: links and groups, empty ones left out.

    Each entry has `label` and `pages` (a group) or `href` (a link), and `current`: the page, or one of the group, is shown.
    """
    if not may(officer, Permission.VIEW_WORKBENCH):
        return _links([page for page in _OUTSIDE.pages if page.opens_for(officer)], path)
    menu: list[dict[str, Any]] = []
    for group in _MENU:
        pages = [page for page in group.pages if page.opens_for(officer)]
        links = _links(pages, path)
        if len(links) > 1 and group.label:
            is_current = any(link["current"] for link in links)
            menu.append({"label": group.label, "pages": links, "current": is_current})
        else:
            menu += links
    return menu


def _links(pages: list[WorkPage], path: str) -> list[dict[str, Any]]:
    """Return the pages as links; the one with the longest address that `path` begins with is current."""
    under = [
        page for page in pages if path == page.href or (page.href != "/work/" and path.startswith(page.href))
    ]
    current = max(under, key=lambda page: len(page.href), default=None)
    return [{"label": page.label, "href": page.href, "current": page is current} for page in pages]
