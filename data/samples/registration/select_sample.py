"""Choose the shipped sample from the whole file of Guangdong registrations.

Run with the path of the whole file (`gd_enterprises.csv.gz`, see ORIGIN.md):

    python data/samples/registration/select_sample.py WHOLE.csv.gz

The choice depends on the file alone: no clock, no random numbers. The bytes of a row are not touched.
"""

import csv
import gzip
import hashlib
import math
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

from zhijian.standards.uscc import find_problems, normalise

SAMPLE_ROWS = 12_000
TARGET = Path(__file__).with_name("gd_limited_companies.csv.gz")
LIMITED = re.compile("有限公司|有限责任公司")
ALPHABET = re.compile("[0-9A-HJ-NP-RTUWXY]{18}")
CAPITAL = re.compile(r"[\d.,]+ ?[万(（].*|N/A|-")
PERSONAL_TYPES = {"个人独资企业", "私营企业", "个体工商户", "个体户", "合伙企业"}
# Addresses of small firms name the owner of the house ("某某屋", "某某厂房"): a surname followed by one or
# two characters and a word for a house. Too wide on purpose: a lost row costs nothing, a person's name does.
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余"
    "伍区欧麦霍甘冼邝骆温柯丘詹关翁蓝巫游古庄连卓凌劳阮符潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
PERSON_IN_ADDRESS = re.compile(
    f"[{SURNAMES}][\u4e00-\u9fff]{{1,2}}(?:私宅|住宅|宅|屋|祖屋|房屋|私房|家|铺位|自建|自有|物业|厂房|住房|楼房)(?![\u4e00-\u9fff])"
    f"|[{SURNAMES}][\u4e00-\u9fff]{{1,2}}(?:私宅|住宅|私房|房屋|自建|自有|物业|厂房|住房|祖屋|[屋宅][一二三四五六七八九首至第])"
    r"|(?<!\d)1[3-9]\d{9}(?!\d)|先生|女士"
)


def names_a_person(row: dict[str, str]) -> bool:
    """Whether a cell shows, or may show, a natural person."""
    if row["type"] == "电饭锅":  # shifted cells, but goods in them, no person; read by eye
        return False
    shifted = not CAPITAL.fullmatch(row["capital"])
    return shifted or row["type"] in PERSONAL_TYPES or bool(PERSON_IN_ADDRESS.search(row["address"]))


def has_rare_defect(row: dict[str, str], seen: Counter[str]) -> bool:
    """Whether the row shows a defect so rare that it must not be left to the strata."""
    return (
        not ALPHABET.fullmatch(row["uscc"])
        or seen[row["uscc"]] > 1
        or row["capital"] == "-"
        or row["type"] in {"电饭锅", "股份制企业(非法人)", "来料加工", "国有企业"}
        or any(word in row["capital"] for word in ("马克", "欧元", "日元", "）)", "0.000"))
        or not row["scope"]
        or not row["address"]
    )


def is_eligible(row: dict[str, str], seen: Counter[str]) -> bool:
    """Limited companies; beside them only company offices and plants whose code is broken or repeated."""
    broken = not ALPHABET.fullmatch(row["uscc"]) or seen[row["uscc"]] > 1
    owned = "公司" in row["name"] or row["type"] == "来料加工"  # processing plants belong to companies
    company = bool(LIMITED.search(row["name"])) or (broken and owned)
    return company and row["uscc"].startswith("91") and not names_a_person(row)


def choose(rows: list[dict[str, str]]) -> set[int]:
    """Row numbers: rare defects first, then per city (by the root of its size) evenly over the years."""
    seen = Counter(row["uscc"] for row in rows)
    eligible = [n for n, row in enumerate(rows) if is_eligible(row, seen)]
    chosen = {n for n in eligible if has_rare_defect(rows[n], seen)}
    cities: dict[str, list[int]] = defaultdict(list)
    for n in eligible:
        if n not in chosen:
            cities[rows[n]["city"]].append(n)
    wanted = SAMPLE_ROWS - len(chosen)
    roots = sum(math.sqrt(len(members)) for members in cities.values())
    for members in cities.values():
        share = min(len(members), round(wanted * math.sqrt(len(members)) / roots))
        members.sort(key=lambda n: (rows[n]["file_year"], hashlib.sha256(rows[n]["uscc"].encode()).digest()))
        chosen.update(members[(2 * i + 1) * len(members) // (2 * share)] for i in range(share))
    wrong_codes = {n for n in eligible if find_problems(normalise(rows[n]["uscc"]))}
    return chosen | wrong_codes


def main() -> None:
    """Write the sample, rows in the order and with the bytes of the whole file."""
    header, *lines = gzip.decompress(Path(sys.argv[1]).read_bytes()).splitlines(keepends=True)
    rows = list(csv.DictReader(line.decode() for line in [header, *lines]))
    if len(rows) != len(lines):
        raise SystemExit("a row spans several lines: the bytes of single rows cannot be kept")
    chosen = choose(rows)
    body = b"".join(line for n, line in enumerate(lines) if n in chosen)
    TARGET.write_bytes(gzip.compress(header + body, 9, mtime=0))
    sys.stdout.write(f"{len(chosen)} rows, {TARGET.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
