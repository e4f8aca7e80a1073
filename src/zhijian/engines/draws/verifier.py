"""Verify a draw file of protocol zhijian-draw/1 with nothing but Python's standard library.

Written from docs/explanation/draw-protocol.md, not from the engine. `python verifier.py FILE [LEDGER]`
"""

import hashlib
import hmac
import json
import re
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

CHECKS = {
    "file": "文件逐行完整|The file is whole, line by line",
    "ledger": "事件首尾相接，只抽了一次|The events form one chain, and the draw ran once",
    "times": "名单冻结和承诺都先于公共随机数|Freeze and commitments came before the public value",
    "roster": "名单与冻结时公布的指纹一致|The roster matches the fingerprint of the freeze",
    "weights": "各层户数、抽数和权重合乎公布的规则|Sizes, samples and weights follow the published rule",
    "seed": "种子由承诺和公共随机数推出|The seed follows from the commitments and the public value",
    "sample": "抽中名单逐户一致|The sample agrees, object by object",
    "inspectors": "检查人员配对逐组一致|The inspectors agree, team by team",
    "results": "检查结果齐全，未被改动|Results are complete and unchanged",
}
BROKEN = (KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError)


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def tagged(purpose, *fields):
    return sha("".join(f"{field}\n" for field in (f"zhijian-draw/1 {purpose}", *fields)))


def canon(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def merkle(nodes):
    if len(nodes) < 2:
        return nodes[0] if nodes else hashlib.sha256().digest()
    split = 1 << (len(nodes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + merkle(nodes[:split]) + merkle(nodes[split:])).digest()


def root(rows):
    return merkle([hashlib.sha256(b"\0" + canon(row).encode()).digest() for _, row in rows]).hex()


def number(text):
    return int(text) if len(text) < 16 and text != "-0" else int("too long")


def read(text, key, fail):
    """Return [(line, record)] up to the first line that was changed."""
    lines, header = text.split("\n"), f'{{"protocol":"zhijian-draw/1","{key}":['
    end = re.fullmatch(r'\],"sha256":"([0-9a-f]{64})"\}', lines[-2]) if len(lines) > 3 else None
    if lines[0] != header or not end or lines[-1]:
        at = len(lines) if lines[0] == header else 1
        return fail("unreadable", at, "读不懂：不是抽签文件，或被截断|not a draw file, or cut off") or []
    check, rows = sha(header + "\n")[:16], []
    for at, line in enumerate(lines[1:-2], start=2):
        found = re.fullmatch(r'\["([0-9a-f]{16})",(\{.*\})\](,?)', line)
        check = sha(check + found[2])[:16] if found else None
        if not found or found[1] != check or bool(found[3]) != (at < len(lines) - 2):
            return (
                fail("file", at, "这一行被改动，或它前面有增删|changed, or lines before it added or dropped")
                or rows
            )
        try:
            rows.append(
                (at, json.loads(found[2], parse_int=number, parse_float=number, parse_constant=number))
            )
        except ValueError:
            return fail("file", at, "这一行读不懂|this line cannot be read") or rows
        if canon(rows[-1][1]) != found[2]:
            fail("file", at, "不是规范写法|not in canonical form")
    if sha("\n".join(lines[:-2]) + "\n") != end[1]:
        fail("file", len(lines) - 1, "文件末尾的指纹不符|the fingerprint at the end is wrong")
    return rows


class Verification:
    """One run. ``faults`` keeps the first fault of each check as (line, zh|en)."""

    def __init__(self, text, ledger=None):
        self.faults, self.objects, self.at, self.events = {}, [], 1, []
        self.rows = read(text, "lines", self.fail)
        try:
            if not self.faults:
                self.ceremony()
                self.roster()
                self.results(self.sample(self.seed()))
        except BROKEN:
            self.fail("file", self.at, "内容不合协议|the content does not follow the protocol")
        if ledger and self.events:
            self.compare(ledger, sha(text))

    def fail(self, check, line, message):
        self.faults.setdefault(check, (line, message))

    def of(self, *kinds):
        for self.at, row in self.rows:
            if row["kind"] in kinds:
                yield self.at, row

    def ceremony(self):
        last = None
        for at, row in self.of("event"):
            event, body = row["event"], row["body"]
            follows = not last or event["n"] > last["n"] and event["previous"] != last["previous"]
            if last and event["n"] == last["n"] + 1:
                follows = event["previous"] == tagged("event", canon(last))
            if not follows or sha(canon(body)) != event["body_sha256"]:
                self.fail(
                    "ledger", at, "事件被改动，或没有接上前一事件|event changed, or it breaks the chain"
                )
            if (
                not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", event["at"])
                or event["at"] < (last or event)["at"]
            ):
                self.fail("times", at, "时间早于前一事件|earlier than the event before it")
            self.events.append((at, event, body))
            last = event
        (at, first, plan), parties = self.events[0], [p["key"] for p in self.events[0][2]["parties"]]
        self.plan, self.head = plan, (first["plan"], first["attempt"])
        steps = [
            "announced",
            "frozen",
            *["committed"] * len(parties),
            "public_value",
            *["revealed"] * len(parties),
            "drawn",
        ]
        for i, (line, event, _) in enumerate(self.events):
            wanted = steps[i : i + 1] or ["published", "outcomes"]
            if event["kind"] not in wanted or (event["plan"], event["attempt"]) != self.head:
                self.fail(
                    "ledger",
                    line,
                    "多出、缺少或错位的步骤（第二次抽取？）|step missing or extra (a second run?)",
                )
        said = {(e["kind"], b["party"]): (line, b) for line, e, b in self.events if "party" in b}
        self.by = {e["kind"]: (line, b) for line, e, b in self.events} | said
        again = (plan["redraw_of"] or {"attempt": 0})["attempt"] + 1
        if (plan["plan_id"], plan["attempt"], again) != (*self.head, self.head[1]) or len({*parties}) < 2:
            self.fail(
                "ledger",
                at,
                "公告与编号、次数或承诺方不符|announcement does not fit plan, attempt or parties",
            )
        freeze, commit, exists, end = (
            plan["freeze_at"],
            plan["commit_until"],
            plan["source"]["exists_at"],
            plan["reveal_until"],
        )
        bounds = {"announced": ("", freeze), "frozen": (freeze, commit), "committed": (freeze, commit)}
        bounds |= {"public_value": (exists, "9"), "revealed": (exists, end)}
        for line, event, _ in self.events:
            low, high = bounds.get(event["kind"], ("", "9"))
            if not low <= event["at"] <= high or not freeze < commit < exists < end:
                self.fail("times", line, "时间不合公告的次序|the time breaks the announced order")

    def roster(self):
        design, salted = self.plan["design"], self.plan["mode"] == "salted"
        line, frozen = self.by["frozen"]
        self.roll, self.pool = list(self.of("object")), list(self.of("inspector"))
        for at, one in self.roll:
            opened = (
                one["leaf"]
                if salted
                else tagged("object", *self.head, "", one["object"], one["stratum"], one["weight"])
            )
            if opened != one["leaf"]:
                self.fail(
                    "roster", at, "对象、层或权重与叶值不符|object, stratum or weight does not fit the leaf"
                )
            if type(one["weight"]) is not int or one["weight"] < 1 or (salted and one["weight"] > 1):
                self.fail("weights", at, "权重不合规定|weight not allowed")
        for rows in (self.roll, self.pool):
            for (_, before), (at, after) in zip(rows, rows[1:], strict=False):
                if before["leaf"] >= after["leaf"]:
                    self.fail("roster", at, "没有按叶值排序，或有重复|not sorted by leaf, or repeated")
        found = [len(self.roll), root(self.roll), len(self.pool), root(self.pool)]
        if found != [frozen[k] for k in ("objects", "roster_root", "inspectors", "inspector_root")]:
            self.fail(
                "roster",
                line,
                "名单与冻结的指纹不符：有增删改|roster differs from the freeze: edit, drop, addition",
            )
        rates, sizes = (
            {r["key"]: r["per_10000"] for r in design["rates"]},
            Counter(o["stratum"] for _, o in self.roll),
        )
        self.strata = {s["label"]: s for s in frozen["strata"]}
        exact = {k: Fraction(s["objects"] * rates[s["rate"]], 10000) for k, s in self.strata.items()}
        quota = {k: int(q) for k, q in exact.items()}
        spare = int(sum(exact.values()) + Fraction(1, 2)) - sum(quota.values())
        quota |= {k: quota[k] + 1 for k in sorted(exact, key=lambda k: (quota[k] - exact[k], k))[:spare]}
        for label, s in self.strata.items():
            n = max(quota[label], int(design["at_least_one"] and exact[label] > 0))
            reserve = min(s["objects"] - n, -(-n * design["reserve_per_10000"] // 10000))
            if (s["objects"], s["drawn"], s["reserve"]) != (sizes[label], n, reserve):
                self.fail(
                    "weights", line, f"层{label}的户数或抽数不合规则|stratum {label} does not follow the rule"
                )
        self.members = {area["code"]: area["members"] for area in frozen["areas"]}
        for area in frozen["areas"]:
            here = sum(s["objects"] for s in self.strata.values() if s["area"] == area["code"])
            known = here + sum(left["count"] for left in area["excluded"])
            if here != area["objects"] or area["register"] not in (None, known):
                self.fail(
                    "roster",
                    line,
                    f"{area['code']}户数与登记簿不符|{area['code']} disagrees with the register",
                )
        if {*sizes} - {*self.strata} or (design["follows_class"] and not salted):
            self.fail("roster", line, "名单方式或层不合公告|mode or strata do not fit the announcement")

    def seed(self):
        nonces, (line, frozen) = [], self.by["frozen"]
        for party in self.plan["parties"]:
            (at, body), (_, promise) = self.by["revealed", party["key"]], self.by["committed", party["key"]]
            nonces.append(body["nonce"])
            if tagged("commitment", *self.head, party["key"], body["nonce"]) != promise["commitment"]:
                self.fail(
                    "seed", at, "随机数与承诺不符（换过？）|the nonce does not open its commitment (ground?)"
                )
        (line, body), shape = self.by["public_value"], self.plan["source"]["shape"]
        if not re.fullmatch("".join("[0-9]" if c == "9" else re.escape(c) for c in shape), body["value"]):
            self.fail("seed", line, "公共随机数不是公告的样子|the public value lacks the announced shape")
        fixed = (sha(canon(self.plan)), frozen["roster_root"], frozen["inspector_root"])
        seed = tagged("seed", *self.head, *fixed, *nonces, body["value"])
        if self.by["drawn"][1]["seed"] != seed:
            self.fail("seed", self.by["drawn"][0], "种子与复算的不同|the seed is not the recomputed one")
        return bytes.fromhex(seed)

    def sample(self, seed):
        """Recompute sample and teams; return {leaf: (line, kind)} as published."""
        weight, groups = {o["leaf"]: o["weight"] for _, o in self.roll}, {label: [] for label in self.strata}
        rank = {leaf: hmac.digest(seed, bytes.fromhex(leaf), "sha256") for leaf in weight}
        for _, one in self.roll:
            groups[one["stratum"]].append(one["leaf"])
        now, shown = {}, {}
        for label, s in self.strata.items():
            order = sorted(groups[label], key=lambda x: (Fraction(int.from_bytes(rank[x]), weight[x]), x))
            now |= {x: ("drawn", label, i) for i, x in enumerate(order[: s["drawn"]], 1)}
            rest = order[s["drawn"] : s["drawn"] + s["reserve"]]
            now |= {x: ("reserve", label, i) for i, x in enumerate(rest, 1)}
        rows = list(self.of("drawn", "reserve"))
        for at, one in rows:
            if one["leaf"] in shown or one["leaf"] not in weight:
                self.fail("sample", at, "重复，或不在名单中|repeated, or not in the roster")
            shown[one["leaf"]] = (at, (one["kind"], one["stratum"], one["order"]), one)
        words = {"drawn": "抽中", "reserve": "候补", None: "未抽中"}
        for at, one in self.roll:
            line, said, _ = shown.get(one["leaf"], (at, None, None))
            is_so, (a, b) = now.get(one["leaf"]), ((x or [None])[0] for x in (said, now.get(one["leaf"])))
            self.objects.append({**one, "line": at, "ok": said == is_so, "published": a, "recomputed": b})
            if said != is_so:
                text = f"公布为{words[a]}，复算为{words[b]}，或次序不同|published as {a}, recomputed as {b}, or out of order"
                self.fail("sample", line, text)
        line, done = self.by["drawn"]
        counts = Counter(kind for kind, *_ in now.values())
        if [done["drawn"], done["reserve"], done["sample_root"]] != [
            counts["drawn"],
            counts["reserve"],
            root(rows),
        ]:
            self.fail("sample", line, "抽中名单的数目或指纹不符|count or fingerprint of the sample differs")
        self.teams(seed, rank, [leaf for leaf in now if now[leaf][0] == "drawn"], shown)
        return {leaf: (at, said[0]) for leaf, (at, said, _) in shown.items()}

    def teams(self, seed, rank, drawn, shown):
        plan, skills = self.plan["design"], {item["skill"] for item in self.plan["items"]} - {""}
        fit = [
            p
            for _, p in self.pool
            if skills <= {*p["skills"]} and p["valid_until"] >= self.plan["inspection_until"]
        ]
        stratum, load, size = {o["leaf"]: o["stratum"] for _, o in self.roll}, Counter(), plan["team_size"]
        for leaf in sorted(drawn, key=lambda x: (rank[x], x)):
            own = [re.sub("(00)+$", "", m) for m in self.members[self.strata[stratum[leaf]]["area"]]]
            pools = [
                (own, plan["max_load"]),
                ([m[:4] for m in own], plan["max_load"]),
                ([""], plan["max_load"]),
                ([""], 1e9),
            ]
            for level, (near, most) in enumerate(pools):
                free = [p["leaf"] for p in fit if p["division"].startswith(tuple(near))
                        and leaf not in p["recused"] and load[p["leaf"]] < most]  # fmt: skip
                if len(free) >= size:
                    break
            free.sort(key=lambda one: (hmac.digest(seed, bytes.fromhex(leaf + one), "sha256"), one))
            load.update(free[:size])
            line, _, one = shown.get(leaf, (None, None, {}))
            found = [one.get("inspectors"), one.get("standby"), one.get("pool")]
            if size < 2 or len(free) < size or found != [free[:size], free[size : size + 2], level]:
                self.fail("inspectors", line, "检查人员与复算的不同（换过？）|inspectors differ (swapped?)")

    def results(self, picked):
        slots, found = list(self.of("slot")), list(self.of("result"))
        line, body = self.by.get("outcomes", (None, None))
        if body is None and not slots + found:
            return
        promised = {one["leaf"]: one.get("commitment") for _, one in slots}
        pending = sum("pending" in one for _, one in slots)
        for leaf, (at, kind) in picked.items():
            if kind == "drawn" and leaf not in promised:
                self.fail("results", at, "这一户的结果没有公布|the result of this object is withheld")
        for at, one in found if self.plan["mode"] == "open" else ():
            leaf = one["result"]["leaf"]
            if promised.get(leaf) != tagged("result", *self.head, leaf, "", sha(canon(one["result"]))):
                self.fail("results", at, "结果被改动|the result was edited")
        told = body and [
            body["root"],
            body["published"],
            body["pending"],
            len(slots),
            {*promised} - {*picked},
        ]
        if told != [root(slots + found), len(found), pending, len(found) + pending, set()]:
            self.fail(
                "results",
                line,
                "结果的数目或指纹不符：瞒报或改动|results withheld or edited: count or fingerprint",
            )

    def compare(self, ledger, fingerprint):
        """Compare with a ledger that somebody kept."""
        bad, kept, previous, drawn = [], {}, "0" * 64, self.by.get("drawn", (None,))[0]
        rows = read(ledger, "ledger", lambda *fault: bad.append(fault))
        for at, row in rows:
            event, body = row["event"], row["body"]
            if (event["n"], event["previous"], event["body_sha256"]) != (
                len(kept) + 1,
                previous,
                sha(canon(body)),
            ):
                bad.append(("ledger", at, ""))
            kept[event["n"]], previous = (event, body), tagged("event", canon(event))
        if bad:
            return self.fail(
                "ledger",
                None,
                f"总账副本第{bad[0][1]}行被改动|line {bad[0][1]} of the ledger copy was changed",
            )
        for line, event, _ in self.events:
            if event["n"] in kept and kept[event["n"]][0] != event:
                self.fail(
                    "ledger",
                    line,
                    "与您保存的总账不同：内容或时间被改过|differs from the ledger that you kept",
                )
        own, files = {event["n"] for _, event, _ in self.events}, []
        voided = {
            e["attempt"] for e, _ in kept.values() if (e["plan"], e["kind"]) == (self.head[0], "voided")
        }
        for n, (event, body) in kept.items():
            mine = event["attempt"] == self.head[1]
            if event["plan"] == self.head[0]:
                files += [body["sha256"]] if mine and event["kind"] == "published" else []
                late = mine and n not in own and event["kind"] not in ("published", "outcomes")
                if late or (not mine and event["kind"] == "drawn" and event["attempt"] not in voided):
                    text = (
                        f"总账第{n}条另有一次抽取或作废|event {n} of the ledger is another draw or a voiding"
                    )
                    self.fail("ledger", drawn, text)
        if files and fingerprint not in files:
            self.fail(
                "ledger", 1, "不是总账所记公布的那份文件|not the file that the ledger says was published"
            )
        return None


def verify(data, ledger=None):
    """Return {ok, unreadable, checks, objects}; ``data`` is the file as bytes or text."""
    try:
        texts = [part.decode() if isinstance(part, bytes) else part for part in (data, ledger or "")]
    except UnicodeDecodeError:
        texts = ["", ""]
    run, checks = Verification(*texts), []
    faults = run.faults
    if "unreadable" in faults:
        faults["file"] = faults["unreadable"]
    for name, passed in CHECKS.items():
        line, message = faults.get(name, (None, passed))
        if name not in faults and "file" in faults:
            message = "文件有误，未能核对|not checked, because the file is broken"
        where = (f"第{line:,}行：", f"Line {line:,}: ") if line else ("", "")
        zh, en = (a + b for a, b in zip(where, message.split("|"), strict=True))
        is_ok = name not in faults and "file" not in faults
        checks.append({"id": name, "ok": is_ok, "line": line, "message_zh": zh, "message_en": en})
    return {"ok": not faults, "unreadable": "unreadable" in faults, "checks": checks, "objects": run.objects}


if __name__ == "__main__":
    found = verify(*(Path(name).read_bytes() for name in sys.argv[1:3]))
    for check in found["checks"]:
        print("✓" if check["ok"] else "✕", check["id"], check["message_zh"], "/", check["message_en"])
    sys.exit(2 if found["unreadable"] else 0 if found["ok"] else 1)
