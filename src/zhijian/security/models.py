"""Who works here, for which unit, in which roles; and who looked at what."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models


class Level(models.TextChoices):
    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "县（区）"
    STATION = "station", "市场监管所"


class Role(models.TextChoices):
    INSPECTOR = "inspector", "执法检查人员"
    DRAWER = "drawer", "抽签人员"
    AUDITOR = "auditor", "审计监督人员"
    PUBLISHER = "publisher", "公示人员"
    STEWARD = "steward", "数据管理员"
    INTAKE = "intake", "受理登记人员"
    HANDLER = "handler", "投诉举报办理人员"
    MEDIATOR = "mediator", "调解员"
    LEADER = "leader", "单位负责人"
    FINANCE = "finance", "财务人员"
    ANALYST = "analyst", "统计分析人员"
    ASSOCIATION = "association", "行业协会档案员"
    PARTNER = "partner", "参与部门人员"


class Organisation(models.Model):
    """A unit of market supervision, from the province's to a station's."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=150)
    level = models.CharField(max_length=10, choices=Level.choices)
    division_code = models.CharField(max_length=9, db_index=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    is_synthetic = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name

    @property
    def territory(self) -> str:
        """The leading digits of every division code inside this unit's area."""
        return territory_prefix(self.division_code)


def territory_prefix(division_code: str) -> str:
    """Return the digits that codes inside a division share: '440000' gives '44', '440100' '4401'."""
    if division_code.endswith("0000") and len(division_code) == 6:
        return division_code[:2]
    if division_code.endswith("00") and len(division_code) == 6:
        return division_code[:4]
    return division_code


class Officer(AbstractUser):
    """Somebody who signs in to work. Citizens need no account."""

    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="officers"
    )
    division_code = models.CharField(
        max_length=9, blank=True
    )  # the part of the unit's area that the work is limited to; empty: all of it
    display_name = models.CharField(max_length=60, blank=True)
    display_name_en = models.CharField(max_length=80, blank=True)
    roles = models.JSONField(default=list, blank=True)
    staff_number = models.CharField(
        max_length=40, blank=True, db_index=True
    )  # one person's, on every account of that person; the claim of an outside sign-in is matched with it
    outside_issuer = models.CharField(max_length=200, blank=True, db_default="")
    outside_subject = models.CharField(
        max_length=255, blank=True, db_default=""
    )  # `sub` of the first outside sign-in, which no provider gives to anybody else afterwards
    certificate_number = models.CharField(max_length=40, blank=True)
    certificate_valid_until = models.DateField(null=True, blank=True)
    skills = models.JSONField(default=list, blank=True)
    is_synthetic = models.BooleanField(default=False)

    emergency: "EmergencyAccess | None" = None
    """The emergency access that this request runs under. Set for one request alone, never stored with the account."""

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def acting_roles(self) -> list[str]:
        """The roles that count now: those held, and the one of an open emergency access."""
        return [*self.roles, self.emergency.role] if self.emergency else list(self.roles)

    def has_role(self, role: str) -> bool:
        return self.is_active and role in self.acting_roles

    @property
    def territory(self) -> str:
        """The leading digits of every division code inside the officer's own area; '-' (no code at all) without a unit.

        A part of the area that lies outside the unit's is none, as `permissions.in_area` says.
        """
        if self.organisation is None:
            return "-"
        if not self.division_code:
            return self.organisation.territory
        own = territory_prefix(self.division_code)
        return own if own.startswith(self.organisation.territory) else "-"


class WrittenOnce(models.Model):
    """A row that is added and never changed."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} {self.pk} is written once.")
        super().save(*args, **{**kwargs, "force_insert": True})


class AccessRecord(WrittenOnce):
    """One look at something that not everybody may see. Rows are added, never changed."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="looks")
    organisation_name = models.CharField(max_length=100)
    role = models.CharField(max_length=60)
    subject = models.CharField(max_length=60, db_index=True)
    part = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, blank=True)
    looked_at = models.DateTimeField(db_index=True)
    sequence = models.BigIntegerField(unique=True)  # place in the chain, from 1 without a gap
    previous_hash = models.CharField(max_length=64)
    row_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-looked_at", "-id"]


class RefusalKind(models.TextChoices):
    """What was refused."""

    ROLE = "role", "岗位没有这项权限"
    AREA = "area", "不在辖区"
    DUTIES = "duties", "要由另一个人办理"
    PASSWORD = "password", "密码不对"
    SECOND_FACTOR = "second_factor", "第二重验证不对"
    LOCKED = "locked", "登录试得太多，暂时锁定"
    KEY = "key", "接口的密钥不对"
    TOKEN = "token", "表单没有令牌"
    FILE = "file", "文件有危险"
    MALFORMED = "malformed", "请求的写法不对"
    TOO_OFTEN = "too_often", "太频繁"
    TOO_LARGE = "too_large", "太大"
    PLAIN_HTTP = "plain_http", "接口不用https"
    OTHER = "other", "其他"
    FLOOD = "flood", "一分钟里太多，合并计数"


class Refusal(WrittenOnce):
    """Something that was asked for and refused: by whom (or from which network), where, how often within its minute.

    It holds nothing that was typed and no address of a record, only the pattern of the address.
    """

    kind = models.CharField(max_length=20, choices=RefusalKind.choices, db_index=True)
    officer = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="refusals")
    organisation_name = models.CharField(max_length=100, blank=True)
    network = models.CharField(max_length=60, blank=True)
    place = models.CharField(max_length=120, blank=True)
    count = models.IntegerField()
    refused_at = models.DateTimeField(db_index=True)
    sequence = models.BigIntegerField(unique=True)  # place in the chain, from 1 without a gap
    previous_hash = models.CharField(max_length=64)
    row_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-refused_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.refused_at:%Y-%m-%d %H:%M}"


class RoleRequest(models.Model):
    """A privileged role that one administrator wants to give or to end, until a second one agrees or refuses."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="role_requests")
    role = models.CharField(max_length=20, choices=Role.choices)
    is_giving = models.BooleanField()
    reason = models.CharField(max_length=200)
    asked_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    is_agreed = models.BooleanField(null=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "role"],
                condition=models.Q(decided_at=None),
                name="one_open_request_per_role",
            )
        ]

    def __str__(self) -> str:
        return f"{self.officer} {self.role} {'+' if self.is_giving else '-'}"


class FactorKind(models.TextChoices):
    TOTP = "totp", "动态口令"
    PASSKEY = "passkey", "通行密钥"


class SecondFactor(models.Model):
    """What an officer proves besides the password: an app that shows codes (TOTP), or a passkey."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="factors")
    kind = models.CharField(max_length=10, choices=FactorKind.choices)
    label = models.CharField(max_length=40, blank=True)
    secret = models.TextField(blank=True)  # of TOTP, sealed
    credential_id = models.CharField(max_length=400, null=True, unique=True)  # of a passkey, base64url
    credential = models.TextField(blank=True)  # of a passkey: its public key and data, base64url
    sign_count = models.BigIntegerField(default=0)
    last_step = models.BigIntegerField(default=0)  # of TOTP: the last 30 seconds whose code was taken
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)  # before that it opens nothing
    last_used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.officer} {self.kind}"


class RecoveryCode(models.Model):
    """Opens once in the place of a second factor. A slow salted hash is kept, and the first two letters to find it by.

    Codes of before have a keyed hash alone (`code_hash`); of later ones that is a number drawn at random.
    """

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=2, blank=True, db_default="")
    slow_hash = models.CharField(max_length=128, blank=True, db_default="")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # used, replaced or taken back

    def __str__(self) -> str:
        return f"{self.officer} {'' if self.ended_at else 'open'}"


class OfficerSession(models.Model):
    """A sign-in of an officer: where, when, until when it was used, and why it ended."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="sign_ins")
    key_hash = models.CharField(max_length=64, unique=True)  # of the cookie's value, which is not kept
    method = models.CharField(max_length=20)
    browser = models.CharField(max_length=200, blank=True)
    network = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=20, blank=True)
    # of who came by a provider: which one, and marks of its `sub` and `sid`, by which it ends the sign-in
    outside_issuer = models.CharField(max_length=200, blank=True, db_default="")
    outside_subject = models.CharField(max_length=64, blank=True, db_default="")
    outside_session = models.CharField(max_length=64, blank=True, db_default="")
    outside_token_sealed = models.TextField(blank=True, db_default="")  # handed back when signing out

    class Meta:
        ordering = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return f"{self.officer} {self.opened_at:%Y-%m-%d %H:%M}"


class OutsideLogout(WrittenOnce):
    """That a provider said a sign-in there is over: kept for an hour, so that one message counts once."""

    token_mark = models.CharField(max_length=64, unique=True)
    subject_mark = models.CharField(max_length=64, blank=True)
    session_mark = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.token_mark[:8]} {self.received_at:%Y-%m-%d %H:%M}"


class EmergencyAccess(models.Model):
    """A role for an hour, where somebody has to act and the one whose role it is cannot: opened by a second person."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="emergencies")
    role = models.CharField(max_length=20, choices=Role.choices)
    reason = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)  # where it was opened; nothing where it was refused
    ended_at = models.DateTimeField(null=True)  # where somebody ended it before its time; the look says who
    reviewed_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    finding = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]

    def __str__(self) -> str:
        return f"{self.officer} {self.role} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def mark(self) -> str:
        """What the roles of a look begin with that was taken under this access, before the role itself."""
        return f"应急#{self.pk}："


class BusinessRole(models.TextChoices):
    """What a person may do for a firm."""

    MANAGER = "manager", "管理员"
    FILER = "filer", "填报人员"
    READER = "reader", "查看人员"


class BusinessPerson(models.Model):
    """Somebody who signs in for one firm. No officer, and never one: `request.user` knows no such person."""

    uscc = models.CharField(max_length=18, db_index=True)
    firm_name = models.CharField(max_length=200)
    username = models.CharField(max_length=40)
    display_name = models.CharField(max_length=60)
    role = models.CharField(max_length=10, choices=BusinessRole.choices)
    password = models.CharField(max_length=128)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["uscc", "username"]
        constraints = [models.UniqueConstraint(fields=["uscc", "username"], name="one_name_per_firm")]

    def __str__(self) -> str:
        return f"{self.display_name}（{self.firm_name}）"


class BusinessCode(models.Model):
    """A code that makes one account for one firm, once. Only its keyed hash is kept."""

    uscc = models.CharField(max_length=18, db_index=True)
    firm_name = models.CharField(max_length=200)
    division_code = models.CharField(max_length=9)
    role = models.CharField(max_length=10, choices=BusinessRole.choices)
    code_hash = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(Officer, null=True, on_delete=models.PROTECT, related_name="+")
    issued_by_person = models.ForeignKey(
        BusinessPerson, null=True, on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # used, replaced or taken back
    is_synthetic = models.BooleanField(default=False)

    class Meta:
        ordering = ["-issued_at", "-id"]

    def __str__(self) -> str:
        return f"{self.uscc} {self.role}"


class BusinessAct(WrittenOnce):
    """Who did what with a firm's accounts. Rows are added, never changed."""

    uscc = models.CharField(max_length=18, db_index=True)
    verb = models.CharField(max_length=20)
    actor = models.CharField(max_length=160)
    about = models.CharField(max_length=160, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
