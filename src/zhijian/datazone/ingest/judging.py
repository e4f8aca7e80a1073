"""Apply a contract to the table ``delivered``: clean, type and judge every row, all of it inside DuckDB.

Makes three tables. ``judged``: per row and field the cleaned text ``c_``, the typed value ``t_`` and the first rule
that it breaks, ``e_`` as an error or ``w_`` as a warning. ``findings``: one row per broken rule. ``refused``: the
lines that go to quarantine.
"""

# ruff: noqa: S608 - names in the SQL come from published contracts and column numbers, texts are quoted

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import ibis

from zhijian.datazone.contracts import STRUCTURAL_RULES, Contract, Field, Rule, bound
from zhijian.datazone.expressions.uscc import uscc_organisation_check_fails, uscc_problem
from zhijian.datazone.ingest.reading import Connection
from zhijian.datazone.lake import Lake
from zhijian.datazone.sql import literal
from zhijian.standards import uscc

_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m-%d %H:%M:%S")
_YES, _NO = ("true", "是", "1", "yes", "y"), ("false", "否", "0", "no", "n")
_INVISIBLE = (  # controls but tab and line ends, zero width, marks and overrides of direction, Unicode tags
    r"[\x{0000}-\x{0008}\x{000B}\x{000C}\x{000E}-\x{001F}\x{007F}-\x{009F}\x{00AD}\x{061C}\x{180E}\x{200B}-\x{200F}"
    r"\x{2028}-\x{202E}\x{2060}-\x{206F}\x{FEFF}\x{FFF9}-\x{FFFB}\x{E0000}-\x{E007F}]"
)
_INVISIBLE_ESCAPED = (  # the same characters as a JSON text may write them
    r"\\u(?i:00(?:0[0-8bcef]|1[0-9a-f]|7f|[89][0-9a-f]|ad)|061c|180e|200[b-f]|202[89a-e]|206[0-9a-f]|feff|fff[9ab]|db40)"
)
_FLAGS = ("true", "false")
_BLANKS = " \t\r\n\u3000\u00a0\ufeff"


@dataclass(frozen=True)
class Judging:
    """One delivery under one contract."""

    con: Connection
    contract: Contract
    places: dict[str, int]  # field name -> number of its column in `delivered`
    lake: Lake
    at: datetime
    today: date
    is_synthetic: bool  # the delivery as a whole is said to be invented

    def run(self) -> None:
        """Make the tables ``judged``, ``findings`` and ``refused``."""
        self._register_references()
        self._create_judged()
        self._create_findings()
        self._find_repetitions()

    def raw(self, field: Field) -> str:
        """Return the SQL of the field's text as delivered."""
        place = self.places.get(field.name)
        return "null::varchar" if place is None else f"r{place}"

    def value(self, field: Field) -> str:
        """Return the SQL of the field's typed value in ``judged``."""
        return f"c_{field.name}" if field.physical_type == "varchar" else f"t_{field.name}"

    def is_invented(self) -> str:
        """Return the SQL of the row's own flag: a delivery said to be invented holds nothing real."""
        marks = [field for field in self.contract.fields if field.default == "delivery_is_synthetic"]
        if self.is_synthetic or not marks:
            return "true" if self.is_synthetic else "false"
        return f"coalesce(t_{marks[0].name}, false)"

    def _create_judged(self) -> None:
        fields = self.contract.fields
        self.con.execute(f"create table cleaned as {self._cleaning()}")
        checked = self._check_codes()
        typed = "".join(
            f", {_typed(field)} as t_{field.name}" for field in fields if field.physical_type != "varchar"
        )
        verdicts = "".join(
            f", {self._first_broken(field, severity)} as {mark}_{field.name}"
            for field in fields
            for severity, mark in (("error", "e"), ("warning", "w"))
        )
        self.con.execute(f"create table judged as select *{verdicts} from (select *{typed} from {checked})")
        self.con.execute("drop table cleaned")

    def _cleaning(self) -> str:
        """Return the query that cleans every field, step upon step, so that no step is computed twice."""
        query = "from delivered"
        for step in (self._without_strays, self._trimmed, self._put_right, self._known):
            columns = "".join(f", {step(field)} as c_{field.name}" for field in self.contract.fields)
            query = f"from (select source_line, problem{columns} {query})"
        return query

    def _without_strays(self, field: Field) -> str:
        text = self.raw(field)
        for stray in self.contract.stray_characters:
            text = f"replace({text}, {literal(stray)}, '')"
        return text

    def _trimmed(self, field: Field) -> str:
        text = f"c_{field.name}"
        has_blank_ends = " or ".join(
            f"starts_with({text}, {literal(blank)}) or ends_with({text}, {literal(blank)})"
            for blank in _BLANKS
        )
        return f"case when {has_blank_ends} then trim({text}, {literal(_BLANKS)}) else {text} end"

    def _put_right(self, field: Field) -> str:
        text = f"c_{field.name}"
        if field.cleaning != "uscc":
            return text
        typed, read = literal(uscc.TYPED + uscc.SEPARATORS), literal(uscc.READ_AS)
        is_plain = f"regexp_full_match({text}, '[0-9A-Z]*')"
        return f"case when {is_plain} then {text} else translate({text}, {typed}, {read}) end"

    def _known(self, field: Field) -> str:
        text = f"c_{field.name}"
        words = ", ".join(map(literal, self.contract.unknown_words))
        return f"case when {text} in ({words}) then null else {text} end"

    def _check_codes(self) -> str:
        """Say for each credit code what is wrong with it; return the SQL source of rows and checks together."""
        checked = [
            field for field in self.contract.fields if any(rule.kind == "uscc" for rule in field.rules)
        ]
        if not checked:
            return "cleaned"
        query = _code_checks(tuple(field.name for field in checked))
        self.con.execute(f"create table code_checks as {query}")
        return "(select cleaned.*, code_checks.* from cleaned positional join code_checks)"

    def _first_broken(self, field: Field, severity: str) -> str:
        cases = " ".join(
            f"when {self._is_broken(field, rule)} then {literal(rule.id)}"
            for rule in field.rules
            if rule.severity == severity and rule.kind != "unique"
        )
        return f"case when problem is not null then null {cases} end" if cases else "null::varchar"

    def _is_broken(self, field: Field, rule: Rule) -> str:
        text, value, limits = f"c_{field.name}", self.value(field), rule.arguments
        if rule.kind == "required":
            return f"{text} is null"
        if rule.kind in ("date", "timestamp", "integer", "number", "boolean", "array"):
            return f"{text} is not null and {value} is null"
        if rule.kind == "json_object":
            return (
                f"case when json_valid({text}) then json_type({text}) <> 'OBJECT' else {text} is not null end"
            )
        if rule.kind == "json_keys_once":
            return _repeats_a_key(text)
        if rule.kind == "plain_text":
            is_json = any(other.kind == "json_object" for other in field.rules)
            hidden = f"{_INVISIBLE}|{_INVISIBLE_ESCAPED}" if is_json else _INVISIBLE
            return f"regexp_matches({text}, {literal(hidden)})"
        if rule.kind in ("same_flag", "synthetic_subject"):
            return self._is_wrongly_flagged(text, rule)
        if rule.kind == "uscc":
            return f"u_{field.name} is not null"
        if rule.kind == "uscc_organisation":
            return f"coalesce(o_{field.name}, false)"
        if rule.kind == "length":
            return f"length({text}) > {int(limits['maximum'])}"
        if rule.kind == "pattern":
            return f"not regexp_full_match({text}, {literal(limits['pattern'])})"
        if rule.kind == "one_of":
            return f"{text} not in ({', '.join(map(literal, limits['choices']))})"
        if rule.kind == "reference":
            return f"{text} not in (select value from {_reference_name(rule)})"
        low, high = (literal(str(bound(limits[side], self.today))) for side in ("minimum", "maximum"))
        return f"{value} not between {low}::{field.physical_type} and {high}::{field.physical_type}"

    def _is_wrongly_flagged(self, text: str, rule: Rule) -> str:
        """'same_flag': the register holds the code under the other flag. 'synthetic_subject': not as invented."""
        reference, invented = _reference_name(rule), self.is_invented()
        held = {flag: f"{text} in (select value from {reference} where flag = {flag})" for flag in _FLAGS}
        if rule.kind == "synthetic_subject":
            return f"{invented} and not {held['true']}"
        return f"case when {invented} then {held['false']} else {held['true']} end"

    def _register_references(self) -> None:
        """Make the values that a reference may point to a table of their own."""
        for field in self.contract.fields:
            for rule in field.rules:
                if rule.kind in ("reference", "same_flag", "synthetic_subject"):
                    self._register_reference(rule)

    def _register_reference(self, rule: Rule) -> None:
        table, column = rule.arguments["table"], rule.arguments["column"]
        name = _reference_name(rule)
        flag = "null::boolean" if rule.kind == "reference" else "is_synthetic"
        files = self.lake.files(table) if self.lake.exists(table) else []
        if files:
            listed = ", ".join(map(literal, files))
            self.con.execute(
                f"create table {name} as select distinct {column} as value, {flag} as flag "
                f"from read_parquet([{listed}], union_by_name = true) where {column} is not null"
            )
        else:
            self.con.execute(f"create table {name} (value varchar, flag boolean)")

    def _create_findings(self) -> None:
        of_fields = " union all by name ".join(
            f"select source_line, {literal(field.name)} as field, {mark}_{field.name} as rule_id, "
            f"{literal(severity)} as severity, null::bigint as earlier_line from judged "
            f"where {mark}_{field.name} is not null"
            for field in self.contract.fields
            for severity, mark in (("error", "e"), ("warning", "w"))
        )
        kinds = " ".join(f"when '{kind}' then '{rule.id}'" for kind, rule in STRUCTURAL_RULES.items())
        structural = (
            f"select source_line, null::varchar as field, case problem {kinds} end as rule_id,"
            "'error' as severity, null::bigint as earlier_line from judged where problem is not null"
        )
        self.con.execute(f"create table findings as {structural} union all by name {of_fields}")
        self.con.execute(
            "create table refused as select distinct source_line from findings where severity = 'error'"
        )

    def _find_repetitions(self) -> None:
        """Refuse of the acceptable rows with the same key all but the first, which they name."""
        rules = [
            ((field.name,), field.name, rule)
            for field in self.contract.fields
            for rule in field.rules
            if rule.kind == "unique"
        ] + [(rule.columns, rule.columns[-1], rule) for rule in self.contract.rules if rule.kind == "unique"]
        for key, field, rule in rules:
            columns = ", ".join(f"c_{name}" for name in key)
            known = " and ".join(f"c_{name} is not null" for name in key[-1:])
            self.con.execute(
                f"create table repeated as select source_line, first_line from (select source_line, "
                f"min(source_line) over (partition by {columns}) as first_line from judged "
                f"anti join refused using (source_line) where {known}) where first_line < source_line"
            )
            self.con.execute(
                "insert into findings by name select source_line, ? as field, ? as rule_id, ? as severity, "
                "first_line as earlier_line from repeated",
                [field, rule.id, rule.severity],
            )
            if rule.severity == "error":
                self.con.execute("insert into refused select source_line from repeated")
            self.con.execute("drop table repeated")


def _reference_name(rule: Rule) -> str:
    return f"reference_{rule.id.replace('-', '_')}"


def _repeats_a_key(text: str) -> str:
    """Return the SQL that says whether a key occurs twice in one object of a JSON text, at any depth."""
    paths = f"(select list(fullkey) from json_tree(case when json_valid({text}) then {text} end))"
    return f"len({paths}) > len(list_distinct({paths}))"


@cache
def _code_checks(names: tuple[str, ...]) -> str:
    """Return the query that checks the credit codes of these fields in the table ``cleaned``."""
    table = ibis.table({f"c_{name}": "string" for name in names}, name="cleaned")
    problems = {f"u_{name}": uscc_problem(table[f"c_{name}"]) for name in names}
    flags = {f"o_{name}": uscc_organisation_check_fails(table[f"c_{name}"]) for name in names}
    return str(ibis.to_sql(table.select(**problems, **flags), dialect="duckdb"))


def _typed(field: Field) -> str:
    text, kind = f"c_{field.name}", field.physical_type
    if field.logical_type == "date":
        formats = ", ".join(map(literal, _DATE_FORMATS))
        return f"try_strptime({text}, [{formats}])::date"
    if field.logical_type == "boolean":
        yes, no = (", ".join(map(literal, words)) for words in (_YES, _NO))
        return f"case when lower({text}) in ({yes}) then true when lower({text}) in ({no}) then false end"
    if field.logical_type == "array":
        return f"try(from_json({text}, {literal(_json_structure(kind))}))::{kind}"
    if field.logical_type == "integer":  # a cast alone would round 1.6 to 2 in silence
        return (
            f"case when regexp_full_match({text}, '[+-]?[0-9]+([.]0+)?') then try_cast({text} as {kind}) end"
        )
    return f"try_cast({text} as {kind})"


def _json_structure(kind: str) -> str:
    return '["' + kind.removesuffix("[]").upper() + '"]'
