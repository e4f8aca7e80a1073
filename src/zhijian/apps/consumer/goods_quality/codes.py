"""Code lists of goods, designs of sampling, injuries, hazards and measures, each with its words."""

from dataclasses import dataclass

from zhijian.engines.registers.declared.columns import Code
from zhijian.engines.registers.declared.declaration import Label
from zhijian.standards import consumer_matters


@dataclass(frozen=True)
class Category:
    """A category of consumer goods: a field of the published taxonomy, and the matters in it that are about quality."""

    code: str
    quality_matters: tuple[str, ...]

    @property
    def name(self) -> Label:
        entry = consumer_matters.all_entries()[self.code]
        return Label(entry.name_zh, entry.name_en)


CATEGORIES: dict[str, Category] = {
    one.code: one
    for one in (
        Category("M05", ("M0501",)),
        Category("M06", ("M0601", "M0602")),
        Category("M07", ("M0701",)),
        Category("M08", ("M0803",)),
        Category("M09", ("M0901", "M0903")),
        Category("M10", ("M1002",)),
    )
}
"""Food, drugs, cosmetics, devices and motor vehicles have rules of their own and are not here."""

CATEGORY_CODES = tuple(Code(one.code, one.name) for one in CATEGORIES.values())
DESIGNS = (
    Code("supervision", Label("监督抽查（按风险选取）", "Supervision sampling (chosen by risk)")),
    Code("monitoring", Label("风险监测（按监测方案）", "Risk monitoring (by a plan)")),
    Code("random", Label("随机抽取", "Drawn at random")),
)
STAGES = (
    Code("production", Label("生产", "Production")),
    Code("shop", Label("流通", "Shops")),
    Code("online", Label("网络", "Online")),
)
HAZARDS = (
    Code("mechanical", Label("机械伤害", "Mechanical")),
    Code("electric", Label("触电", "Electric shock")),
    Code("fire", Label("着火、烫伤", "Fire and burns")),
    Code("chemical", Label("化学", "Chemical")),
    Code("choking", Label("窒息、误吞", "Choking and swallowing")),
    Code("fall", Label("跌落、倾倒", "Falls and tipping")),
    Code("other", Label("其他", "Other")),
)
SEVERITIES = (
    Code("mild", Label("轻（现场处理）", "Mild: treated on the spot")),
    Code("moderate", Label("中（门诊）", "Moderate: seen by a doctor")),
    Code("severe", Label("重（住院）", "Severe: hospital")),
    Code("death", Label("死亡", "Death")),
)
AGES = (
    Code("0_2", Label("0至2岁", "0 to 2 years")),
    Code("3_6", Label("3至6岁", "3 to 6 years")),
    Code("7_17", Label("7至17岁", "7 to 17 years")),
    Code("18_59", Label("18至59岁", "18 to 59 years")),
    Code("60", Label("60岁及以上", "60 years and over")),
    Code("unknown", Label("不清楚", "Not known")),
)
SEXES = (
    Code("male", Label("男", "Male")),
    Code("female", Label("女", "Female")),
    Code("unknown", Label("不清楚", "Not known")),
)
PLACES = (
    Code("home", Label("家里", "Home")),
    Code("school", Label("学校、幼儿园", "School or kindergarten")),
    Code("street", Label("道路", "Street")),
    Code("work", Label("工作场所", "Work")),
    Code("other", Label("其他", "Other")),
)
NATURES = (
    Code("cut", Label("割伤、擦伤", "Cut or graze")),
    Code("fracture", Label("骨折、扭伤", "Fracture or sprain")),
    Code("burn", Label("烧烫伤", "Burn or scald")),
    Code("shock", Label("电击伤", "Electric injury")),
    Code("poison", Label("中毒、过敏", "Poisoning or allergy")),
    Code("suffocation", Label("窒息", "Suffocation")),
    Code("other", Label("其他", "Other")),
)
BODY_PARTS = (
    Code("head", Label("头面部", "Head and face")),
    Code("eye", Label("眼", "Eye")),
    Code("hand", Label("手臂、手", "Arm and hand")),
    Code("foot", Label("腿、脚", "Leg and foot")),
    Code("trunk", Label("躯干", "Trunk")),
    Code("airway", Label("呼吸、消化道", "Airway or gut")),
    Code("other", Label("其他", "Other")),
)
SOURCES = (
    Code("hospital", Label("监测医院", "Sentinel hospital")),
    Code("consumer", Label("消费者", "Consumer")),
    Code("fire_brigade", Label("消防", "Fire brigade")),
    Code("firm", Label("经营者报告", "Report by a firm")),
)
REMEDIES = (
    Code("repair", Label("修理", "Repair")),
    Code("replace", Label("更换", "Replacement")),
    Code("refund", Label("退货", "Refund")),
    Code("warning", Label("加贴警示", "Warning label")),
)
LEVELS: dict[str, tuple[str, str]] = {
    "low": ("低", "Low"),
    "medium": ("中", "Medium"),
    "high": ("高", "High"),
    "serious": ("严重", "Serious"),
}
MEASURES: dict[str, tuple[str, str]] = {
    "watch": ("继续监测", "Keep watching"),
    "warn": ("发布风险警示", "Warn consumers"),
    "recall_request": ("通知生产者调查并召回", "Ask the producer to investigate and recall"),
    "sampling_plan": ("列入抽查计划建议", "Propose for the sampling plan"),
    "reassess": ("再评估", "Assess again"),
}
SIGNALS: dict[str, tuple[str, str]] = {
    "severe": ("罕见的严重伤害", "Rare severe injuries"),
    "pass_rate": ("合格率低于目标", "Pass rate below the target"),
    "complaints": ("质量投诉异常增多", "Complaints about quality rise"),
    "injuries": ("某类伤害异常集中", "One kind of injury stands out"),
    "own": ("办案人员发现", "Found by an officer"),
}
