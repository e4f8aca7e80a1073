"""The guidance letter of a first offence: what was found, what is to be done and by when; and the letters of one firm."""

from pathlib import Path

from zhijian.apps.supervision.inclusive.models import FirstOffenceItem, Leniency
from zhijian.engines.documents.declaration import Template, load_folder
from zhijian.engines.documents.models import Document
from zhijian.engines.documents.paper import chinese_day, sentence
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.engines.registers.declared.paperwork import OF_ENTRY

PAPERS: dict[str, Template] = load_folder(Path(__file__).parent / "papers")
GUIDANCE = "leniency_guidance"


def guidance(entry: DeclaredEntry) -> tuple[Template, dict[str, str]]:
    """Return the letter that goes out when a keeper decides for guidance, and what stands on it."""
    assert isinstance(entry, Leniency)
    item = FirstOffenceItem.objects.get(key=entry.item)
    until = chinese_day(entry.correct_by)
    if entry.corrected_on is None:
        correction = f"请于{until}前（含当日）改正，并将改正情况告知本机关。"
    else:
        correction = f"你单位已于{chinese_day(entry.corrected_on)}改正，改正期限为{until}。"
    return PAPERS[GUIDANCE], {
        "name": entry.name,
        "uscc": entry.uscc,
        "key": entry.key,
        "found_on": chinese_day(entry.valid_from),
        "violation": item.name,
        "basis": item.basis,
        "guidance": sentence(entry.guidance),
        "correction": correction,
    }


def letters_of(uscc: str) -> list[Document]:
    """Return the letters of guidance to a firm that still count, newest first."""
    keys = Leniency.objects.filter(uscc=uscc).values_list("key", flat=True)
    owners = [f"leniency_cases/{key}" for key in keys]
    found = Document.objects.filter(owner_kind=OF_ENTRY, owner_id__in=owners, template=GUIDANCE, voiding=None)
    return list(found.select_related("organisation").order_by("-issued_at"))
