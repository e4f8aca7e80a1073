"""The forms of the guided pages. Each keeps what was typed, says what is wrong and how to mend it."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhijian.apps.consumer.complaints.codes import CLAIM_WORDS, Claim, RespondentKind, Scope
from zhijian.apps.consumer.complaints.intake.questions import (
    Answers,
    is_complaint,
    is_for_another,
    is_joint,
    is_on_platform,
    is_report,
)
from zhijian.standards import divisions, resident_number

LONGEST_TEXT = 5000
_PHONE = re.compile(r"(\+?\d[\d\s-]{5,18}\d)$")


class StepForm(forms.Form):
    """A page of the guide. `answers` are those given so far, `today` the day in Beijing."""

    def __init__(self, *args: Any, answers: Answers, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answers, self.today = answers, today
        self.prepare()
        for name, field in self.fields.items():
            _describe(name, field)

    def prepare(self) -> None:
        """Change fields by what was answered before."""

    def clean(self) -> dict[str, Any]:
        """Take out NUL, which no database can store and no person types."""
        given = super().clean() or {}
        return {
            name: value.replace("\x00", "") if isinstance(value, str) else value
            for name, value in given.items()
        }

    def kept(self) -> dict[str, Any]:
        """Return the answers as a draft keeps them: plain values."""
        return {name: _plain(value) for name, value in self.cleaned_data.items()}

    @property
    def typed(self) -> dict[str, Any]:
        """Return whatever was typed, right or wrong, so that nothing is lost on an error."""
        found: dict[str, Any] = {}
        for name, field in self.fields.items():
            value = field.widget.value_from_datadict(self.data, self.files, name)
            if isinstance(value, str | list):
                found[name] = _cut(value)
        return found


def _cut(value: str | list[str]) -> str | list[str]:
    if isinstance(value, str):
        return value.replace("\x00", "")[:LONGEST_TEXT]
    return [str(one)[:60] for one in value[:20]]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _describe(name: str, field: forms.Field) -> None:
    """Give the control its look and say which sentence describes it."""
    widget = field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.CheckboxInput):
        return
    widget.attrs["class"] = "form-select" if isinstance(widget, forms.Select) else "form-control"
    if field.help_text:
        widget.attrs["aria-describedby"] = f"hint-{name}"


def _text(
    label: Any, *, rows: int, required: bool = True, help_text: Any = "", **more: Any
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST_TEXT,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        **more,
    )


def _choice(
    label: Any, choices: Any, *, required: bool = True, help_text: Any = "", missing: Any = ""
) -> forms.ChoiceField:
    messages = {"required": missing or _("请选一项。"), "invalid_choice": _("请从列出的选项里选一项。")}
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=required,
        help_text=help_text,
        widget=forms.RadioSelect,
        error_messages=messages,
    )


def _money(label: Any, help_text: Any) -> forms.DecimalField:
    wrong = _("请只写数字，最多两位小数，例如128.50。")
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=Decimal(0),
        max_digits=12,
        decimal_places=2,
        help_text=help_text,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"), wrong
        ),
    )


YES_NO = (("yes", _("是")), ("no", _("否")))


class Want(StepForm):
    want = _choice(
        _("您想要什么？"),
        (
            ("complaint", _("让店家退款、换货、修理或赔偿")),
            ("report", _("让有关部门查这家店")),
            ("both", _("两样都要")),
        ),
        missing=_("请选您想要的结果。"),
    )
    hints = {
        "complaint": _("这是投诉：由我们居中调解您和店家的纠纷。须写真实姓名和电话。"),
        "report": _("这是举报：您提供违法线索，我们核查。可以不写姓名；不含退款、赔偿。"),
        "both": _("我们会分成两件办，各有各的期限，一件办完不影响另一件。"),
    }


class How(StepForm):
    respondent_kind = _choice(
        _("这件事发生在哪里？"),
        (
            (RespondentKind.ORDINARY, _("在店里，或者上门服务")),
            (RespondentKind.PLATFORM_MERCHANT, _("网络平台上的一家店铺")),
            (RespondentKind.PLATFORM_OPERATOR, _("网络平台自己卖的，或者平台本身的问题")),
            (RespondentKind.OWN_SITE, _("商家自己的网站、小程序、电话或直播")),
        ),
        missing=_("请选这件事发生在哪里，它决定由谁处理。"),
    )
    platform_name = forms.CharField(
        label=_("平台名称"), required=False, max_length=100, help_text=_("只有在平台的店铺里买的才要写。")
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if is_on_platform(given) and not given.get("platform_name"):
            self.add_error("platform_name", _("请写平台的名称，例如手机上那个购物软件的名字。"))
        return given


def county_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the counties of the province by city, for a list; a city without counties stands for itself."""
    grouped = []
    for city in divisions.PREFECTURES:
        counties = [one for one in divisions.children(city.code6) if one.level == 3]
        grouped.append((city.name, [(one.code6, one.name) for one in counties or [city]]))
    return grouped


class ShopByHand(StepForm):
    """A shop that is not on the register, or not found there."""

    shop_name = forms.CharField(
        label=_("店名"),
        max_length=200,
        help_text=_("招牌上、小票上或者网页上写的名字都可以。"),
        error_messages={"required": _("请写店名。不知道全名，就写招牌上的字。")},
    )
    shop_division = forms.ChoiceField(
        label=_("店在哪个县区"),
        widget=forms.Select,
        help_text=_("网店填网页上公示的地址所在的县区。"),
        error_messages={
            "required": _("请选店所在的县区，它决定由谁处理。"),
            "invalid_choice": _("请从列表里选一个县区。"),
        },
    )
    shop_address = forms.CharField(label=_("详细地址"), required=False, max_length=300)
    shop_contact = forms.CharField(label=_("店家电话"), required=False, max_length=60)

    def prepare(self) -> None:
        field = self.fields["shop_division"]
        assert isinstance(field, forms.ChoiceField)
        elsewhere = [("unknown", _("不知道，或者没有公示地址")), ("outside", _("不在广东省内"))]
        field.choices = [("", _("请选择")), *county_choices(), (_("其他"), elsewhere)]


class What(StepForm):
    facts = _text(
        _("发生了什么事？"),
        rows=7,
        help_text=_("照您平时说话的样子写：买了什么，哪里不对，店家怎么说。"),
        min_length=10,
        error_messages={
            "required": _("请写发生了什么事。"),
            "min_length": _("请再多写几个字（至少10个字），好让办理的人看懂。"),
            "max_length": _("最多5000个字。其余的可以拍照放在后面。"),
        },
    )
    happened_on = forms.DateField(
        label=_("哪一天发生的"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("记不清就填大概的日子，或者不填。"),
        error_messages={"invalid": _("请写成年-月-日，例如2026-11-22。")},
    )
    goods = forms.CharField(
        label=_("买的是什么"), required=False, max_length=200, help_text=_("商品或服务的名称。")
    )
    amount = _money(_("花了多少钱（元）"), _("没有花钱就不填。"))
    order_number = forms.CharField(
        label=_("订单号、小票号"), required=False, max_length=80, help_text=_("有就写，没有不填。")
    )
    injured = _choice(_("有人受伤或者身体不舒服吗？"), YES_NO, required=False)

    def clean_happened_on(self) -> date | None:
        given: date | None = self.cleaned_data.get("happened_on")
        if given is not None and given > self.today:
            raise forms.ValidationError(_("这一天还没有到。请核对日期。"))
        if given is not None and given.year < 1990:
            raise forms.ValidationError(_("这一天太早了。请核对年份。"))
        return given


_PLAIN_CLAIMS = {
    Claim.REFUND: _("退款"),
    Claim.RETURN: _("退货"),
    Claim.REPLACE: _("换货"),
    Claim.REPAIR: _("修理"),
    Claim.REDO: _("重做"),
    Claim.MAKE_UP: _("补足数量"),
    Claim.COMPENSATE: _("赔偿损失"),
    Claim.APOLOGISE: _("赔礼道歉"),
}
assert set(_PLAIN_CLAIMS) == set(CLAIM_WORDS)


class ClaimStep(StepForm):
    claims = forms.MultipleChoiceField(
        label=_("您要店家做什么？"),
        choices=list(_PLAIN_CLAIMS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("可以选几项。"),
        error_messages={"required": _("请至少选一项。"), "invalid_choice": _("请从列出的选项里选。")},
    )
    claim_amount = _money(_("要求的金额（元）"), _("不涉及钱就不填。"))
    for_daily_life = _choice(
        _("是自己或家人生活用的吗？"),
        YES_NO,
        help_text=_("调解只管为生活需要买的东西和服务；为经营买的，请走合同诉讼或仲裁。"),
    )
    other_body = _choice(
        _("这件事有没有别的机构在处理或者处理过？"),
        (
            ("none", _("没有")),
            ("court", _("法院或者仲裁机构")),
            ("authority", _("其他行政机关")),
            ("association", _("消费者委员会（消委会）")),
        ),
    )
    for_whom = _choice(
        _("您替谁投诉？"),
        (
            ("self", _("自己")),
            ("agent", _("替别人（代理）")),
            ("joint", _("和别人一起（共同投诉）")),
        ),
        required=False,
    )
    hints = {
        "agent": _("要交授权委托书和您的身份证明；后面会问您替谁。"),
        "joint": _("同一家店、同一件纠纷，两人以上都同意；要推选两名代表人，您是其中一名。"),
    }

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        given["for_whom"] = given.get("for_whom") or "self"
        return given


class Clue(StepForm):
    clue = _text(
        _("您觉得哪里违法？"),
        rows=5,
        min_length=5,
        error_messages={
            "required": _("请写您觉得哪里违法。"),
            "min_length": _("请再多写几个字，好让核查的人看懂。"),
        },
    )
    basis = _text(
        _("您怎么知道的？"),
        rows=4,
        help_text=_("亲眼看到的、照片、小票、检测报告等。您要对内容的真实性负责。"),
        min_length=4,
        error_messages={
            "required": _("请写您怎么知道的。没有依据的线索无法核查。"),
            "min_length": _("请再多写几个字，好让核查的人看懂。"),
        },
    )
    insider = _choice(
        _("您是这家店的员工或者知情的内部人吗？"),
        YES_NO,
        required=False,
        help_text=_("内部举报人受到更严的保密，查实有奖励。可以不答。"),
    )


ID_CHOICES = (
    ("", _("现在不填")),
    ("resident", _("居民身份证")),
    ("hk_macao", _("港澳居民来往内地通行证或居住证")),
    ("taiwan", _("台湾居民来往大陆通行证或居住证")),
    ("passport", _("护照")),
    ("other", _("其他证件")),
)


def _wrong_resident_number(text: str) -> Any:
    """Return what is wrong with the number of a resident's card; None where nothing is, or none is given."""
    if not text.strip() or resident_number.is_valid(text):
        return None
    if not resident_number.has_form(text):
        return _("居民身份证号码应为18位，最后一位可以是X。请对照证件核对。")
    return _("这个身份证号码不对，可能写错了一位。请对照证件核对。")


class Contact(StepForm):
    named = _choice(
        _("要不要写您的姓名？"),
        (("yes", _("写，方便联系我")), ("no", _("不写，匿名举报"))),
        help_text=_("匿名也会核查，但我们无法向您了解情况。"),
    )
    report_named = _choice(
        _("举报那一件，要不要也写您的姓名？"),
        (("yes", _("写，方便核查的人联系我")), ("no", _("不写，举报匿名"))),
        help_text=_(
            "选匿名，举报里不登记您的身份。两件同时交来，经办人可能猜到；要完全匿名，请另外单独举报。"
        ),
    )
    name = forms.CharField(
        label=_("姓名"), required=False, max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=_("电话"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
        help_text=_("香港、澳门号码请写区号，例如+852 9123 4567。"),
    )
    address = forms.CharField(
        label=_("通讯地址"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    id_type = forms.ChoiceField(label=_("证件种类"), choices=ID_CHOICES, required=False)
    id_number = forms.CharField(
        label=_("证件号码"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("现在可以不填。需要核实身份时，我们会写明期限请您提供。"),
    )

    needed: tuple[str, ...] = ()  # shown without "may be left empty"

    def prepare(self) -> None:
        if is_complaint(self.answers):
            self.needed = ("name", "phone", "address")
            del self.fields["named"]
        if not (is_complaint(self.answers) and is_report(self.answers)):
            del self.fields["report_named"]
        if is_complaint(self.answers):
            self.fields["name"].help_text = _("投诉须写真实姓名，只给办理的人看。")
        if is_for_another(self.answers):
            self.fields["name"].help_text = _("写您自己的，也就是代理人的；您替谁投诉，下一页问。")
        if is_joint(self.answers):
            self.fields["name"].help_text = _("写您自己的。您是代表人之一；其他人，下一页问。")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if is_complaint(self.answers) or given.get("named") == "yes":
            self._must_have(given, "name", _("请写您的姓名。投诉须用真实身份，不会公开。"))
            self._must_have(given, "phone", _("请写能联系到您的电话。"))
        if is_complaint(self.answers):
            self._must_have(given, "address", _("请写您的通讯地址，寄送文书用。"))
        phone = given.get("phone") or ""
        if phone and not _PHONE.match(phone):
            self.add_error("phone", _("电话应为数字，例如13800000000。请核对。"))
        is_anonymous = given.get("named") == "no"
        if given.get("id_type") == "resident" and not is_anonymous:
            wrong = _wrong_resident_number(given.get("id_number") or "")
            if wrong:
                self.add_error("id_number", wrong)
        if is_anonymous:
            given |= dict.fromkeys(("name", "phone", "address", "id_type", "id_number"), "")
        return given

    def _must_have(self, given: dict[str, Any], name: str, message: Any) -> None:
        if not given.get(name) and name not in self.errors:
            self.add_error(name, message)

    def kept(self) -> dict[str, Any]:
        return super().kept() | {"contact_seen": "yes"}


def _plain_text(label: Any, most: int, missing: Any = "", help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=bool(missing),
        max_length=most,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": missing} if missing else {},
    )


def _phone(label: Any, missing: Any) -> forms.RegexField:
    return forms.RegexField(
        _PHONE,
        label=label,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
        error_messages={
            "required": missing,
            "invalid": _("电话应为数字，例如13800000000。请核对。"),
        },
    )


class Principal(StepForm):
    """For whom an agent complains, and what the power of attorney says (Order 121 article 11)."""

    principal_name = _plain_text(_("您替谁投诉（姓名）"), 60, _("请写委托您的人的姓名。"))
    principal_phone = _phone(_("委托人的电话"), _("请写委托您的人的电话。"))
    principal_address = _plain_text(_("委托人的通讯地址"), 200, _("请写委托人的通讯地址，寄送文书用。"))
    principal_id_type = forms.ChoiceField(label=_("委托人的证件种类"), choices=ID_CHOICES, required=False)
    principal_id_number = _plain_text(_("委托人的证件号码"), 40)
    mandate_matter = _plain_text(
        _("授权委托书写的事项"), 200, _("请写委托的事项。"), _("例如：就买红豆的纠纷投诉、参加调解。")
    )
    mandate_scope = _choice(
        _("授权委托书写的权限"),
        (
            (Scope.GENERAL, _("一般代理")),
            (Scope.SPECIAL, _("特别授权")),
        ),
        missing=_("请选权限。看授权委托书有没有写可以和解、撤回。"),
    )
    mandate_until = forms.DateField(
        label=_("授权到哪一天"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("请写授权到哪一天。"),
            "invalid": _("请写成年-月-日，例如2026-11-22。"),
        },
    )
    mandate_signed = forms.BooleanField(
        label=_("委托人已经在授权委托书上签名或者盖章。"),
        error_messages={"required": _("没有签名的授权委托书没有用。请签了再来，填的内容会保留。")},
    )
    hints = {
        Scope.GENERAL: _("递材料、参加调解；和解、撤回要委托人自己同意。"),
        Scope.SPECIAL: _("授权委托书写明可以变更、放弃请求，和解，撤回。"),
    }

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("principal_id_type") == "resident":
            wrong = _wrong_resident_number(given.get("principal_id_number") or "")
            if wrong:
                self.add_error("principal_id_number", wrong)
        return given

    def clean_mandate_until(self) -> date | None:
        given: date | None = self.cleaned_data.get("mandate_until")
        if given is not None and given < self.today:
            raise forms.ValidationError(_("授权已经到期。请让委托人另写一份授权委托书。"))
        return given

    def kept(self) -> dict[str, Any]:
        return super().kept() | {"mandate_signed": "yes"}


class OneMore(StepForm):
    """Another consumer of a joint complaint (Order 121 article 12)."""

    name = _plain_text(_("姓名"), 60, _("请写这个人的姓名。共同投诉的每个人都须用真实身份。"))
    phone = _phone(_("电话"), _("请写能联系到这个人的电话。"))
    address = _plain_text(_("通讯地址"), 200, _("请写这个人的通讯地址，寄送文书用。"))
    id_number = _plain_text(_("居民身份证号码"), 40, help_text=_("没有居民身份证的不填。"))
    represents = forms.BooleanField(label=_("这个人是另一名代表人。"), required=False)

    def clean_id_number(self) -> str:
        """It is kept as a resident's: no other kind is asked for here."""
        given: str = self.cleaned_data.get("id_number") or ""
        if wrong := _wrong_resident_number(given):
            raise forms.ValidationError(wrong)
        return given


class Consent(StepForm):
    publish = _choice(
        _("办完以后，同意公开这件投诉的处理情况吗？"),
        (("yes", _("同意")), ("no", _("不同意"))),
        help_text=_("只公开店家和处理结果，不公开您是谁。"),
    )
    delegate = _choice(
        _("同意由消委会等机构代为调解吗？"),
        (("yes", _("同意")), ("no", _("不同意，由市场监管部门调解"))),
        help_text=_("同样的期限，同样的效力。"),
    )
    truthful = forms.BooleanField(
        label=_("我写的都是真的。我知道捏造事实、冒用他人名义要承担法律责任。"),
        error_messages={"required": _("请勾选这一句，才能送出。")},
    )

    def prepare(self) -> None:
        if not is_complaint(self.answers):
            del self.fields["publish"]
            del self.fields["delegate"]

    def kept(self) -> dict[str, Any]:
        return super().kept() | {"truthful": "yes"}


class Search(forms.Form):
    """Find the shop by name, code, what the licence's QR code says, or place."""

    q = forms.CharField(required=False, max_length=500)
    city = forms.CharField(required=False, max_length=6)


FORMS: dict[str, type[StepForm]] = {
    "want": Want,
    "how": How,
    "shop": ShopByHand,
    "what": What,
    "claim": ClaimStep,
    "clue": Clue,
    "contact": Contact,
    "principal": Principal,
    "consent": Consent,
}
