"""Enterprise type: the source's words, or the form of the name and the code, to a code of the standard's list."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from zhijian.standards import registration_authorities

# The source's words (brackets as NFKC leaves them) to the code list of enterprise types.
BY_TEXT = {
    "有限责任公司": "1100",
    "有限责任公司 国有企业": "1140",
    "有限责任公司 港、澳、台": "6100",
    "有限责任公司 外商投资企业": "5100",
    "股份有限公司": "1200",
    "股份有限公司 国有企业": "1223",
    "分公司": "2000",
    "内资企业法人": "3000",
    "国有企业": "3100",
    "全民(内联-独资)": "3100",
    "集体所有制": "3200",
    "集体": "3200",
    "股份制": "3300",
    "股份合作制": "3400",
    "联营企业": "3500",
    "集体事业单位营业": "4120",
    "社团法人营业": "4200",
    "集体社团法人营业": "4220",
    "集体分支机构(非法人)": "4320",
    "股份合作制分支机构": "4340",
    "内资企业办事机构": "4300",
    "内资企业办事机构(非上市)": "4300",
    "私营企业": "4500",
    "普通合伙": "4531",
    "合伙企业": "4530",
    "个人独资企业": "4540",
    "股份制企业(非法人)": "4700",
    "港、澳、台": "6000",
    "外国(地区)企业常驻代表机构": "7200",
    "农民专业合作经济组织": "9100",
    "个体户": "9999",
    "个体工商户": "9999",
    "个体工商户(临时)": "9999",
    "临时个体工商户": "9999",
    "来料加工": "4400",  # ASSUMPTION: a plant of the processing trade runs without being a legal person
    "来件装配": "4400",
    "来料繁殖": "4400",
    "三来一补": "4400",
    "其他": "9900",
}
OFFICE = re.compile("(代表处|办事处|联络处)$")
BRANCH = re.compile(
    "(分公司|支公司|支行|分行|分理处|储蓄所|营业部|营业厅|营业所|服务部|服务厅|服务中心|分店|加油站|支局|分厂|分部|分院|分社|门市部?|"
    "销售点|药店|药房|商场|修理部|经营部|工厂|加工厂|项目部|经理部|歌舞厅|装卸站|配送中心)$"
)
COMPANY = re.compile("(?P<joint>股份有限公司)|(?P<limited>有限责任公司|有限公司)")
FOREIGN_PLACE = re.compile(
    "香港|澳门|台湾|日本|韩国|美国|英国|英属|新加坡|株式会社|德国|法国|意大利|泰国|叙利亚|外国"
)


@dataclass(frozen=True, slots=True)
class EnterpriseType:
    """`type_code` of the enterprise type list or None, `kind_code`, what decided (`from`: type, name, code) and the words."""

    type_code: str | None
    kind_code: str
    evidence: str | None
    words: str | None


def read_type(type_text: str | None, name: str, uscc: str) -> EnterpriseType:
    """The type from the source's words if it gives any, else from the form of the name, else from the code."""
    kind = registration_authorities.entity_kind(uscc)
    plain = unicodedata.normalize("NFKC", type_text or "").strip()
    if plain in BY_TEXT:
        return EnterpriseType(BY_TEXT[plain], kind, "type", plain)
    code, words = type_from_name(name)
    if code:
        return EnterpriseType(code, kind, "name", words)
    by_kind = {"individual_business": "9999", "cooperative": "9100"}.get(kind)
    return EnterpriseType(by_kind, kind, "code" if by_kind else None, uscc[:2] if by_kind else None)


def type_from_name(name: str) -> tuple[str | None, str | None]:
    """Type code and the deciding words of the name; a broad code, as a name tells the form but not the owners."""
    plain = re.sub(r"\(增挂[^)]*\)|[。.\s]+$", "", unicodedata.normalize("NFKC", name))
    company = COMPANY.search(plain)
    office = OFFICE.search(plain)
    branch = BRANCH.search(plain)
    if office:
        foreign = bool(FOREIGN_PLACE.search(plain)) and office[0] == "代表处"
        return ("7200" if foreign else "4300"), office[0]
    if company and (branch or company.end() < len(plain)):
        words = company[0] + "…" + (branch[0] if branch else plain[company.end() :])
        return ("2200" if company["joint"] else "2100"), words
    if company:
        return ("1200" if company["joint"] else "1100"), company[0]
    if plain.endswith("专业合作社"):
        return "9100", "专业合作社"
    return None, None


def read_types(rows: Iterable[tuple[str | None, str, str]]) -> list[EnterpriseType]:
    """One reading per row of (type text, name, credit code)."""
    return [read_type(*row) for row in rows]
