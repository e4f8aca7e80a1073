"""How the demonstration signs in: by password alone for the tour, and one invented leader with an app besides."""

import base64
import json
import secrets
from collections.abc import MutableMapping
from datetime import datetime, timedelta

from zhijian.infrastructure.home import Home

LEADER = "province-second-leader"
_PARAMETER = "service/second_factor_roles"
_TEXT = """\
# 演示用：所有岗位只用密码登录。正式运行时请删去这个文件。
# For the demonstration: every role signs in by password alone. Delete this file for real use.
values:
  - from: 2021-01-01
    value: []
    source: 演示设置，不是运行要求
    verified: true
"""


_CLASS_PARAMETER = "supervision/own_class_shown"
_CLASS_TEXT = """\
# 演示用：让企业看到自己的分类和理由。正式运行时，省里没有这样规定的，请删去这个文件。
# For the demonstration: firms see their own class and why. Delete this file unless the province allows it.
values:
  - from: 2022-01-13
    value: true
    source: 演示设置，不是运行要求
    verified: true
"""


def sign_in_by_password(home: Home, environment: MutableMapping[str, str]) -> bool:
    """Let no role need a second factor, and firms see their class, in the demonstration's home; say whether that is new.

    An office's own folder of parameters, where the environment names another, is left alone.
    """
    if environment.get("ZHIJIAN_PARAMETERS", str(home.parameters)) != str(home.parameters):
        return False
    is_new = False
    for name, text in ((_PARAMETER, _TEXT), (_CLASS_PARAMETER, _CLASS_TEXT)):
        file = home.parameters / f"{name}.yaml"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            is_new = True
    environment["ZHIJIAN_PARAMETERS"] = str(home.parameters)
    return is_new


def leader_with_app(home: Home, *, at: datetime) -> str:
    """Return the key that an authenticator app takes for the leader who has one; made once, kept beside the passwords."""
    from zhijian.operations.seed.officers import PROVINCE, invented_officer, unit_code
    from zhijian.security import factors, totp
    from zhijian.security.models import Organisation, Role

    unit = Organisation.objects.get(code=unit_code(PROVINCE))
    officer = invented_officer(LEADER, unit, (Role.LEADER,), "示例第二负责人", "Sample second leader")
    file = home.root / "demo" / "totp.json"
    if factors.app_of(officer) is None:
        before = at - timedelta(minutes=10)
        _, secret = factors.begin_app(officer, randomness=secrets.token_bytes, at=before)
        typed = totp.code(secret, totp.step_of(before))
        codes = factors.confirm_app(officer, typed, randomness=secrets.token_bytes, at=before)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(json.dumps({"key": totp.base32(secret), "recovery_codes": codes}, indent=1), "utf-8")
    return str(json.loads(file.read_text("utf-8"))["key"])


def current_code(key: str, *, at: datetime) -> str:
    """Return the code that the app shows now, for whoever tries the demonstration without a phone."""
    from zhijian.security import totp

    return totp.code(base64.b32decode(key + "=" * (-len(key) % 8)), totp.step_of(at))
