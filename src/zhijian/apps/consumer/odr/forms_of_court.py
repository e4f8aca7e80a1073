"""The forms that go to the court: an application for confirmation, a statement of claim. Names are left to be filled in."""

import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from docx import Document

from zhijian.apps.consumer.complaints.models import Complaint
from zhijian.engines.documents.paper import chinese_day

_BLANK = "____________________"
_PERSON = f"姓名：{_BLANK}  证件号码：{_BLANK}  住址：{_BLANK}  联系方式：{_BLANK}（由本人填写）"


def confirmation(
    complaint: Complaint, paper_number: str, effective_on: date, due_on: date, *, on: date
) -> bytes:
    """Return the joint application to confirm an agreement, as a Word file."""
    firm = f"{complaint.respondent_name}（统一社会信用代码{complaint.respondent_code}）"
    return _docx(
        "司法确认申请书",
        complaint.is_synthetic,
        (
            f"申请人（消费者）：{_PERSON}",
            f"申请人（经营者）：{firm}  法定代表人：{_BLANK}  住所：{complaint.respondent_address or _BLANK}",
            "请求事项：共同申请确认双方达成的调解协议有效。",
            f"事实和理由：双方因消费争议（投诉编号{complaint.number}）经{complaint.organisation.name}主持在线调解，"
            f"达成调解协议（{paper_number}），协议自{chinese_day(effective_on)}生效。依照《人民调解法》第三十三条、"
            f"《民事诉讼法》第二百零五条，自协议生效之日起三十日内（至{chinese_day(due_on)}）共同提出申请。",
            "双方承诺：协议出于自愿，没有恶意串通、规避法律，不损害国家利益、公共利益和他人合法权益；内容如有不实，自负法律责任。",
            "附：调解书、调解室记录、证据清单。",
            f"此致  {_BLANK}人民法院",
            "申请人（消费者）签名：" + _BLANK,
            "申请人（经营者）盖章：" + _BLANK,
            chinese_day(on) + "（出具日期；以签署日期为准）",
        ),
    )


def statement_of_claim(complaint: Complaint, amount_yuan: Decimal, *, on: date) -> bytes:
    """Return the statement of a small claim, as a Word file."""
    firm = f"{complaint.respondent_name}（统一社会信用代码{complaint.respondent_code or _BLANK}）"
    bought = chinese_day(complaint.bought_on) if complaint.bought_on else _BLANK
    return _docx(
        "民事起诉状（小额诉讼）",
        complaint.is_synthetic,
        (
            f"原告：{_PERSON}",
            f"被告：{firm}  住所：{complaint.respondent_address or _BLANK}",
            f"诉讼请求：1. 判令被告支付{amount_yuan:,.2f}元；2. 诉讼费用由被告承担。",
            f"事实和理由：原告于{bought}购买被告的{complaint.goods or '商品或者服务'}"
            f"（订单号{complaint.order_number or _BLANK}），发生争议：{complaint.facts_text}",
            f"争议经{complaint.organisation.name}在线调解（投诉编号{complaint.number}），未能达成协议，调解已经终止。",
            "请求适用小额诉讼程序（《民事诉讼法》第一百六十五条）。",
            "附：法院要求核对表、调解室记录、证据清单和证据。",
            f"此致  {_BLANK}人民法院",
            "原告签名：" + _BLANK,
            chinese_day(on) + "（出具日期；以签署日期为准）",
        ),
    )


def _docx(title: str, is_synthetic: bool, paragraphs: Iterable[str]) -> bytes:
    document = Document()
    document.add_heading(title, level=1)
    if is_synthetic:
        document.add_paragraph("【合成数据】本件为演示用，不是真实案件。")
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
