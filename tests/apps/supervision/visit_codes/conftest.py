"""The check of the inspection's tests, dispatched and not begun."""

from tests.apps.supervision.inspection.conftest import a_draw, check, staff, steps

__all__ = ["a_draw", "check", "staff", "steps"]
