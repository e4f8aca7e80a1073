"""Many accounts from one file: checked whole, entered whole by one administrator, agreed to whole by another.

What one person asked for in one moment is one list; it has the number of its first request. As with a single account nobody
but its person ever knows a password: whoever agrees gets an address for each.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import Count, Min, Q, QuerySet

from zhijian.security import invitations
from zhijian.security.accounts import check_username
from zhijian.security.audit import record_looks
from zhijian.security.models import Officer, OfficerSession, Organisation, Role, RoleRequest
from zhijian.security.permissions import may_administer
from zhijian.security.persons import is_same_person, numbers
from zhijian.security.role_rules import RolesDoNotGoTogether, check_together
from zhijian.security.roles import (
    PASSWORD,
    PRIVILEGED,
    RoleRefused,
    check_second,
    is_expired,
    locked_officers,
    subject_of,
    words_of,
)
from zhijian.security.sessions import end_rows

COLUMNS = ("username", "unit", "name", "name_en", "staff_number", "roles")
MOST_ROWS = 10_000  # DESIGN: all accounts of a large province in a few files; a larger one is a mistake
_ROLES = {one.value: one.value for one in Role} | {str(one.label): one.value for one in Role}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line of the file (the head is line 1), and how to mend it."""

    line: int
    zh: str
    en: str


class ListRefused(RoleRefused):
    """Nothing of the file was taken in: every fault, with its line."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(
            "\n".join(f"第{one.line}行：{one.zh}" for one in faults),
            "\n".join(f"line {one.line}: {one.en}" for one in faults),
        )


@dataclass(frozen=True)
class Row:
    """One account of the file as it will be entered."""

    line: int
    username: str
    unit: Organisation
    name: str
    name_en: str
    staff_number: str
    roles: tuple[str, ...]


def read(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV file with their lines; empty lines are passed over.

    Raises:
        ListRefused: it is no UTF-8, its columns are others, a line has more fields than the head, it is empty or too long.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise ListRefused([Fault(line, "不是UTF-8编码。请另存为“CSV UTF-8”。", "This is no UTF-8. Save it as 'CSV UTF-8'.")]) from None  # fmt: skip
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ListRefused([Fault(line, "含有空字符，这不是CSV文件。请另存为“CSV UTF-8”。", "It holds a NUL: this is no CSV. Save it as 'CSV UTF-8'.")])  # fmt: skip
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="*")
    try:
        found = list(_rows_of(reader))
    except csv.Error as problem:
        raise ListRefused([Fault(reader.reader.line_num, f"读不出这一行（{problem}）。请核对引号是否成对。", f"This line cannot be read ({problem}). See whether each quote is closed.")]) from None  # fmt: skip
    if not found or len(found) > MOST_ROWS:
        raise ListRefused([Fault(1, f"有{len(found)}行，应为1至{MOST_ROWS}行。请分成几个文件。", f"There are {len(found)} rows; from 1 to {MOST_ROWS} are taken. Make several files of it.")])  # fmt: skip
    return found


def _rows_of(reader: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, str]]]:
    if tuple(name.strip() for name in reader.fieldnames or ()) != COLUMNS:
        told = ",".join(COLUMNS)
        raise ListRefused([Fault(1, f"表头应为 {told}。", f"The head must be {told}.")])
    reader.fieldnames = list(COLUMNS)
    for row in reader:
        if "*" in row:
            raise ListRefused([Fault(reader.line_num, "列比表头多。含逗号的内容请加双引号。", "There are more fields than in the head. Put what holds a comma in double quotes.")])  # fmt: skip
        values = {name: (row[name] or "").strip() for name in COLUMNS}
        if any(values.values()):
            yield reader.line_num, values


def check(rows: Iterable[tuple[int, dict[str, str]]], *, by: Officer) -> list[Row]:
    """Return what would be entered.

    Raises:
        ListRefused: every fault of every line: form, unit, role, area, a name that is taken.
    """
    checking, good = _Checking(by), []
    faults: list[Fault] = []
    for line, values in rows:
        wrong = [Fault(line, zh, en) for zh, en in checking.faults(line, values)]
        faults += wrong
        if not wrong:
            good.append(
                Row(line, values["username"], checking.units[values["unit"]], values["name"], values["name_en"],
                    values["staff_number"], checking.roles(values))
            )  # fmt: skip
    if faults:
        raise ListRefused(faults)
    return good


class _Checking:
    """What every line is compared with: read once."""

    def __init__(self, by: Officer) -> None:
        self.by = by
        self.units = {one.code: one for one in Organisation.objects.all()}
        self._administered: dict[str, bool] = {}
        self._taken = set(Officer.objects.values_list("username", flat=True))
        self._names: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._own = numbers(by).get("staff")

    def roles(self, values: dict[str, str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_ROLES[word] for word in _words(values["roles"]) if word in _ROLES))

    def faults(self, line: int, values: dict[str, str]) -> Iterator[tuple[str, str]]:
        yield from self._of_unit(values["unit"])
        yield from self._of_name(line, values)
        yield from self._of_person(line, values)
        yield from self._of_roles(values)

    def _of_unit(self, code: str) -> Iterator[tuple[str, str]]:
        unit = self.units.get(code)
        if unit is None:
            yield (
                f"没有代码为“{code}”的单位。请核对，或先用 zhijian unit 登记单位。",
                f"There is no unit '{code}'. Compare the code, or enter the unit first (zhijian unit).",
            )
        elif not self._may(unit):
            yield f"单位{code}不归您管理。请由该单位或其上级单位的管理员登记。", f"You do not administer the unit {code}. An administrator of it, or of one above it, enters this account."  # fmt: skip

    def _may(self, unit: Organisation) -> bool:
        if unit.code not in self._administered:
            self._administered[unit.code] = may_administer(self.by, unit=unit)
        return self._administered[unit.code]

    def _of_name(self, line: int, values: dict[str, str]) -> Iterator[tuple[str, str]]:
        name = values["username"]
        try:
            check_username(name)
        except RoleRefused as refused:
            yield f"用户名“{name}”不行。{refused.message_zh}", f"'{name}': {refused.message_en}"
        if name in self._taken:
            yield f"用户名{name}已经有人用。请换一个。", f"The user name {name} is taken. Choose another."
        if (first := self._names.setdefault(name, line)) != line:
            yield f"用户名{name}在第{first}行已经有了。每个账号写一行。", f"The user name {name} stands on line {first} already. Write each account once."  # fmt: skip

    def _of_person(self, line: int, values: dict[str, str]) -> Iterator[tuple[str, str]]:
        for column, most in (("name", 60), ("staff_number", 40), ("name_en", 80)):
            if not values[column] and column != "name_en":
                yield (
                    f"{column} 是空的。姓名和工号都要写。",
                    f"{column} is empty. Give the name and the staff number.",
                )
            if len(values[column]) > most:
                yield (
                    f"{column} 超过{most}个字。请缩短。",
                    f"{column} has more than {most} characters. Shorten it.",
                )
        number = numbers(Officer(staff_number=values["staff_number"])).get("staff")
        if number is None:
            return
        if number == self._own:
            yield (
                "这是您自己的工号。请由别的管理员登记。",
                "This is your own staff number. Another administrator enters it.",
            )
        if (first := self._numbers.setdefault(number, line)) != line:
            yield f"工号{number}在第{first}行已经有了。同一个人的另一个账号请单独登记。", f"The staff number {number} stands on line {first} already. Enter a second account of one person by itself."  # fmt: skip

    def _of_roles(self, values: dict[str, str]) -> Iterator[tuple[str, str]]:
        for word in _words(values["roles"]):
            if word not in _ROLES:
                yield f"没有“{word}”这个岗位。可写：{'、'.join(Role.values)}；多个用分号隔开。", f"There is no role '{word}'. Known are {', '.join(Role.values)}; put semicolons between several."  # fmt: skip
        held: list[str] = []
        for role in self.roles(values):
            if role in PRIVILEGED:
                yield f"“{words_of(role)}”岗位不能成批给。请登记账号后单独提出。", f"The role {role} is not given by lists. Enter the account, then ask for the role by itself."  # fmt: skip
            try:
                check_together(held, role)
            except RolesDoNotGoTogether as problem:
                yield (
                    f"{problem.message_zh}请分给不同的人。",
                    f"{problem.message_en} Give them to different people.",
                )
            held.append(role)


def _words(text: str) -> list[str]:
    return [word for part in text.replace("；", ";").replace("、", ";").split(";") if (word := part.strip())]


@transaction.atomic
def enter(data: bytes, *, reason: str, by: Officer, at: datetime) -> int:
    """Enter every account of a file, without roles and passwords, and ask for both; return the number of the list.

    Raises:
        ListRefused: something is wrong; nothing was entered.
        RoleRefused: no reason.
    """
    reason = reason.strip()[:150]
    if not reason:
        raise RoleRefused("请写明理由。", "Give the reason.")
    (deciding,) = locked_officers(by.pk)
    rows = check(read(data), by=deciding)
    made = [
        Officer(
            username=row.username, organisation=row.unit, display_name=row.name, display_name_en=row.name_en,
            staff_number=row.staff_number, password=make_password(None),
        )
        for row in rows
    ]  # fmt: skip
    try:
        with transaction.atomic():
            made = Officer.objects.bulk_create(made, batch_size=500)
    except IntegrityError:
        raise RoleRefused(
            "登记时有人用了其中一个用户名，什么都没有登记。请再装入一次，会告诉是哪一行。",
            "Somebody took one of the user names meanwhile, and nothing was entered. Load it again: the line will be told.",
        ) from None
    asked = [
        RoleRequest(officer=officer, role=role, is_giving=role != PASSWORD, reason=reason, asked_by=deciding, asked_at=at)
        for officer, row in zip(made, rows, strict=True)
        for role in (PASSWORD, *row.roles)
    ]  # fmt: skip
    first = RoleRequest.objects.bulk_create(asked, batch_size=500)[0].pk
    record_looks(
        deciding,
        [(subject_of(one), "account_entered", reason) for one in made]
        + [(subject_of(one.officer), "role_asked", f"{words_of(one.role)}：{reason}") for one in asked],
        at=at,
    )
    return first


def requests_of(number: int) -> "QuerySet[RoleRequest]":
    """Return what was asked for in one moment with a request, and is not decided; nothing where there is no such list."""
    first = RoleRequest.objects.filter(pk=number).first()
    if first is None:
        return RoleRequest.objects.none()
    of_list = RoleRequest.objects.filter(asked_by=first.asked_by_id, asked_at=first.asked_at, decided_at=None)
    return _of_lists(of_list).select_related("officer__organisation", "asked_by").order_by("pk")


def _of_lists(requests: "QuerySet[RoleRequest]") -> "QuerySet[RoleRequest]":
    """Return what a list may hold: addresses, and ordinary roles that are given. Everything else is decided by itself."""
    ordinary = set(Role.values) - PRIVILEGED
    return requests.filter(Q(role=PASSWORD) | Q(role__in=ordinary, is_giving=True))


@dataclass(frozen=True)
class Waiting:
    """A list that waits for a second person: its number, how many accounts, who asked when and why."""

    number: int
    accounts: int
    asked_by: int
    asked_at: datetime


def waiting(open_requests: "QuerySet[RoleRequest]") -> list[Waiting]:
    """Return the lists among what waits: what one person asked for in one moment about several accounts."""
    found = (
        _of_lists(open_requests)
        .order_by()
        .values("asked_by", "asked_at")
        .annotate(number=Min("pk"), accounts=Count("officer", distinct=True))
        .filter(accounts__gt=1)
    )
    return sorted((Waiting(**one) for one in found), key=lambda one: one.asked_at, reverse=True)


@transaction.atomic
def decide(number: int, *, is_agreed: bool, by: Officer, at: datetime) -> list[Officer]:
    """Agree to a whole list, or refuse it; return its accounts, which are now to get their addresses where it was agreed to.

    Raises:
        RoleRefused: nothing waits under this number; as `roles.decide` for any of the accounts, which is then named. Nothing
            was decided.
    """
    asked = list(requests_of(number))
    if not asked:
        raise RoleRefused("这份名单没有等决定的内容。", "Nothing of this list waits for a decision.")
    keys = {one.officer_id for one in asked}
    found = locked_officers(*keys, by.pk, asked[0].asked_by_id)
    known = {one.pk: one for one in found}
    known_by, asker = known[by.pk], known[asked[0].asked_by_id]
    locked = list(requests_of(number).select_for_update(of=("self",)))
    if [one.pk for one in locked] != [one.pk for one in asked]:
        raise RoleRefused("刚有人决定了其中一项。请再看一遍名单。", "Somebody has just decided a part of this list. Look at it again.")  # fmt: skip
    accounts = [known[key] for key in sorted(keys)]
    _check_units(accounts, known_by)
    if is_agreed:
        _check_two(locked[0], known_by, asker, accounts, at=at)
        _give(locked, known, at=at)
    RoleRequest.objects.filter(pk__in=requests_of(number).values("pk")).update(
        decided_by=known_by, decided_at=at, is_agreed=is_agreed
    )
    record_looks(
        known_by,
        [(subject_of(known[one.officer_id]), _verb(one, is_agreed), f"{words_of(one.role)}：{one.reason}") for one in locked],
        at=at,
    )  # fmt: skip
    return accounts


def _check_units(accounts: list[Officer], by: Officer, *, is_deciding: bool = True) -> None:
    seen: dict[int | None, bool] = {}
    for one in accounts:
        unit = one.organisation
        if one.organisation_id not in seen:
            seen[one.organisation_id] = unit is not None and may_administer(by, unit=unit)
        if not seen[one.organisation_id]:
            raise RoleRefused(
                f"{one.username}的单位不归您管理。请由管理名单上全部单位的人决定。",
                f"You do not administer the unit of {one.username}. Somebody who administers every unit of the list decides.",
            )
        if is_deciding and is_same_person(by, one):
            raise RoleRefused(f"{one.username}是您自己。请由别人决定。", f"{one.username} is yourself. Somebody else decides.")  # fmt: skip


def _check_two(
    first: RoleRequest, by: Officer, asker: Officer, accounts: list[Officer], *, at: datetime
) -> None:
    check_second(by, asker)
    if is_expired(first, at=at):
        raise RoleRefused("这份名单已过期，请重新提出。", "This list has expired. Ask again.")
    try:
        _check_units(accounts, asker)
    except RoleRefused as problem:
        raise RoleRefused(
            "提出的人现在不再能管理名单上的全部账号，请重新提出。",
            "Who asked no longer administers every account of the list. Ask again.",
        ) from problem


def _give(requests: list[RoleRequest], known: dict[int, Officer], *, at: datetime) -> None:
    """Give the roles of the list; whatever else was given meanwhile stays, and must go with them."""
    changed = {}
    for one in requests:
        officer = known[one.officer_id]
        if one.role == PASSWORD or one.role in officer.roles:
            continue
        try:
            check_together(officer.roles, one.role)
        except RolesDoNotGoTogether as problem:
            raise RoleRefused(f"{officer.username}：{problem.message_zh}", f"{officer.username}: {problem.message_en}") from problem  # fmt: skip
        officer.roles = [*officer.roles, one.role]
        changed[officer.pk] = officer
    Officer.objects.bulk_update(changed.values(), ["roles"], batch_size=500)
    end_rows(OfficerSession.objects.filter(officer__in=list(changed)), "account_changed", at=at)


def _verb(request: RoleRequest, is_agreed: bool) -> str:
    if not is_agreed:
        return "role_refused"
    return "password_invited" if request.role == PASSWORD else "role_given"


def shown(number: int, *, by: Officer) -> list[tuple[str, ...]]:
    """Return the list as whoever decides reads it: user name, unit, name, staff number, roles; one row for each account.

    Raises:
        RoleRefused: nothing waits under this number, or it holds an account that one does not administer.
    """
    roles: dict[int, list[str]] = {}
    officers: dict[int, Officer] = {}
    for one in requests_of(number):
        officers[one.officer_id] = one.officer
        roles.setdefault(one.officer_id, []).extend([] if one.role == PASSWORD else [words_of(one.role)])
    if not officers:
        raise RoleRefused("这份名单没有等决定的内容。", "Nothing of this list waits for a decision.")
    _check_units([*officers.values()], by, is_deciding=False)
    return [
        (one.username, one.organisation.code if one.organisation else "", one.display_name, one.staff_number,
         "、".join(roles[key]) or "—")
        for key, one in officers.items()
    ]  # fmt: skip


def addresses(accounts: list[Officer], *, site: str, at: datetime) -> Iterator[tuple[str, ...]]:
    """Yield, under a head, each account with the address at which its person chooses a password, once, within some days."""
    yield "username", "unit", "name", "address"
    for one in accounts:
        unit = one.organisation.code if one.organisation else ""
        yield (
            one.username,
            unit,
            one.display_name,
            f"{site.rstrip('/')}/sign-in/first/{invitations.key_for(one, at=at)}/",
        )
