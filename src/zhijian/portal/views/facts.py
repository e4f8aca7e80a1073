"""One public fact with the proof that it stands in the sealed log, to be checked on the visitor's device."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from zhijian.engines.facts import queries, seals
from zhijian.engines.facts.errors import NotYetSealed
from zhijian.engines.facts.models import Fact
from zhijian.portal.components import timeline
from zhijian.portal.views.register import market_entities, today


def fact_page(request: HttpRequest, fact_id: str) -> HttpResponse:
    """The fact, its leaf, and its proof. Grey until this device has checked it."""
    fact = queries.find(fact_id)
    if fact is None or not queries.publicity_of(fact, on=today()).is_public:
        raise Http404
    proof = _proof(fact)
    seal = seals.newest_seal()
    register = market_entities()
    form, shown = seals.published_form(fact), queries.ShownFact(fact)
    context = {
        "fact": fact,
        "entry": timeline.entry_of(shown, has_proof=False),
        "is_delivered": queries.is_delivered(fact),
        "record": register.find(fact.subject) if register.is_ready else None,
        "newest": queries.newest_of(fact),
        "proof": proof,
        "seal": seal if proof else None,
        "is_masked": shown.is_masked,
        "material_json": ""
        if shown.is_masked
        else json.dumps({"fact": form, "proof": proof}, ensure_ascii=False),
        "leaf_text": json.dumps(
            form | {"payload": shown.payload}, ensure_ascii=False, indent=1, sort_keys=True
        ),
        "synthetic": "all" if fact.is_synthetic else "",
    }
    return render(request, "portal/fact.html", context)


def _proof(fact: Fact) -> dict[str, object] | None:
    try:
        return seals.inclusion(fact)
    except NotYetSealed:
        return None
