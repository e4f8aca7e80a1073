"""The forms of the platform: what a consumer says, the separate consent, and what an officer adds to a complaint."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhijian.apps.consumer.bay_area.codes import COUNCILS, CURRENCIES, LANGUAGES, PERSONAL_FIELDS
from zhijian.apps.consumer.bay_area.services import Agreed, Dispute
from zhijian.apps.consumer.complaints.intake.forms import StepForm
from zhijian.infrastructure.language import in_english
from zhijian.standards import consumer_matters
from zhijian.standards.consumer_matters import FIELD_DIGITS


def either(pair: tuple[str, str]) -> str:
    return pair[1] if in_english() else pair[0]


def _choices(words: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    return [(code, either(pair)) for code, pair in words.items()]


def _radio(label: Any, missing: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        widget=forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": _("请从列出的选项里选一项。")},
    )


class DisputeForm(StepForm):
    """What is complained about: the trader beyond the border, what happened, what was paid and in which currency."""

    council = _radio(_("商户在哪里"), _("请选择商户在香港还是澳门。"))
    language = _radio(_("用什么文字转给对方"), _("请选择转给对方的文字。"))
    trader_name = forms.CharField(label=_("商户名称"), max_length=200, help_text=_("单据、招牌上怎么写就怎么写。"), error_messages={"required": _("请填写商户名称。")})  # fmt: skip
    trader_address = forms.CharField(label=_("商户地址或者网址"), max_length=300, required=False)
    goods_code = forms.ChoiceField(label=_("商品或者服务"), error_messages={"required": _("请选择商品或服务类别。"), "invalid_choice": _("请从列出的选项里选一项。")})  # fmt: skip
    goods = forms.CharField(label=_("具体是什么"), max_length=200, required=False)
    currency = forms.ChoiceField(label=_("付的是哪种货币"), help_text=_("按付款的货币记，不换算。"), error_messages={"required": _("请选择货币。"), "invalid_choice": _("不认识这种货币，请从列出的选项里选。")})  # fmt: skip
    amount = forms.DecimalField(label=_("金额"), required=False, min_value=0, max_digits=12, decimal_places=2, error_messages={"invalid": _("请只写数字，最多两位小数，例如128.50。")})  # fmt: skip
    bought_on = forms.DateField(label=_("哪天买的"), required=False, widget=forms.DateInput(attrs={"type": "date"}))  # fmt: skip
    facts = forms.CharField(label=_("经过"), max_length=5000, min_length=10, widget=forms.Textarea(attrs={"rows": 6}), help_text=_("至少10个字。不要写证件号码。"), error_messages={"required": _("请写明经过。"), "min_length": _("请写明经过，至少10个字。")})  # fmt: skip
    claim = forms.CharField(label=_("希望怎样解决"), max_length=300, help_text=_("例如退款、换货。"), error_messages={"required": _("请写明希望怎样解决。")})  # fmt: skip
    evidence = forms.CharField(label=_("手里有哪些凭证"), max_length=500, required=False, help_text=_("例如单据、照片、聊天记录。对方需要时再请您提供。"))  # fmt: skip

    def prepare(self) -> None:
        """Fill the lists in the language of the page."""
        fields: dict[str, Any] = self.fields
        matters = {code: (one.name_zh, one.name_en) for code, one in consumer_matters.all_entries().items() if len(code) == FIELD_DIGITS}  # fmt: skip
        fields["council"].choices = [(code, either(one.place)) for code, one in COUNCILS.items()]
        fields["language"].choices = [(code, either(LANGUAGES[code])) for code in ("zh-hant", "en")]
        fields["goods_code"].choices = [("", _("请选择")), *_choices(matters)]
        fields["currency"].choices = [("", _("请选择")), *_choices(CURRENCIES)]

    def dispute(self) -> Dispute:
        names = ("council", "language", "trader_name", "trader_address", "goods_code", "goods", "currency", "amount", "bought_on", "facts", "claim", "evidence")  # fmt: skip
        return Dispute(**{name: self.cleaned_data[name] for name in names})


class ConsumerForm(DisputeForm):
    """The dispute with who complains, and the consent that is asked apart from everything else."""

    name = forms.CharField(label=_("您的姓名"), max_length=60, error_messages={"required": _("请填写姓名。")})
    phone = forms.CharField(
        label=_("电话"), max_length=40, required=False, help_text=_("电话和邮箱至少填一个。")
    )
    email = forms.EmailField(label=_("电子邮箱"), max_length=100, required=False, error_messages={"invalid": _("邮箱的写法不对，例如name@example.com。")})  # fmt: skip
    consent = forms.BooleanField(
        label=_("我单独同意：把我的姓名、电话、电子邮箱和这件纠纷的情况转给上面所选的香港或者澳门消费者委员会，只用于处理这件投诉。转出之前我可以撤回。"),
        error_messages={"required": _("没有您的单独同意，不能把个人资料转到境外。不同意的，可以自己直接向对方的消费者委员会投诉。")},
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not (given.get("phone") or given.get("email")) and "email" not in self.errors:
            self.add_error("phone", str(_("电话和邮箱至少填一个。")))
        return given

    def agreed(self) -> Agreed:
        return Agreed(tuple(PERSONAL_FIELDS) if self.cleaned_data["consent"] else (), "在网上单独勾选")


class FromComplaintForm(DisputeForm):
    """An officer opens a transfer from a complaint: which one, and how the consumer was asked for the consent."""

    complaint = forms.CharField(
        label=_("投诉编号"), max_length=40, error_messages={"required": _("请填写投诉编号。")}
    )
    way = forms.CharField(label=_("怎样征得消费者单独同意"), max_length=300, min_length=4, help_text=_("写明哪天、用什么方式、谁问的、消费者怎样答复；已说明对方是谁、转哪些资料、可以撤回。"), error_messages={"required": _("请写明怎样征得消费者的单独同意。")})  # fmt: skip

    field_order = ("complaint", "way")
