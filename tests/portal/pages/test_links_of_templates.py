"""A link that a template writes leads to a page that there is: each fixed address, and each entry of a register."""

import re
from pathlib import Path

from django.urls import Resolver404, resolve

from zhijian.engines.registers.declared import registry

SOURCE = Path(__file__).resolve().parents[3] / "src" / "zhijian"
TEMPLATES = sorted(SOURCE.rglob("templates/**/*.html"))
FILLED = re.compile(r"\{\{[^}]*\}\}")


def links():
    """Return every address of this site that a template writes out, by its file; what a variable fills is `{}`."""
    for path in TEMPLATES:
        for href in re.findall(r'(?:href|action)="(/[^"]*)"', path.read_text("utf-8")):
            plain = FILLED.sub("{}", href.split("?")[0].split("#")[0])
            if "{%" not in plain:
                yield str(path.relative_to(SOURCE)), plain


def leads_somewhere(address):
    """Say whether some page answers to the address; a variable may hold a number, a code, a name or a uuid."""
    for value in ("1", "91440106MA9XH0TW2T", "name", "25279814-be9b-5d18-8de8-4839200fa109", "2026-11-24"):
        try:
            resolve(address.replace("{}", value))
        except Resolver404:
            continue
        return True
    return False


def test_every_address_in_a_template_is_one_of_the_site():
    found = set(links())
    assert len(found) > 300
    assert sorted(one for one in found if not leads_somewhere(one[1])) == []


def test_a_register_that_a_template_names_is_declared():
    named = {address.split("/")[2] for _file, address in links() if address.startswith("/registers/")}
    assert named - {"{}", ""} <= {one.name for one in registry.every()}
