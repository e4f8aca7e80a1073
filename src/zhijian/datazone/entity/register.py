"""One record per real entity, with the integer key by which everything else joins."""

import ibis
from ibis.expr.types import StringValue, Table

from zhijian.datazone.entity.market_entities import ENTITY_SCHEMA
from zhijian.datazone.standard.events import FACT_COLUMNS
from zhijian.datazone.standard.rules import BORN_HERE, OWN_KINDS
from zhijian.standards import industries


def entity_identifiers(standard_registration__market_entities: Table, known_identifiers: Table) -> Table:
    """One row per credit code: its `entity_id`. A code keeps its key for ever; new ones follow in the order of codes."""
    known = known_identifiers.select("uscc", "entity_id")
    last = known.aggregate(last=known.entity_id.max().fill_null(0))
    numbered = new_codes(standard_registration__market_entities, known).cross_join(last)
    following = numbered.select("uscc", entity_id=(numbered.place + numbered["last"]).cast("int64"))
    return known.union(following)


def new_codes(standard_registration__market_entities: Table, known_identifiers: Table) -> Table:
    """The codes that have no key yet, each with its place, from 1, in the order of codes."""
    new = standard_registration__market_entities.select("uscc").anti_join(known_identifiers, "uscc")
    return new.select("uscc", place=ibis.row_number().over(order_by=new.uscc) + 1)


def entity_market_entities(standard_registration__market_entities: Table, entity_identifiers: Table) -> Table:
    """The register: one row per entity as its newest right delivery has it."""
    t = standard_registration__market_entities.inner_join(entity_identifiers, "uscc")
    worded = t.mutate(
        industry_section=_section(t),
        valid_from=t.delivered_on.cast("timestamp('UTC')"),
        version=t.delivery_count.cast("int32"),
    )
    columns = {
        name: worded[name] if name in worded.columns else ibis.null(_IBIS_SCHEMA[name])
        for name in _IBIS_SCHEMA
    }
    return worded.select(**{name: column.cast(_IBIS_SCHEMA[name]) for name, column in columns.items()})


def entity_facts(standard_supervision__events: Table, entity_identifiers: Table) -> Table:
    """One row per fact about a registered entity, by its integer key.

    Facts about codes that are not on the register wait in the standard layer until the code is delivered.
    """
    joined = standard_supervision__events.inner_join(entity_identifiers, "uscc")
    return joined.select("entity_id", *FACT_COLUMNS)


def entity_own_facts(standard_own__facts: Table, entity_identifiers: Table) -> Table:
    """One row per fact of our log that stands: born in the platform, or the newest word about a fact delivered before.

    A delivered fact that was corrected or withdrawn here has its newest version in the log, a withdrawal as a row that
    says so. Only the kinds that other systems deliver too, and filings: steps of our own work, such as a dispatch, say
    nothing of a firm.
    """
    t = standard_own__facts
    later = t.filter(t.supersedes_id.notnull()).select(fact_id="supersedes_id").distinct()
    is_born_here = t.source.isin(BORN_HERE)
    own = t.filter(
        t.kind.isin(OWN_KINDS)
        & ((is_born_here & ~t.is_withdrawal) | (~is_born_here & t.supersedes_id.notnull()))
    )
    standing = own.anti_join(later, "fact_id")
    return standing.inner_join(entity_identifiers, "uscc").select(
        "entity_id", "fact_id", "is_withdrawal", *FACT_COLUMNS
    )


def entity_standing_facts(entity_facts: Table, entity_own_facts: Table) -> Table:
    """Every fact about a registered entity as it stands: those that other systems delivered, and our own.

    Of a delivered fact that our log corrected or withdrew, the log alone says what stands. Such entities are few: all
    others are known by their number, so that the keys of a province's facts are not read for them.
    """
    columns, own = ("entity_id", *FACT_COLUMNS), entity_own_facts
    revised = own.filter(~own.source.isin(BORN_HERE)).select("entity_id", "source", "source_key").distinct()
    entities = revised.select("entity_id").distinct()
    others = entity_facts.anti_join(entities, "entity_id").select(*columns)
    theirs = entity_facts.semi_join(entities, "entity_id").anti_join(
        revised, ["entity_id", "source", "source_key"]
    )
    return others.union(theirs.select(*columns), own.filter(~own.is_withdrawal).select(*columns))


def _section(t: Table) -> StringValue:
    """The letter of the section of an industry code; null for a code of no division of GB/T 4754-2017."""
    division = t.industry_code.substr(0, 2)
    return ibis.cases(
        *[
            (division.isin([child.code for child in industries.children(section.code)]), section.code)
            for section in industries.sections()
        ],
        else_=ibis.null("string"),
    )


_IBIS_SCHEMA = dict(ibis.Schema.from_pyarrow(ENTITY_SCHEMA).items())
