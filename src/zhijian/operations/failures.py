"""What a person reads where a verb meets a full disk, a folder it may not write, or a database that is not ready."""

import sqlite3

from zhijian.datazone.ingest.custody import is_disk_full
from zhijian.infrastructure.configuration import chosen_database
from zhijian.infrastructure.database_proof import not_proven
from zhijian.infrastructure.home import Home

_NO_TABLES = ("no such table", "no such column", "does not exist")
_NO_CONNECTION = ("connection failed", "could not connect", "unable to open database")
_NO_RIGHT = ("permission denied for", "must be owner of")
_IS_LOCKED = "database is locked"


def explain(problem: BaseException, home: Home) -> str | None:
    """Return what failed, why and what next; None for an error that only a programmer can read."""
    for cause in _chain(problem):
        if is_disk_full(cause):
            return (
                f"{home.root} 所在磁盘已满，本次操作没有完成，原有数据未动。请腾出空间后重新运行。 "
                f"The disk that holds {home.root} is full; the work was not done and what was there is as it was. "
                "Make room and run it again."
            )
        if text := _about_database(cause, home) or _about_folder(cause, home):
            return text
    return None


def _chain(problem: BaseException | None) -> list[BaseException]:
    """The error and those that it came from, the last first."""
    found: list[BaseException] = []
    while problem is not None and problem not in found:
        found.append(problem)
        problem = problem.__cause__ or problem.__context__
    return found


def _about_database(problem: BaseException, home: Home) -> str | None:
    if not (
        isinstance(problem, sqlite3.Error) or type(problem).__module__.startswith(("django.db", "psycopg"))
    ):
        return None
    text = str(problem)
    if unproven := not_proven(problem, chosen_database()):
        return str(unproven)
    first_line = text.split("\n", 1)[0]
    if any(words in text for words in _NO_CONNECTION):
        return (
            f"无法连接数据库（{first_line}）。请核对 ZHIJIAN_DATABASE_URL，确认数据库已启动；不设置则使用 SQLite。 "
            f"The database cannot be reached ({first_line}). Check ZHIJIAN_DATABASE_URL and that the server runs; "
            "leave it out for SQLite."
        )
    if any(words in text for words in _NO_RIGHT):
        return (
            f"数据库账户没有这项权限（{first_line}）。建表和授权由所有者进行：请设置环境变量 ZHIJIAN_DATABASE_OWNER_URL 后运行 "
            "zhijian migrate；用 zhijian database rights --check 查看差别。 "
            f"The database account lacks a right ({first_line}). The owner makes tables and gives rights: set "
            "ZHIJIAN_DATABASE_OWNER_URL in the environment and run zhijian migrate; zhijian database rights --check shows what differs."
        )
    if any(words in text for words in _NO_TABLES):
        return (
            f"本系统数据库尚未建表或版本较旧（{first_line}）。请先运行：zhijian migrate。 "
            f"The database of our own records lacks tables of this version ({first_line}). Run: zhijian migrate."
        )
    if _IS_LOCKED in text:
        return (
            f"数据库正被另一进程占用（{home.database}）。请等它结束后重试。 "
            f"Another process holds the database ({home.database}). Try again when it has ended."
        )
    return None


def _about_folder(problem: BaseException, home: Home) -> str | None:
    """A file or folder under the home that cannot be made or written."""
    if not isinstance(problem, OSError) or not str(problem.filename or "").startswith(str(home.root)):
        return None
    return (
        f"无法写入 {problem.filename}（{problem.strerror}）。所有数据都写在 ZHIJIAN_HOME 下（现为 {home.root}），"
        f"请改用有写权限的目录。 {problem.filename} cannot be written ({problem.strerror}). Everything is written under "
        f"ZHIJIAN_HOME (now {home.root}): name a folder that you may write to."
    )
