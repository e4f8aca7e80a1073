"""The columns of a source beside those that the lake has of it: what fits, what widens, what is refused."""

import pyarrow as pa

from zhijian.datazone.lake import is_wider
from zhijian.datazone.sources.errors import SchemaChanged

OWN = ("row_hash", "delivery", "pulled_at")  # what a pull adds to every row


def plain(rows: pa.Table, columns: dict[str, pa.DataType | None]) -> pa.Table:
    """Return the rows in the types of the lake: plain texts and bytes, unsigned as signed, decimals read from texts.

    Raises:
        SchemaChanged: a decimal has more places than can be kept; nothing is cut.
    """
    fields = [pa.field(one.name, columns[one.name] or _plain(one.type)) for one in rows.schema]
    try:
        return rows.cast(pa.schema(fields))
    except pa.ArrowInvalid as problem:
        raise SchemaChanged(
            f"来源的小数放不进目标类型（{problem}）。请在 query 中四舍五入或转换类型。",
            f"A decimal of the source does not fit ({problem}). Round or cast it in a query.",
        ) from None


def fitted(table: str, rows: pa.Table, known: pa.Schema | None) -> pa.Table:
    """Return the rows in the types that the table has, or wider ones; new columns pass.

    Raises:
        SchemaChanged: a column is gone, or is of a type that the table's cannot hold.
    """
    if taken := set(rows.column_names) & set(OWN):
        raise SchemaChanged(
            f"来源列 {sorted(taken)} 与平台自用列同名，请用 query 改名。",
            f"The source's columns {sorted(taken)} are the platform's own names; rename them in a query.",
        )
    if known is None:
        return rows
    gone = [
        one.name
        for one in known
        if one.name not in rows.column_names and one.name not in (*OWN, "is_synthetic")
    ]
    if gone:
        raise SchemaChanged(
            f"来源不再有列 {gone}（{table}）。没有写入任何行。若属正常，请以新名称声明，或在 query 中补上该列。",
            f"The source has no column {gone} any more ({table}). Nothing was written. Declare it under a new name, "
            "or give the column in a query.",
        )
    fields = [
        pa.field(one.name, _fit(table, one, known.field(one.name).type)) if one.name in known.names else one
        for one in rows.schema
    ]
    return rows.cast(pa.schema(fields))


def _fit(table: str, field: pa.Field, kind: pa.DataType) -> pa.DataType:
    if field.type == kind or is_wider(kind, field.type):
        return field.type
    if is_wider(field.type, kind):
        return kind
    raise SchemaChanged(
        f"来源列 {field.name} 的类型由 {kind} 变为 {field.type}（{table}），无法兼容。没有写入任何行。请在 query 中转换类型，或以新名称声明。",
        f"Column {field.name} of the source changed from {kind} to {field.type} ({table}), which does not fit. "
        "Nothing was written. Cast it in a query, or declare it under a new name.",
    )


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_large_binary(kind):
        return pa.binary()
    if pa.types.is_unsigned_integer(kind):
        return pa.decimal128(20, 0) if kind.bit_width == 64 else pa.int64()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", "UTC" if kind.tz else None)
    if pa.types.is_large_list(kind):
        return pa.list_(_plain(kind.value_type))
    if pa.types.is_time(kind):
        return pa.string()
    return kind
