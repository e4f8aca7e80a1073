"""Trades, kinds of unfair term, how a matter began and how it stands, with their words."""

from zhijian.engines.registers.declared.columns import Code
from zhijian.engines.registers.declared.declaration import Label

TRADES = (
    Code("fitness", Label("健身", "Fitness")),
    Code("beauty", Label("美容美发", "Beauty and hair")),
    Code("training", Label("校外培训", "Training")),
    Code("renovation", Label("装饰装修", "Renovation")),
    Code("housing", Label("商品房买卖、租赁", "Sale and rent of homes")),
    Code("property", Label("物业服务", "Property management")),
    Code("travel", Label("旅游住宿", "Travel and lodging")),
    Code("vehicles", Label("汽车销售、租赁", "Sale and hire of vehicles")),
    Code("elder_care", Label("养老服务", "Care of the elderly")),
    Code("utilities", Label("供水供电供气", "Water, power and gas")),
    Code("telecom", Label("电信", "Telecommunications")),
    Code("online", Label("网络购物和平台", "Online shopping and platforms")),
    Code("laundry", Label("洗染", "Laundry")),
    Code("parcels", Label("快递", "Parcels")),
    Code("other", Label("其他", "Other")),
)
TRADE_WORDS = {one.value: one.label for one in TRADES}

KINDS = {
    "exempts_injury": Label("免除人身伤害责任", "Frees from liability for injury"),
    "exempts_property": Label("免除财产损失责任", "Frees from liability for property"),
    "exempts_liability": Label("免除其他责任", "Frees from other liability"),
    "no_return": Label("剥夺退换修权利", "Takes away return and repair"),
    "no_refund": Label("定金押金不退", "Deposits not returned"),
    "prepaid": Label("预付卡不退、过期、不得转让", "Prepaid: no refund, expiry, no transfer"),
    "no_damages": Label("剥夺或者压低赔偿", "Takes away or caps damages"),
    "no_choice": Label("限制自主选择", "Limits choice"),
    "no_termination": Label("不准解除合同", "No way out of the contract"),
    "no_lawsuit": Label("剥夺投诉、起诉权利", "Takes away complaint and lawsuit"),
    "interpretation": Label("最终解释权", "Sole interpretation"),
    "penalty": Label("违约金过高", "Penalties too high"),
    "unilateral_change": Label("单方变更", "Changes by the trader alone"),
    "jurisdiction": Label("限定争议解决地", "Fixes the place of dispute"),
    "deemed_consent": Label("视为同意", "Deemed consent"),
    "business_risk": Label("转嫁经营风险", "Shifts business risk"),
    "forced_deal": Label("强制交易", "Forced deal"),
    "privacy": Label("笼统使用个人信息", "Blanket use of personal data"),
}
SEVERITIES = {"high": Label("高", "High"), "medium": Label("中", "Medium"), "low": Label("低", "Low")}

SOURCES = {
    "finding": Label("检查或者监测发现", "Found by inspection or monitoring"),
    "complaint": Label("投诉举报反映", "From a complaint or report"),
    "filing": Label("合同备案", "A filing"),
    "handed_in": Label("公众提交的线索", "Handed in by the public"),
}
STATES = {
    "open": Label("办理中", "In hand"),
    "no_issue": Label("没有问题", "Nothing unfair"),
    "amended": Label("已修改", "Amended"),
    "clue": Label("转案件线索", "Handed over as a clue"),
}
