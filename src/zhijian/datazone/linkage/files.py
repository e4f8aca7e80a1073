"""Records to link, from a CSV or Parquet file, and what is said where they cannot be read."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet

from zhijian.standards.bilingual import BilingualError

# What a column may be called, first the name that is used on.
ALIASES = {
    "name": ("name", "名称", "企业名称", "商户名称", "店名", "entity_name"),
    "address": ("address", "地址", "经营地址", "住所", "经营场所"),
    "representative_id": ("representative_id", "法定代表人编号", "经营者编号"),
    "phone_id": ("phone_id", "电话编号"),
}
KEPT = ("record_id", "true_uscc")


class Unreadable(BilingualError, ValueError):
    """The file cannot be linked. Carries both languages."""

    wording = "{zh} / {en}"


def read(path: Path) -> pa.Table:
    """Read a file of records: `record_id` (the line where there is none), name, and what else can be compared.

    Raises:
        Unreadable: no such file, of another kind, not UTF-8, no column of names, or no rows.
    """
    if not path.is_file():
        raise Unreadable(f"找不到文件 {path}。", f"There is no file {path}.")
    table = _loaded(path)
    by_lower = {name.strip().lower(): name for name in table.column_names}
    found = {
        ours: by_lower[alias]
        for ours, aliases in ALIASES.items()
        if (alias := next((a for a in aliases if a in by_lower), None))
    }
    if "name" not in found:
        seen = "、".join(table.column_names) or "（无）"
        raise Unreadable(
            f"{path.name} 里没有名称列。需要 name（或 名称、企业名称、商户名称、店名），现有列：{seen}。",
            f"{path.name} has no column of names. It needs 'name'; it has: {', '.join(table.column_names)}.",
        )
    if table.num_rows == 0:
        raise Unreadable(f"{path.name} 里没有数据行。", f"{path.name} has no rows.")
    columns = {ours: table[theirs].cast(pa.string()) for ours, theirs in found.items()}
    kept = {name: table[name] for name in KEPT if name in table.column_names}
    kept.setdefault("record_id", pa.array(range(1, table.num_rows + 1)))
    return pa.table({**kept, **columns})


def _loaded(path: Path) -> pa.Table:
    kind = path.suffix.lower()
    try:
        if kind == ".parquet":
            return parquet.read_table(path)
        if kind == ".csv":
            names = path.open(encoding="utf-8-sig").readline().rstrip("\r\n").split(",")
            as_text = csv.ConvertOptions(
                column_types=dict.fromkeys([n.strip('"') for n in names], pa.string())
            )
            return csv.read_csv(path, convert_options=as_text)
    except UnicodeDecodeError as problem:
        raise Unreadable(
            f"{path.name} 不是 UTF-8 编码（第 {problem.start + 1} 字节处）。请另存为 UTF-8 后重试。",
            f"{path.name} is not UTF-8 (at byte {problem.start + 1}). Save it as UTF-8 and try again.",
        ) from problem
    except (pa.ArrowInvalid, OSError) as problem:
        reason = str(problem).splitlines()[0]
        raise Unreadable(
            f"{path.name} 无法读取：{reason}", f"{path.name} cannot be read: {reason}"
        ) from problem
    raise Unreadable(
        f"{path.name} 是 {kind or '没有扩展名的文件'}，只支持 .csv 和 .parquet。",
        f"{path.name} is of a kind that is not read; use .csv or .parquet.",
    )
