"""Passkeys (WebAuthn) as a second factor: a key in the phone, the computer or a token proves the officer to this site alone.

An app is set up first, because its recovery codes open when every device is lost; its code is asked before a passkey is added.
A passkey belongs to the host name it was made on, so that a look-alike site gets nothing from it.
"""

import json
import struct
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from django.db import transaction
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from zhijian.security import factors
from zhijian.security.audit import record_look
from zhijian.security.factors import WrongCode
from zhijian.security.models import FactorKind, Officer, SecondFactor
from zhijian.security.roles import locked_officers, subject_of

MOST = 10
"""Passkeys of one officer: a phone, a computer, a token and their successors, not a collection."""

_NAME = "Zhijian"
_LABEL_LENGTH = 40
_UNREADABLE = (
    ValueError,
    LookupError,
    TypeError,
    struct.error,
    InvalidSignature,
    RecursionError,
)  # what a forged answer ends in


def passkeys_of(officer: Officer) -> list[SecondFactor]:
    """Return the passkeys that open for an officer, oldest first."""
    held = SecondFactor.objects.filter(officer=officer, kind=FactorKind.PASSKEY, ended_at=None)
    return list(held.exclude(confirmed_at=None))


def begin_adding(officer: Officer, *, host: str) -> tuple[dict[str, Any], Any]:
    """Return what the browser is asked to make, and the state that waits for its answer in the session."""
    person = PublicKeyCredentialUserEntity(
        id=f"officer-{officer.pk}".encode(), name=officer.username, display_name=str(officer)
    )
    options, state = _server(host).register_begin(
        person,
        credentials=_known(officer),
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return dict(options)["publicKey"], state


@transaction.atomic
def add(
    officer: Officer, answered: str, code: str, *, label: str, state: Any, host: str, at: datetime
) -> SecondFactor:
    """Keep the passkey that the browser made, after a code of the app.

    Raises:
        WrongCode: no app, or not its code; too many passkeys; the answer is none to this question and of this site.
    """
    factors.check(officer, code, at=at)
    locked_officers(officer.pk)
    if len(passkeys_of(officer)) >= MOST:
        raise WrongCode(
            f"通行密钥最多{MOST}个，请先移除不用的。",
            f"There are {MOST} passkeys, which is the most. Remove one that you do not use.",
        )
    try:
        answer = RegistrationResponse.from_dict(_read(answered))
        made = _server(host).register_complete(state, answer)
    except _UNREADABLE as problem:
        raise _not_taken() from problem
    credential = made.credential_data
    if credential is None:
        raise _not_taken()
    number = websafe_encode(credential.credential_id)
    if SecondFactor.objects.filter(credential_id=number).exists():
        raise WrongCode("这个通行密钥已经登记过。", "This passkey is registered already.")
    added = SecondFactor.objects.create(
        officer=officer,
        kind=FactorKind.PASSKEY,
        label=label.strip()[:_LABEL_LENGTH],
        credential_id=number,
        credential=websafe_encode(bytes(credential)),
        sign_count=made.counter,
        created_at=at,
        confirmed_at=at,
    )
    record_look(officer, subject_of(officer), "passkey_added", at=at)
    return added


def begin_check(officer: Officer, *, host: str) -> tuple[dict[str, Any], Any]:
    """Return what the browser is asked to sign, and the state that waits for its answer in the session."""
    options, state = _server(host).authenticate_begin(
        _known(officer), user_verification=UserVerificationRequirement.PREFERRED
    )
    return dict(options)["publicKey"], state


@transaction.atomic
def check(officer: Officer, answered: str, *, state: Any, host: str, at: datetime) -> None:
    """Take the signature of one of the officer's passkeys over the question that was asked of this browser.

    Raises:
        WrongCode: another key, question or site; or the key's counter went back, so that it exists twice.
    """
    locked_officers(officer.pk)
    try:
        answer = AuthenticationResponse.from_dict(_read(answered))
        used = _server(host).authenticate_complete(state, _known(officer), answer)
    except _UNREADABLE as problem:
        raise _not_taken() from problem
    row = SecondFactor.objects.get(
        officer=officer, ended_at=None, credential_id=websafe_encode(used.credential_id)
    )
    counter = answer.response.authenticator_data.counter
    if (counter or row.sign_count) and counter <= row.sign_count:
        raise WrongCode(
            "这个通行密钥的计数倒退了，可能被复制。请用动态口令登录，把它移除，并告诉管理员。",
            "This passkey's counter went back: it may have been copied. Sign in by a code, remove it, and tell the administrator.",
        )
    row.sign_count, row.last_used_at = counter, at
    row.save(update_fields=["sign_count", "last_used_at"])


@transaction.atomic
def remove(officer: Officer, number: int, *, at: datetime) -> bool:
    """End one of the officer's own passkeys; say whether there was one of that number."""
    locked_officers(officer.pk)
    row = SecondFactor.objects.filter(officer=officer, kind=FactorKind.PASSKEY, ended_at=None, pk=number)
    if not row.update(ended_at=at):
        return False
    record_look(officer, subject_of(officer), "passkey_removed", at=at)
    return True


def _server(host: str) -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(id=host, name=_NAME))


def _known(officer: Officer) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(websafe_decode(one.credential)) for one in passkeys_of(officer)]


def _read(answered: str) -> Mapping[str, Any]:
    read = json.loads(answered)
    if not isinstance(read, dict):
        raise TypeError("the browser's answer is no object")
    return read


def _not_taken() -> WrongCode:
    return WrongCode(
        "通行密钥没有通过。请在登记时用的网址上再试一次，或者改用动态口令。",
        "The passkey was not taken. Try once more on the address where it was registered, or use a code.",
    )
