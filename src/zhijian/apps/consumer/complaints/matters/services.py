"""Look at a complaint or report and suggest; record what an officer corrects; learn from corrections.

What an officer set is never set again by the program: a topic that is there stays, and an urgency is only raised.
"""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import transaction

from zhijian.apps.consumer.complaints import policies
from zhijian.apps.consumer.complaints.matters.models import Suggestion, TopicCorrection
from zhijian.apps.consumer.complaints.models import Complaint, ViolationReport
from zhijian.apps.consumer.complaints.understanding import topic, urgency
from zhijian.datazone.classify.model import Model, load, save
from zhijian.datazone.classify.reading import Labelled
from zhijian.datazone.synthesis.messages import messages
from zhijian.security.models import Officer
from zhijian.standards import consumer_matters
from zhijian.standards.bilingual import Problem

Matter = Complaint | ViolationReport
LONGEST_REASON = 200
STARTERS = 600  # synthetic messages that a model starts from, so that every matter has some
CORRECTION_WEIGHT = 3  # an officer's correction counts as so many messages


def model_path(root: Path) -> Path:
    """Where the learned model of a home lies."""
    return root / "classify" / "consumer_matters.npz"


def learned_model(root: Path) -> Model | None:
    """Return the model of a home, or None where none was learned."""
    path = model_path(root)
    return _loaded(str(path), path.stat().st_mtime_ns) if path.exists() else None


@lru_cache(maxsize=2)
def _loaded(path: str, changed: int) -> Model:
    return load(Path(path))


def text_of(matter: Matter) -> str:
    """Return what is classified: the goods and the facts, or the clue."""
    told = matter.facts_text if isinstance(matter, Complaint) else matter.clue_text
    return "\n".join(part for part in (matter.goods, told) if part)


def find(number: str) -> Matter | None:
    """Return the complaint or report of a number, or None."""
    return (
        Complaint.objects.filter(number=number).first()
        or ViolationReport.objects.filter(number=number).first()
    )


@transaction.atomic
def understand(matter: Matter, *, model: Model | None, by: Officer | None, at: datetime) -> Suggestion:
    """Write down what a matter seems to be; fill its topic where it has none, raise its urgency where words say so."""
    text = text_of(matter)
    told, urgent = topic(text, model), urgency(text)
    suggestion, _ = Suggestion.objects.update_or_create(
        number=matter.number,
        defaults={
            "leaning_code": told.leaning,
            "topic_code": told.code or "",
            "confidence": told.confidence,
            "words": list(told.words),
            "urgency": [[g.code, g.words_zh, g.words_en, list(g.found)] for g in urgent.grounds],
            "made_by": str(model.facts.get("training_digest", ""))[:12] if model else "words",
            "made_at": at,
        },
    )
    changed = []
    if not matter.topic_code and told.code:
        matter.topic_code = told.code
        changed.append("topic_code")
    if urgent.is_urgent and not matter.is_urgent:
        matter.is_urgent = True
        changed.append("is_urgent")
    if changed:
        matter.save(update_fields=changed)
    return suggestion


def understand_new(root: Path, *, by: Officer | None, at: datetime) -> dict[str, int]:
    """Look at every complaint and report that has no suggestion yet; return how many, how many urgent and unsure."""
    model, known = learned_model(root), Suggestion.objects.values("number")
    told = {"looked_at": 0, "urgent": 0, "unsure": 0}
    for kind in (Complaint, ViolationReport):
        for matter in kind.objects.exclude(number__in=known).iterator():
            made = understand(matter, model=model, by=by, at=at)
            told["looked_at"] += 1
            told["urgent"] += bool(made.urgency)
            told["unsure"] += not made.topic_code
    return told


@transaction.atomic
def correct_topic(matter: Matter, code: str, *, reason: str, by: Officer, at: datetime) -> TopicCorrection:
    """Set what a matter is about and keep the correction.

    Raises:
        Incomplete: no such matter in the taxonomy, or too long a reason.
        Forbidden: the officer does not work on it.
    """
    check_work(matter, by)
    entry = consumer_matters.find(code)
    if entry is None or entry.level != 2:
        raise policies.Incomplete(
            [Problem("topic", "请选择一个二级事项。", "Choose a matter of the second level.")]
        )
    if len(reason) > LONGEST_REASON:
        raise policies.Incomplete(
            [Problem("reason", f"理由不超过{LONGEST_REASON}字。", f"At most {LONGEST_REASON} characters.")]
        )
    correction = TopicCorrection.objects.create(
        number=matter.number,
        told_code=matter.topic_code,
        right_code=code,
        reason=reason.strip(),
        officer=by,
        at=at,
    )
    matter.topic_code = code
    matter.save(update_fields=["topic_code"])
    return correction


def check_work(matter: Matter, by: Officer) -> None:
    """Refuse an officer who does not work on it."""
    if isinstance(matter, Complaint):
        policies.check_work_complaint(matter, by)
    else:
        policies.check_work_report(matter, by)


def check_view(matter: Matter, by: Officer) -> None:
    """Refuse an officer who may not see it."""
    if isinstance(matter, Complaint):
        policies.check_view_complaint(matter, by)
    else:
        policies.check_view_report(matter, by)


def examples() -> Labelled:
    """Return what a model learns from: synthetic starters, and each matter as an officer last corrected it."""
    starters = messages(STARTERS, seed=20261128)
    newest: dict[str, str] = {}
    for number, code in TopicCorrection.objects.order_by("at", "id").values_list("number", "right_code"):
        newest[number] = code
    texts, labels = list(starters.texts), list(starters.labels)
    for number, code in sorted(newest.items()):
        if (matter := find(number)) is not None:
            texts += [text_of(matter)] * CORRECTION_WEIGHT
            labels += [code] * CORRECTION_WEIGHT
    return Labelled(tuple(texts), tuple(labels))


def learn(root: Path, *, seed: int) -> dict[str, Any]:
    """Fit the model anew from starters and corrections, and put it where suggestions read it."""
    from zhijian.datazone.classify.learner import fit

    data = examples()
    model, _ = fit(data, seed=seed)
    save(model, model_path(root))
    return {
        "texts": len(data),
        "corrections": TopicCorrection.objects.values("number").distinct().count(),
        "matters": len(model.classes),
        "digest": str(model.facts["training_digest"])[:12],
    }
