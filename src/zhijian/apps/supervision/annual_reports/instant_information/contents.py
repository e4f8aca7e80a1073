"""What must be published when it arises, by kind: 《企业信息公示暂行条例》（2024年修订）第十条."""

from zhijian.apps.supervision.annual_reports.contents import WAYS, Field, Form, Publicity

_ALWAYS = Publicity.ALWAYS
TITLES: dict[str, tuple[str, str]] = {
    "contribution": ("股东、发起人的出资", "Contributions of shareholders"),
    "transfer": ("股权变更", "Change of shares"),
    "licence": ("行政许可取得、变更、延续", "Licence obtained, changed or extended"),
    "pledge": ("知识产权出质登记", "Pledge of intellectual property"),
    "penalty": ("受到的行政处罚", "Penalty received"),
    "other": ("其他依法应当公示的信息", "Other information that law makes public"),
}
FIELDS: dict[str, tuple[Field, ...]] = {
    "contribution": (
        Field("holder", "股东或者发起人", "Shareholder", Form.TEXT, _ALWAYS),
        Field("subscribed", "认缴（元）", "Subscribed (yuan)", Form.MONEY, _ALWAYS),
        Field("subscribed_on", "认缴期限", "To be paid by", Form.DAY, _ALWAYS, is_required=False),
        Field("paid", "实缴（元）", "Paid in (yuan)", Form.MONEY, _ALWAYS),
        Field("paid_on", "实缴日期", "Paid on", Form.DAY, _ALWAYS, is_required=False),
        Field("way", "出资方式", "Kind", Form.CHOICE, _ALWAYS, choices=WAYS),
    ),
    "transfer": (
        Field("holder", "股东", "Shareholder", Form.TEXT, _ALWAYS),
        Field("before", "变更前比例（%）", "Share before (%)", Form.PERCENT, _ALWAYS),
        Field("after", "变更后比例（%）", "Share after (%)", Form.PERCENT, _ALWAYS),
    ),
    "licence": (
        Field("number", "许可文件编号", "Number of the licence", Form.TEXT, _ALWAYS),
        Field("name", "许可文件名称", "Name of the licence", Form.TEXT, _ALWAYS),
        Field("from_on", "有效期自", "Valid from", Form.DAY, _ALWAYS),
        Field("to_on", "有效期至", "Valid to", Form.DAY, _ALWAYS, is_required=False),
        Field("authority", "许可机关", "Authority", Form.TEXT, _ALWAYS),
        Field("content", "许可内容", "What is licensed", Form.TEXT, _ALWAYS),
    ),
    "pledge": (
        Field("number", "知识产权登记证号", "Number of the right", Form.TEXT, _ALWAYS),
        Field("name", "名称", "Name", Form.TEXT, _ALWAYS),
        Field("pledgor", "出质人", "Pledgor", Form.TEXT, _ALWAYS),
        Field("pledgee", "质权人", "Pledgee", Form.TEXT, _ALWAYS),
        Field("until", "质权登记期限", "Pledged until", Form.DAY, _ALWAYS, is_required=False),
    ),
    "penalty": (
        Field("number", "处罚决定书文号", "Number of the decision", Form.TEXT, _ALWAYS),
        Field("violation", "违法行为类型", "Violation", Form.TEXT, _ALWAYS),
        Field("content", "处罚内容", "Penalty", Form.TEXT, _ALWAYS),
        Field("authority", "决定机关", "Authority", Form.TEXT, _ALWAYS),
    ),
    "other": (
        Field("title", "名称", "Title", Form.TEXT, _ALWAYS),
        Field("basis", "公示依据（法律、法规条文）", "Article that makes it public", Form.TEXT, _ALWAYS),
        Field("content", "内容", "Content", Form.TEXT, _ALWAYS),
    ),
}
