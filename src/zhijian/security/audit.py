"""Every look at what is not public is written down."""

from datetime import datetime

from zhijian.security.models import AccessRecord, Officer


def record_look(officer: Officer, subject: str, part: str, *, at: datetime, reason: str = "") -> AccessRecord:
    """Write down that an officer saw a part of a subject's file (e.g. 'credit_class')."""
    return AccessRecord.objects.create(
        officer=officer,
        organisation_name=officer.organisation.name if officer.organisation else "",
        role="、".join(officer.roles),
        subject=subject,
        part=part,
        reason=reason,
        looked_at=at,
    )
