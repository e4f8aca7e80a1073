"""PostgreSQL and MySQL/MariaDB, read into Arrow by ConnectorX: no row passes through Python."""

# ruff: noqa: S608 - names were checked by the declaration, values are literals made here

import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import connectorx
import pyarrow as pa

from zhijian.datazone.sources.declaration import Declaration
from zhijian.datazone.sources.errors import BadDeclaration, CannotReach, NoSuchColumns, SourceError
from zhijian.datazone.sql import literal

Mark: TypeAlias = int | date | datetime
_SCHEMES = {"postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
_PROBE_SECONDS = 20
_PROBE = (
    "import sys, connectorx; connectorx.read_sql(sys.stdin.read(), 'select 1 as one', return_type='arrow')"
)


@dataclass(frozen=True)
class Database:
    """One database of a source, and the table or query that is pulled from it."""

    url: str
    kind: str  # postgresql or mysql
    declaration: Declaration

    @classmethod
    def at(cls, url: str, declaration: Declaration) -> "Database":
        """Return the database behind an address.

        Raises:
            BadDeclaration: the address is of a kind that cannot be read.
        """
        scheme, _, rest = url.partition("://")
        if scheme not in _SCHEMES or not urlsplit(url).hostname:
            raise BadDeclaration(
                f"{declaration.address} 应写作 postgresql://用户:密码@主机:端口/库 或 mysql://用户:密码@主机:端口/库。",
                f"{declaration.address} must be postgresql://user:password@host:port/name or mysql://user:password@host:port/name.",
            )
        return cls(f"{_SCHEMES[scheme]}://{rest}", _SCHEMES[scheme], declaration)

    @property
    def where(self) -> str:
        """The server, without user or password."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port or (5432 if self.kind == 'postgresql' else 3306)}{parts.path}"

    def probe(self) -> None:
        """Connect once, in a process of its own: ConnectorX would try for 30 seconds what will never work.

        Raises:
            CannotReach: with what the server said.
        """
        process = subprocess.Popen(
            [sys.executable, "-c", _PROBE], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdin is not None and process.stderr is not None
        late = threading.Timer(_PROBE_SECONDS, process.kill)
        late.start()
        try:
            process.stdin.write(self.url)
            process.stdin.close()
            said = process.stderr.readline()
            if not said and process.wait() == 0:
                return
        finally:
            late.cancel()
            process.kill()
            process.wait()
            process.stderr.close()
        raise self._cannot_reach(said.split("ERROR r2d2]")[-1].strip() or f"no answer in {_PROBE_SECONDS} s")

    def _cannot_reach(self, said: str) -> CannotReach:
        text = self._without_password(said)
        is_login = re.search(r"password|[Aa]ccess denied|authentication|1045", text)
        what = (
            ("用户名或密码不对", "check user and password")
            if is_login
            else ("请核对主机、端口和库名", "check host, port and database")
        )
        return CannotReach(
            f"无法连接 {self.where}：{what[0]}（{self.declaration.address}）。服务器答复：{text}",
            f"{self.where} cannot be reached: {what[1]} in {self.declaration.address}. The server said: {text}",
        )

    def _without_password(self, text: str) -> str:
        password = urlsplit(self.url).password
        return text.replace(password, "***") if password else text

    def read(self, query: str) -> pa.Table:
        """Run a query and return its rows.

        Raises:
            NoSuchColumns: the server does not know the table or a column.
            SourceError: it refused the query for another reason.
        """
        try:
            found: pa.Table = connectorx.read_sql(self.url, query, return_type="arrow")
        except RuntimeError as problem:
            text = self._without_password(str(problem))
            if re.search(r"does not exist|doesn't exist|Unknown column", text):
                raise NoSuchColumns(
                    f"{self.where} 中没有所声明的表或列：{text}",
                    f"{self.where} lacks what was declared: {text}",
                ) from None
            raise SourceError(
                f"{self.where} 拒绝了查询：{text}", f"{self.where} refused the query: {text}"
            ) from None
        return found

    def columns(self) -> dict[str, pa.DataType | None]:
        """Return the columns in their order; with those that are decimals, the exact type.

        ConnectorX carries decimals in 96 bits with ten places. Larger ones would be refused and smaller ones cut, so
        decimals travel as texts and are read back whole.
        """
        found = self.read(f"select * from {self._relation()} where 1 = 0").schema
        declared = self._declared_decimals() if any(pa.types.is_decimal(one.type) for one in found) else {}
        return {
            one.name: declared.get(one.name, pa.decimal128(38, 10)) if pa.types.is_decimal(one.type) else None
            for one in found
        }

    def _declared_decimals(self) -> dict[str, pa.DataType]:
        """Precision and scale of a table's decimals; none for a query, whose types no server tells."""
        if self.declaration.is_query:
            return {}
        schema, _, table = self.declaration.relation.rpartition(".")
        here = "current_schema()" if self.kind == "postgresql" else "database()"
        rows = self.read(
            "select column_name as name, cast(numeric_precision as char(10)) as p, cast(numeric_scale as char(10)) as s "
            f"from information_schema.columns where table_name = '{table}' "
            f"and table_schema = {literal(schema) if schema else here} "
            "and data_type in ('numeric', 'decimal') and numeric_precision is not null"
        ).to_pylist()
        return {row["name"]: pa.decimal128(min(int(row["p"]), 38), int(row["s"])) for row in rows}

    def newest(self) -> Mark | None:
        """Return the highest watermark; None where there are no rows.

        Raises:
            NoSuchColumns: the watermark is missing, of a type without an order in time, or empty in some row.
        """
        mark = self.declaration.watermark
        empty = self.read(f"select count(*) as n from {self._relation()} where {mark} is null")["n"][
            0
        ].as_py()
        if empty:
            raise NoSuchColumns(
                f"{self.where} {self._label} 有 {empty:,} 行的水位列 {mark} 为空，增量抽取会漏掉它们。请改用不为空的列。",
                f"{empty:,} rows of {self._label} at {self.where} have no {mark}: a pull would never see them. "
                "Choose a watermark that is never null.",
            )
        return self._mark(self.read(f"select max({mark}) as mark from {self._relation()}"))

    def boundary(self, after: Mark | None, newest: Mark, rows: int) -> Mark:
        """Return the watermark that ends a slice of about so many rows; rows with equal watermarks stay together."""
        mark = self.declaration.watermark
        beyond = f"where {mark} > {self._literal(after)} and" if after is not None else "where"
        found = self.read(
            f"select max(w) as mark from (select {mark} as w from {self._relation()} "
            f"{beyond} {mark} <= {self._literal(newest)} order by {mark} limit {int(rows)}) slice"
        )
        return self._mark(found) or newest

    def rows(
        self, columns: dict[str, pa.DataType | None], at_or_after: Mark | None, through: Mark
    ) -> pa.Table:
        """Return the rows with a watermark in this range, both ends included; decimals as texts."""
        mark = self.declaration.watermark
        from_ = f"{mark} >= {self._literal(at_or_after)} and" if at_or_after is not None else ""
        wanted = ", ".join(
            self._as_text(name) if kind is not None else self._name(name) for name, kind in columns.items()
        )
        return self.read(
            f"select {wanted} from {self._relation()} where {from_} {mark} <= {self._literal(through)}"
        )

    def _as_text(self, column: str) -> str:
        kind = "varchar(80)" if self.kind == "postgresql" else "char(80)"
        return f"cast({self._name(column)} as {kind}) as {self._name(column)}"

    def _name(self, column: str) -> str:
        quote = '"' if self.kind == "postgresql" else "`"
        return f"{quote}{column.replace(quote, quote * 2)}{quote}"

    @property
    def _label(self) -> str:
        return self.declaration.table if self.declaration.is_query else self.declaration.relation

    def _relation(self) -> str:
        return (
            f"{self.declaration.relation} as pulled"
            if self.declaration.is_query
            else self.declaration.relation
        )

    def _mark(self, found: pa.Table) -> Mark | None:
        value = found["mark"][0].as_py()
        if isinstance(value, Decimal) and value == value.to_integral_value():
            value = int(value)
        if value is None or (isinstance(value, int | date) and not isinstance(value, bool)):
            return value
        mark, kind = self.declaration.watermark, found.schema.field("mark").type
        raise NoSuchColumns(
            f"水位列 {mark} 的类型是 {kind}，应为整数、日期或时间。",
            f"Watermark {mark} is of type {kind}; it must be a whole number, a date or a time.",
        )

    def _literal(self, mark: Mark) -> str:
        """The watermark as SQL. MySQL keeps moments without a zone: they go there as they came."""
        if isinstance(mark, int):
            return str(mark)
        return literal(mark.isoformat(" ") if isinstance(mark, datetime) else mark.isoformat())


def as_text(mark: Mark) -> str:
    """Write a watermark down, so that `from_text` gives the same again."""
    kind = "int" if isinstance(mark, int) else "time" if isinstance(mark, datetime) else "date"
    return f"{kind} {mark if isinstance(mark, int) else mark.isoformat()}"


def from_text(text: str) -> Mark:
    """Return a watermark that was written down."""
    kind, value = text.split(" ", 1)
    if kind == "int":
        return int(value)
    return datetime.fromisoformat(value) if kind == "time" else date.fromisoformat(value)


def less(mark: Mark, overlap: timedelta | int) -> Mark:
    """Return the watermark from which rows are read again.

    Raises:
        BadDeclaration: a number was declared for times, or a span for numbers.
    """
    is_number = isinstance(mark, int)
    if overlap == 0 or overlap == timedelta(0):
        return mark
    if is_number is not isinstance(overlap, int):
        raise BadDeclaration(
            "overlap 与水位类型不符：时间水位写 '10 minutes'，数字水位写 1000。",
            "'overlap' does not fit the watermark: write '10 minutes' for times, 1000 for numbers.",
        )
    if isinstance(mark, date) and not isinstance(mark, datetime) and isinstance(overlap, timedelta):
        return mark - timedelta(days=-(-overlap // timedelta(days=1)))
    lower: Any = mark - overlap  # type: ignore[operator]
    return lower.astimezone(UTC) if isinstance(lower, datetime) and lower.tzinfo else lower
