"""The people and systems of the soak: each does its work over and over, and writes down what the site acknowledged.

An act whose answer did not come is asked again as a person would: the same form with the same key, the same ticket with
the same number. Only what was acknowledged is written to the journal, on the disk before the next act begins.
"""

import csv
import http.client
import io
import json
import os
import random
import re
import subprocess
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from zhijian.standards import uscc

UNIT, DIVISION = "amr-440106", "440106"
REGISTER = "object_tags"
PATIENCE = 20.0  # seconds that a visitor waits for an answer
AGAIN = 1.0  # seconds before an act without answer is asked again
COMPLAINT = {
    "want": {"want": "complaint"},
    "how": {"respondent_kind": "ordinary"},
    "claim": {"claims": "refund", "claim_amount": "36.50", "for_daily_life": "yes", "other_body": "none"},
    "contact": {"name": "示例陈某", "phone": "13800000021", "address": "示例路1号"},
    "consent": {"publish": "yes", "delegate": "yes", "truthful": "yes"},
}


class Unanswered(Exception):
    """No answer came, or one that says that nothing is certain: the act is asked again."""


class Stopped(Exception):
    """The time is up."""


class Journal:
    """What was acknowledged, a line for each act, on the disk before the visitor goes on; and what readers met."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self.acts: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.latencies: list[float] = []
        self.asked_again: Counter[str] = Counter()
        self.answered_at: list[float] = []

    def acknowledged(self, act: str, **said: str) -> None:
        with self._lock:
            self._file.write(json.dumps({"act": act, **said}, ensure_ascii=False) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self.acts[act] += 1

    def again(self, act: str) -> None:
        with self._lock:
            self.asked_again[act] += 1

    def read(self, status: str, seconds: float) -> None:
        with self._lock:
            self.statuses[status] += 1
            if status == "200":
                self.latencies.append(seconds)
                self.answered_at.append(time.monotonic())


class Visitor:
    """A browser without pictures: cookies, forms, redirects not followed. Each has a connection for one question."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str, str]:
        """Return status, text and where a redirect leads.

        Raises:
            Unanswered: no answer, or 5xx.
        """
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **headers}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            connection.request(method, path, body=body or None, headers={k: v for k, v in sent.items() if v})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as problem:
            raise Unanswered(type(problem).__name__) from problem
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.update({name: one.value for name, one in SimpleCookie(line).items()})
        if answer.status >= 500:
            raise Unanswered(str(answer.status))
        return answer.status, text, answer.headers.get("Location", "")

    def get(self, path: str) -> tuple[int, str, str]:
        return self.ask("GET", path)

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str, str]:
        if "csrftoken" not in self.cookies:
            self.get("/sign-in/")
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": self.cookies["csrftoken"],
        }
        return self.ask("POST", path, urlencode(form).encode(), **headers)

    def post_file(self, path: str, form: dict[str, str], file: bytes) -> tuple[int, str, str]:
        border = uuid.uuid4().hex
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
            for k, v in form.items()
        ]
        head = f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        body = "".join(parts).encode() + head.encode() + file + f"\r\n--{border}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={border}",
            "X-CSRFToken": self.cookies["csrftoken"],
        }
        return self.ask("POST", path, body, **headers)


class Traffic:
    """All visitors together, until they are told to stop."""

    def __init__(
        self,
        port: int,
        home: Path,
        journal: Journal,
        zhijian: list[str],
        environment: dict[str, str],
        seed: int,
    ) -> None:
        self.port, self.home, self.journal = port, home, journal
        self._zhijian, self._environment = zhijian, environment
        self._seed = seed
        self.stop = threading.Event()
        self.problems: list[str] = []
        self.running: subprocess.Popen[bytes] | None = None  # the ingest that may be killed
        self.refreshes: Counter[str] = Counter()

    def threads(self, codes: list[str], key: str, accounts: dict[str, str]) -> list[threading.Thread]:
        """Return the visitors: three readers, three citizens, a hotline, two officers, one who delivers data, the night."""
        roles: list[tuple[str, Callable[[], None]]] = [
            *[(f"reader {n}", lambda n=n: self._reader(codes, n)) for n in range(3)],
            *[(f"citizen {n}", self._citizen) for n in range(2)],
            ("hotline", lambda: self._hotline(key)),
            ("keeper", lambda: self._keeper(accounts["province-keeper"])),
            ("intake", lambda: self._intake(accounts["intake-440106"])),
            ("deliveries", self._deliveries),
            ("night", self._night),
        ]  # fmt: skip
        return [
            threading.Thread(target=self._over_and_over, args=role, name=role[0], daemon=True)
            for role in roles
        ]

    def _over_and_over(self, name: str, work: Callable[[], None]) -> None:
        while not self.stop.is_set():
            try:
                work()
            except Stopped:
                return
            except Unanswered:
                self.stop.wait(AGAIN)
            except (ValueError, LookupError, OSError) as problem:
                self.problems.append(f"{name}: {type(problem).__name__}: {problem}"[:600])
                self.stop.wait(2)

    def _rest(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise Stopped

    def _until_answered(self, act: str, ask: Callable[[], tuple[int, str, str]]) -> tuple[int, str, str]:
        """Ask the same again until there is an answer, even after the time is up: what was begun is brought to its end."""
        while True:
            try:
                return ask()
            except Unanswered:
                self.journal.again(act)
                time.sleep(AGAIN)

    # ------------------------------------------------------------------------------------------- who reads

    def _reader(self, codes: list[str], number: int) -> None:
        chooser = random.Random(self._seed * 100 + number)
        visitor = Visitor(self.port)
        addresses = ["/", "/entities/?q=食品", "/draws/", "/results/", "/data/", "/registers/", "/plan/"]
        while True:
            path = (
                f"/entities/{chooser.choice(codes)}/" if chooser.random() < 0.6 else chooser.choice(addresses)
            )
            path = path.replace("食品", "%E9%A3%9F%E5%93%81")
            start = time.perf_counter()
            try:
                status = str(visitor.get(path)[0])
            except Unanswered as problem:
                status = str(problem)
            self.journal.read(status, time.perf_counter() - start)
            self._rest(chooser.uniform(0.02, 0.3))

    # ------------------------------------------------------------------------------------------- who complains

    def _citizen(self) -> None:
        """A complaint by the guided pages, with a photo, sent with one key however often it must be sent."""
        visitor = Visitor(self.port)
        visitor.get("/sign-in/")
        _expect(visitor.post("/complain/begin/", {"uscc": ""}), 302, "begin")
        number = uuid.uuid4().hex[:12]
        what = {
            "happened_on": "2026-11-20", "goods": "红豆", "facts": f"合成数据：买了两袋红豆，打开有虫，店家不肯退。{number}",
            "amount": "36.50", "order_number": f"示例单{number}", "injured": "no",
        }  # fmt: skip
        answers = COMPLAINT | {
            "what": what,
            "shop": {
                "action": "by_hand",
                "shop_name": f"合成数据示例商行{number}",
                "shop_division": DIVISION,
                "shop_address": "示例路2号",
            },
        }
        for name in ("want", "how", "shop", "what", "claim"):
            _expect(visitor.post(f"/complain/step/{name}/", {"action": "next", **answers[name]}), 302, name)
        _expect(
            visitor.post_file("/complain/step/photos/", {"action": "next"}, _photo(number)), 302, "photos"
        )
        for name in ("contact", "consent"):
            _expect(visitor.post(f"/complain/step/{name}/", {"action": "next", **answers[name]}), 302, name)
        page = visitor.get("/complain/check/")[1]
        found = re.search(r'name="send_key" value="([0-9a-f-]{36})"', page)
        if found is None:
            raise ValueError(f"no key on the page of the last check: {_plain(page)}")
        sent = self._until_answered(
            "complaint", lambda: visitor.post("/complain/check/", {"send_key": found[1]})
        )
        if sent[0] == 302 and sent[2].endswith("/complain/sent/"):
            self.journal.acknowledged("complaint", key=found[1])
        elif sent[0] != 429:
            raise ValueError(f"sent: {sent[0]} {_plain(sent[1])}")
        self._rest(30 if sent[0] == 429 else 10)  # one address may send 300 forms an hour

    def _hotline(self, key: str) -> None:
        number = f"SOAK-{uuid.uuid4().hex[:16]}"
        ticket = {
            "ticket_no": number, "kind": "complaint", "first_call_at": datetime.now(UTC).isoformat(), "division_code": DIVISION,
            "person": {"name": "示例陈某", "phone": "13800000021"}, "respondent": {"name": f"合成数据示例商行{number[-6:]}"},
            "facts": f"合成数据：买的红豆有虫，店家不肯退。{number}", "goods": "红豆", "amount_yuan": "36.50", "claim": "退款",
        }  # fmt: skip
        body = json.dumps(ticket).encode()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        visitor = Visitor(self.port)
        answer = self._until_answered(
            "ticket", lambda: visitor.ask("POST", "/api/v1/complaints/tickets", body, **headers)
        )
        _expect(answer, (200, 201), "ticket")
        self.journal.acknowledged("ticket", number=number, receipt=json.loads(answer[1])["receipt_number"])
        self._rest(3)

    # ------------------------------------------------------------------------------------------- officers

    def _signed_in(self, name: str, password: str) -> Visitor:
        visitor = Visitor(self.port)
        visitor.get("/sign-in/")
        _expect(visitor.post("/sign-in/", {"username": name, "password": password}), 302, "sign-in")
        return visitor

    def _keeper(self, password: str) -> None:
        """An entry of a register, added by its form. A form sent again is refused if the first was taken: then it is there."""
        visitor = self._signed_in("province-keeper", password)
        while True:
            key = f"SOAK-{uuid.uuid4().hex[:12]}"
            form = {
                "key": key,
                "name": "合成数据示例标签",
                "meaning": "浸泡试验",
                "valid_from": "2026-11-01",
                "reason": "浸泡试验",
            }
            before = self.journal.asked_again["entry"]
            answer = self._until_answered(
                "entry", lambda form=form: visitor.post(f"/work/registers/{REGISTER}/add/", form)
            )
            if answer[0] == 302 and "sign-in" not in answer[2]:
                self.journal.acknowledged("entry", key=key)
            elif self.journal.asked_again["entry"] > before and answer[0] == 422:
                shown = self._until_answered(
                    "entry", lambda key=key: visitor.get(f"/registers/{REGISTER}/entries/{key}/")
                )
                _expect(shown, 200, "entry")
                self.journal.acknowledged("entry", key=key)
            else:
                raise ValueError(f"entry: {answer[0]} {answer[2]} {_plain(answer[1])}")
            self._rest(3)

    def _intake(self, password: str) -> None:
        """An officer takes the next free case."""
        visitor = self._signed_in("intake-440106", password)
        while True:
            page = visitor.get("/work/cases/?scope=unit&who=free")
            _expect(page, 200, "inbox")
            items = re.findall(r'name="item" value="(\d+)"', page[1])
            if not items:
                self._rest(5)
                continue
            form = {"action": "claim", "item": random.Random(items[0]).choice(items), "confirmed": "1"}
            answer = visitor.post("/work/cases/bulk/", form)
            if (
                answer[0] == 302
                and "1项已办" in self._until_answered("claim", lambda: visitor.get("/work/cases/"))[1]
            ):
                self.journal.acknowledged("claim", item=form["item"])
            self._rest(3)

    # ------------------------------------------------------------------------------------------- data and the night

    def _command(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*self._zhijian, *arguments],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def _deliveries(self) -> None:
        """A file of ten invented firms; if taking it in is killed, the same file is delivered again."""
        file, codes = self.home / f"delivery-{uuid.uuid4().hex[:8]}.csv", [_code() for _ in range(10)]
        rows = [
            (
                code,
                f"合成数据示例商行{code[9:17]}",
                "2026-11-02",
                "有限责任公司",
                "食品销售",
                "广东",
                "广州",
                "广东省广州市天河区示例路1号",
            )
            for code in codes
        ]
        text = io.StringIO()
        csv.writer(text).writerows(
            [("uscc", "name", "registered_on", "type", "scope", "province", "city", "address"), *rows]
        )
        file.write_text(text.getvalue(), "utf-8")
        while True:
            self.running = self._command(
                "ingest", "registration__enterprises", str(file), "--synthetic", "--json"
            )
            told = self.running.communicate()[0].decode()
            code, self.running = self.running.returncode, None
            if code == 0:
                break
            self.journal.again("delivery")
            if code > 0:
                raise ValueError(f"ingest ended with {code}: {told[-300:]}")
        report = json.loads(told.strip().splitlines()[-1])
        if not report.get("already_delivered") and report["rows_clean"] != len(codes):
            raise ValueError(f"ingest refused rows: {told[-500:]}")
        for one in codes:
            self.journal.acknowledged("delivered row", uscc=one)
        self._rest(25)

    def _night(self) -> None:
        """What the night does, over and over: refresh, the serving store, a seal."""
        for words in (
            ("refresh", "--memory", "1GB", "--json"),
            ("serving", "build"),
            ("facts", "seal", "--day", "today"),
        ):
            process = self._command(*words)
            told = process.communicate()[0].decode()
            self.refreshes[f"{words[0]} {'done' if process.returncode == 0 else 'cut off'}"] += 1
            if process.returncode and not re.search("数据库|database|connection", told):
                raise ValueError(f"zhijian {' '.join(words)} ended with {process.returncode}: {told[-400:]}")
        self._rest(90)


def _photo(text: str) -> bytes:
    """A picture unlike any other: the number colours it."""
    from PIL import Image

    out = io.BytesIO()
    seed = random.Random(text)
    image = Image.new("RGB", (64, 48))
    image.putdata([(seed.randrange(256), seed.randrange(256), seed.randrange(256)) for _ in range(64 * 48)])
    image.save(out, "JPEG")
    return out.getvalue()


def _code() -> str:
    """An invented unified social credit code with right check characters."""
    from zhijian.standards import organisation_code

    body = "MA" + "".join(random.SystemRandom().choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(6))
    first = f"91440106{body}{organisation_code.check_character(body)}"
    return first + uscc.check_character(first)


def _expect(answer: tuple[int, str, str], status: int | tuple[int, ...], what: str) -> None:
    if answer[0] == 429:
        raise Unanswered("429")
    if answer[0] not in (status if isinstance(status, tuple) else (status,)):
        raise ValueError(f"{what}: {answer[0]} {answer[2]} {_plain(answer[1])}")


def _plain(page: str) -> str:
    body = page.partition("<main")[2] or page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))[:400]
