"""The check of the inspection's tests, begun at ten."""

from tests.apps.supervision.inspection.conftest import a_draw, check, on_site, staff, steps

__all__ = ["a_draw", "check", "on_site", "staff", "steps"]
