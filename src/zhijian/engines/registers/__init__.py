"""Engine `registers`: every kept list of things, declared once; and the register of market entities.

Import the names below from here; models and services of our own registers from their modules, because
they need Django to be set up.
"""

from zhijian.engines.registers.declaration import (
    Audience,
    Field,
    Geography,
    Label,
    RegisterDeclaration,
)
from zhijian.engines.registers.filters import EntityFilters
from zhijian.engines.registers.market_entities import (
    BadCursor,
    CodeCheck,
    EntityRegister,
    Page,
    register_at,
)
from zhijian.engines.registers.marking import mark
from zhijian.engines.registers.records import (
    CreditClass,
    DeliveredFact,
    EntityRecord,
    EntityVersion,
    Segment,
    Suggestion,
)
from zhijian.engines.registers.serving import NothingServed, ServingError, ServingReport, build

__all__ = [
    "Audience", "BadCursor", "CodeCheck", "CreditClass", "DeliveredFact", "EntityFilters", "EntityRecord",
    "EntityRegister", "EntityVersion", "Field", "Geography", "Label", "NothingServed", "Page",
    "RegisterDeclaration", "Segment", "ServingError", "ServingReport", "Suggestion", "build", "mark",
    "register_at",
]  # fmt: skip
