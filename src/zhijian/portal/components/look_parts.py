"""The words of what an officer looked at or did, beside those of `look_words`: desks, papers, rights, sign-ins, keys."""

from django.utils.translation import gettext as _


def word(code: str) -> str:
    """Name what was looked at or done; a code without words stays as it is."""
    return _words().get(code, code)


def _words() -> dict[str, str]:
    return _desks() | _papers() | _rights()


def _desks() -> dict[str, str]:
    return {
        "targeting": _("风险抽查的成效"), "strictness": _("检查尺度"), "quality": _("检查质量复核"), "counting": _("走过场线索"),
        "draws_audit": _("抽签审计"), "draws_audit_firms": _("抽签审计里的企业"), "draw_opening": _("核对抽中名单"),
        "replacements": _("更换检查人员"), "follow_ups": _("后续处置"), "round": _("一天的路线"), "joint visit": _("联合抽查的检查"),
        "uncoded_visit": _("没有亮码的检查"), "uncoded_visit_answered": _("没有亮码的检查的答复"), "site_papers": _("现场文书"),
        "commitments_desk": _("告知承诺核查"), "measures_desk": _("惩戒响应和反馈"), "members": _("协会会员"),
        "key_files": _("重点监管档案的清单"), "drug_files": _("药品安全信用档案的清单"), "rewards": _("举报奖励"),
        "payment_orders": _("举报奖励支付单"), "signals": _("异常信号的清单"), "signal": _("异常信号"), "group": _("群体投诉"),
        "cases_csv": _("办件的导出"), "contract": _("格式条款监管"), "injuries": _("产品伤害报告"), "warning": _("消费警示办理"),
        "finding": _("评价办理"), "odr_package": _("在线调解的材料包"), "credit_file_uses": _("档案使用记录"),
        "dead_letters": _("没有送达的通知"), "deliveries": _("数据交付"), "application": _("数据申请"), "bulk": _("成批修正隔离数据"),
        "doubtful_pairs": _("疑似对应的清单"), "linkage_pair": _("一对疑似对应"), "list": _("名录的清单"), "form": _("名录的表单"),
        "internal columns": _("名录里不公开的栏"), "statistics": _("名录的统计"), "rows": _("数据表的行"), "sample": _("数据表的样例"),
        "theme": _("专题分析"), "model_card": _("风险模型说明"), "suggestions": _("办件的建议"),
    }  # fmt: skip


def _papers() -> dict[str, str]:
    return {
        "papers": _("名录条目的文件"), "print": _("文书的打印稿"), "pdf": _("文书PDF"), "docx": _("文书Word"),
        "file_custody": _("附件的保管记录"), "bay_area_package": _("粤港澳转办的材料"), "bay_area_echo": _("粤港澳转办的回执"),
    }  # fmt: skip


def _rights() -> dict[str, str]:
    return {
        "account_entered": _("开立账号"), "account_opened": _("恢复账号"), "account_closed": _("停用账号"), "sign_ins_ended": _("结束全部登录"), "outside_subject_set": _("统一身份认证的身份固定到账号"),
        "area_set": _("改定辖区"), "staff_number_set": _("登记工号"), "units_entered": _("登记单位"),
        "role_given": _("授予岗位"), "role_ended": _("收回岗位"), "role_asked": _("申请改岗位"), "role_refused": _("不同意改岗位"),
        "role_expired": _("改岗位的申请过期"),
        "emergency_asked": _("申请应急权限"), "emergency_opened": _("开通应急权限"), "emergency_refused": _("不同意应急权限"),
        "emergency_reviewed": _("审查应急权限"), "emergency_ended": _("提前结束应急权限"), "factor_set_up": _("设置动态口令"), "factor_reset": _("重置第二重验证"),
        "recovery_code_used": _("用了恢复码"), "recovery_codes_renewed": _("换了恢复码"), "passkey_added": _("加了通行密钥"),
        "passkey_removed": _("删了通行密钥"), "password_changed": _("改了密码"), "password_invited": _("发放设密码的地址"), "session_ended": _("结束登录"),
        "key_rotation_begun": _("开始换密钥"), "key_retired": _("停用旧密钥"), "wall_key_made": _("发放大屏密钥"),
        "wall_key_ended": _("停用大屏密钥"),
    }  # fmt: skip
