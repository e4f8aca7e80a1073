"""Trades and channels of the firms on the register."""

from zhijian.engines.registers.declared.columns import Code
from zhijian.engines.registers.declared.declaration import Label

TRADES = (
    Code("retail", Label("零售", "Retail")),
    Code("catering", Label("餐饮", "Catering")),
    Code("lodging", Label("住宿", "Lodging")),
    Code("repair", Label("维修", "Repair")),
    Code("education", Label("教育培训", "Training")),
    Code("care", Label("美容健身", "Beauty and fitness")),
)
CHANNELS = (
    Code("shop", Label("门店", "Shop")),
    Code("online", Label("网店", "Online shop")),
    Code("both", Label("门店和网店", "Both")),
)
