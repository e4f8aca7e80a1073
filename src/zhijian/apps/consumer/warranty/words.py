"""What the rule's answers are called."""

from decimal import Decimal

from zhijian.apps.consumer.warranty.rules import UsageFee
from zhijian.engines.registers.declared.declaration import Label

OPTIONS = {
    "return": Label("退货", "return"),
    "replace": Label("换货", "replacement"),
    "repair": Label("免费修理", "free repair"),
}
GROUNDS = {
    "first_week": Label("售出7日内出现性能故障", "the fault came up within 7 days of the sale"),
    "second_week": Label("售出15日内出现性能故障", "the fault came up within 15 days of the sale"),
    "repaired_in_vain": Label(
        "三包期内修了两次仍不能正常使用", "repaired twice within the guarantee, in vain"
    ),
    "no_parts": Label("等零配件超过90日", "no parts for more than 90 days"),
    "too_long": Label("修理超过30日", "in repair for more than 30 days"),
    "within_guarantee": Label("在三包有效期内", "within the guarantee"),
    "expired": Label("已过三包有效期", "the guarantee is over"),
    "misuse": Label("使用、保管不当造成损坏", "damaged by use or keeping"),
    "opened": Label("自行拆动或由非三包修理者拆动", "opened by others than the guarantor"),
    "no_proof": Label("没有三包凭证和购货凭证", "no proof of guarantee or purchase"),
}


def said(options: tuple[str, ...], ground: str, *, is_reduced: bool) -> Label:
    """Say what may be asked for, and why."""
    why = GROUNDS[ground]
    if not options:
        return Label(
            f"{why.zh}：不实行三包，可以收费修理。", f"Nothing free: {why.en}. Repair for pay is possible."
        )
    zh, en = "、".join(OPTIONS[one].zh for one in options), ", ".join(OPTIONS[one].en for one in options)
    fee = Label(
        "换得到同型号而要退货的，可以收折旧费。",
        " A usage fee may be taken for a return where the model could be replaced.",
    )
    return Label(
        f"{why.zh}：可以要求{zh}。{fee.zh if is_reduced else ''}",
        f"You may ask for {en}: {why.en}.{fee.en if is_reduced else ''}",
    )


def fee_said(fee: UsageFee | None, price_yuan: Decimal) -> Label:
    """Say how the fee for use is reckoned, and what comes back of the price; None: no catalogue has a rate."""
    if fee is None:
        return Label(
            "三包目录没有这类商品的折旧率，按规定算不出折旧费。",
            "No catalogue of the guarantees has a rate for such goods: the rule gives no usage fee.",
        )
    price, taken, left = (f"{yuan:,.2f}" for yuan in (price_yuan, fee.fee_yuan, fee.refund_yuan))
    return Label(
        f"有同型号而要退货的，折旧费最多{taken}元：价款{price}元×每日{fee.percent_a_day}%×使用{fee.days}日"
        f"（修理和等零配件的日子已扣除）；退款{left}元。换货不收折旧费。",
        f"For a return where the model could be replaced, a usage fee of at most {taken} yuan: {price} yuan x "
        f"{fee.percent_a_day}% a day x {fee.days} days of use (less repair and waiting for parts); {left} yuan come "
        "back. A replacement costs no fee.",
    )
