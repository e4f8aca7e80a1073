"""A source as a YAML file: which table or query, by which watermark and key. The address is never in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from zhijian.datazone.sources.errors import BadDeclaration

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?")
_KNOWN = {
    "source",
    "name",
    "address",
    "table",
    "query",
    "watermark",
    "key",
    "overlap",
    "contract",
    "synthetic",
}
_OVERLAP = re.compile(r"(\d+)(?: (seconds|minutes|hours|days))?")


@dataclass(frozen=True)
class Declaration:
    """One table of one source.

    `overlap` is what is read again below the watermark, for rows that were committed late: a time span for
    watermarks that are times, a count for those that are numbers. `address` names the setting that holds the URL.
    """

    source: str
    name: str
    address: str
    relation: str  # a table's name, or a query in brackets
    is_query: bool
    watermark: str
    key: tuple[str, ...]
    overlap: timedelta | int
    contract: str | None
    is_synthetic: bool

    @property
    def table(self) -> str:
        """The raw table that it fills."""
        return f"raw_{self.source}__{self.name}"


def declared(folder: Path) -> dict[str, Path]:
    """Return the declarations of a folder, by file name without ending."""
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load(path: Path) -> Declaration:
    """Read a declaration.

    Raises:
        BadDeclaration: what is wrong, in which file, and what it should be.
    """
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as problem:
        raise _bad(path, f"无法读取（{problem}）", f"cannot be read ({problem})") from None
    if not isinstance(content, Mapping):
        raise _bad(path, "应为 YAML 键值", "must be YAML keys and values")
    if unknown := set(content) - _KNOWN:
        raise _bad(
            path,
            f"未知的键 {sorted(unknown)}",
            f"has unknown keys {sorted(unknown)}; known: {sorted(_KNOWN)}",
        )
    if missing := {"source", "name", "watermark", "key"} - set(content):
        raise _bad(path, f"缺少 {sorted(missing)}", f"lacks {sorted(missing)}")
    if ("table" in content) == ("query" in content):
        raise _bad(path, "table 与 query 应写且只写一个", "must name either 'table' or 'query'")
    return _declaration(path, content)


def _declaration(path: Path, content: Mapping[str, Any]) -> Declaration:
    source, name = (_name(path, content, part) for part in ("source", "name"))
    keys = content["key"] if isinstance(content["key"], list) else [content["key"]]
    for identifier in [content["watermark"], *keys, *([content["table"]] if "table" in content else [])]:
        if not isinstance(identifier, str) or not _IDENTIFIER.fullmatch(identifier):
            raise _bad(
                path, f"{identifier!r} 不是表名或列名", f"{identifier!r} is no name of a table or column"
            )
    if not keys:
        raise _bad(path, "key 至少要有一列", "'key' must name at least one column")
    query = str(content.get("query", "")).strip().rstrip(";")
    return Declaration(
        source=source,
        name=name,
        address=str(content.get("address", f"ZHIJIAN_SOURCE_{source.upper()}_URL")),
        relation=f"({query})" if query else content["table"],
        is_query=bool(query),
        watermark=content["watermark"],
        key=tuple(keys),
        overlap=_overlap(path, content.get("overlap", 0)),
        contract=content.get("contract"),
        is_synthetic=content.get("synthetic", False) is True,
    )


def _name(path: Path, content: Mapping[str, Any], part: str) -> str:
    value = content[part]
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise _bad(path, f"{part} 应为小写英文、数字和下划线", f"'{part}' must be a-z, 0-9 and single _")
    return value


def _overlap(path: Path, value: object) -> timedelta | int:
    match = _OVERLAP.fullmatch(str(value))
    if match is None:
        raise _bad(
            path,
            f"overlap {value!r} 应如 '10 minutes' 或 1000",
            f"'overlap' {value!r} must be like '10 minutes' or 1000",
        )
    return timedelta(**{match[2]: int(match[1])}) if match[2] else int(match[1])


def _bad(path: Path, zh: str, en: str) -> BadDeclaration:
    return BadDeclaration(f"来源声明 {path.name}：{zh}。", f"Source declaration {path.name} {en}.")
