"""A receipt opened by its number and code, with one lock for every page that takes them."""

from datetime import datetime
from typing import Any

from zhijian.apps.consumer.complaints.intake import standing, throttle
from zhijian.apps.consumer.complaints.models import Submission


def open_receipt(number: str, code: str, *, address: str, device: str, at: datetime) -> Submission | None:
    """Return the submission that number and code open; None where they do not, which counts as a wrong try.

    Wrong tries count by the receipt's number, and by the visitor's address and device, together with those of the
    status page: whoever is locked out there is locked out here.

    Raises:
        TooOften: too many wrong tries within the hour, whatever this one is.
    """
    by_number: dict[str, Any] = {"address": "", "device": number, "at": at}
    who: dict[str, Any] = {"address": address, "device": device, "at": at}
    throttle.refuse_exhausted(throttle.WRONG_RECEIPT, **by_number)
    throttle.refuse_exhausted(throttle.WRONG_CODE, **who)
    found = standing.find(number)
    if found is not None and standing.opens(found, code):
        return found
    throttle.admit(throttle.WRONG_RECEIPT, **by_number)
    throttle.admit(throttle.WRONG_CODE, **who)
    return None
