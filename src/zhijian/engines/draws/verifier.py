"""Verify a draw file with Python's standard library alone: `python verifier.py FILE [LEDGER]`. Written from the protocol's page, not from the engine; set by hand."""

# ruff: noqa: B023, E401, E701, I001
# mypy: allow-untyped-defs, no-check-untyped-defs
# fmt: off
import hashlib, hmac, json, re, sys
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from math import isqrt
from pathlib import Path
from typing import Any
CHECKS = {"file": "文件逐行完整|the file is whole", "ledger": "文件内的事件首尾相接，只抽一次|one chain of events, one run in this file", "times": "承诺先于公共随机数|committed before the value",
    "roster": "名单指纹一致|the roster is the frozen one", "weights": "层、抽数和权重合规则|sizes and weights follow the rule", "seed": "种子由承诺和随机数推出|the seed follows",
    "sample": "抽中名单逐户一致|the sample agrees", "inspectors": "检查人员逐组一致|the teams agree", "results": "结果齐全未改|results are complete and unchanged"}
TIME, DAY = (shape.replace("9", "[0-9]") for shape in ("9999-99-99T99:99:99[+]08:00", "9999-99-99"))  # so that they compare as text
CODE, HASH, NONCE, KINDS = "[0-9A-HJ-NPQRTUWXY]{18}|OBJ-[0-9]{6}-[0-9]{3,8}", "[0-9a-f]{64}", "([0-9a-f]{2}){16,64}", ("event", "object", "inspector", "drawn", "reserve", "slot", "result")
def sha(text: str) -> str: return hashlib.sha256(text.encode()).hexdigest()
def tagged(what: str, *fields: object) -> str: return sha("".join(f"{field}\n" for field in (f"zhijian-draw/1 {what}", *fields)))
def keyed(seed, leaves): return hmac.digest(seed, bytes.fromhex(leaves), "sha256")
def canon(value: object) -> str: return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
def root(rows): return merkle([hashlib.sha256(b"\0" + canon(row).encode()).digest() for _, row in rows]).hex()
def whole(value, low=0, high=2**53): return type(value) is int and low <= value <= high
def number(text): return int(text if abs(float(text)) < 2**53 and text != "-0" else "refused")
def settled(weights, n):
    """Of a draw of n by weight: the least weight that is taken for sure, how many have it, the sum of the others."""
    least, more = 2**53, [True]
    while more:
        sure, rest = sum(w >= least for w in weights), sum(w for w in weights if w < least)
        more = [w for w in weights if w < least and n > sure and (n - sure) * w >= rest]
        least = min([least, *more])
    return least, sure, rest
def chance(weight, n, least, sure, rest):
    found = Fraction(1) if weight >= least or (n - sure) * weight >= rest else Fraction((n - sure) * weight, rest)
    return f"{found.numerator}/{found.denominator}"
def walked(seed, label, order, n):
    """The leaves that n points hit, W apart from a random start; `order` gives (leaf, weight), each n·weight long."""
    whole, reached, hits, turn = sum(w for _, w in order), 0, [], 0
    if not n: return hits
    while (point := int.from_bytes(keyed(seed, tagged("start", label, turn)))) >= 2**256 - 2**256 % whole: turn += 1
    point %= whole
    for leaf, weight in order:
        reached += n * weight
        if point < reached:
            hits.append(leaf)
            point += whole
    return hits
def shared(total, quotas):
    """Share a whole number as the quotas say, by largest remainder, ties by label."""
    parts = {key: int(quota) for key, quota in quotas.items()}
    extra = sorted(quotas, key=lambda key: (parts[key] - quotas[key], key))[:total - sum(parts.values())]
    return {key: parts[key] + (key in extra) for key in parts}
def picked(seed, layer, rows, rank):
    """The leaves of one stratum in the order in which they are drawn, then its reserve in order of rank/weight."""
    queue = [leaf for _, leaf in sorted((Fraction(int.from_bytes(rank[o["leaf"]]), o["weight"]), o["leaf"]) for o in rows)]
    if layer.get("method", "simple") == "simple": return queue
    least, sure, _ = settled([o["weight"] for o in rows], layer["drawn"]) if layer["method"] == "pps" else (2**53, 0, 0)
    order = sorted((o["sort"] if layer["order"] == "declared" else 0, rank[o["leaf"]], o["leaf"], o["weight"]) for o in rows if o["weight"] < least)
    taken = [*sorted(o["leaf"] for o in rows if o["weight"] >= least), *walked(seed, layer["label"], [one[2:] for one in order], layer["drawn"] - sure)]
    known = {*taken}
    return [*taken, *(leaf for leaf in queue if leaf not in known)]
def merkle(nodes):
    half = 1 << max(0, (len(nodes) - 1).bit_length() - 1)  # the largest power of two below the number of nodes
    return nodes[0] if len(nodes) == 1 else hashlib.sha256(b"\x01" + merkle(nodes[:half]) + merkle(nodes[half:]) if nodes else b"").digest()
def read(text, key, fail):
    lines, header, rows = text.split("\n"), f'{{"protocol":"zhijian-draw/1","{key}":[', []
    end = re.fullmatch(r'\],"sha256":"([0-9a-f]{64})"\}', lines[-2]) if len(lines) > 3 and not lines[-1] else None
    if lines[0] != header or not end: return fail(1, "unreadable", len(lines) if lines[0] == header else 1, "读不懂：不是抽签文件，或被截断|not a draw file, or cut off") or rows
    check = sha(header + "\n")[:16]
    for at, line in enumerate(lines[1:-2], start=2):
        found = re.fullmatch(r'\["([0-9a-f]{16})",(\{.*\})\](,?)', line)
        check = sha(check + found[2])[:16] if found else None
        try:
            rows.append((at, json.loads(found[2] if found else "", parse_int=number, parse_float=number, parse_constant=number)))
            if found[1] != check or bool(found[3]) != (at < len(lines) - 2) or canon(rows[-1][1]) != found[2]: raise ValueError(line)
        except (ValueError, RecursionError):
            return fail(1, "file", at, "这一行被改动，或它前面有增删|changed, or lines before it added or dropped") or rows
    return fail(sha("\n".join([*lines[:-2], ""])) != end[1], "file", at + 1, "文件末尾的指纹不符|the last line is wrong") or rows
class Verification:
    def __init__(self, text, ledger):
        self.faults, self.objects, self.events, self.said, self.bare, self.ledger, self.fingerprint, step = {}, [], [], {}, set(), ledger, sha(text), None
        try:
            self.rows = read(text, "lines", self.fail)
            for step in () if self.faults else (self.ceremony, self.roster, self.strata, self.seed, self.sample, self.results, self.compare): step()
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as why:
            self.fail(1, "file", None, f"内容不合协议（{step.__name__}：{why}）|against the protocol ({step.__name__}: {why})")
    def fail(self, is_wrong, check, line, message):
        if is_wrong: self.faults.setdefault(check, (line, message))
    def note(self, check, message): self.said, self.bare = self.said | {check: message}, self.bare | {check}
    def of(self, *kinds): return [(at, row) for at, row in self.rows if row["kind"] in kinds]
    def ceremony(self):
        places = [KINDS.index(row["kind"]) if row.get("kind") in KINDS else -1 for _, row in self.rows]
        for (at, _), (before, place) in zip(self.rows, pairwise([0, *places]), strict=True): self.fail(place < max(0, before), "file", at, "记录的种类或次序不合协议|a record of unknown kind, or out of order")
        for at, row in self.of("event"):
            event, body, last = row["event"], row["body"], (self.events[-1:] or [(0, row["event"])])[0][1]
            linked = event["n"] > last["n"] + 1 or (event["n"] == last["n"] + 1 and event["previous"] == tagged("event", canon(last))) if self.events else whole(event["n"], 1)
            self.fail(not linked or type(body) is not dict or sha(canon(body)) != event["body_sha256"], "ledger", at, "事件被改动，或没有接上前一事件|event changed, or it breaks the chain")
            self.fail(not re.fullmatch(TIME, event["at"]) or event["at"] < last["at"], "times", at, "时间早于前一事件|earlier than the event before it")
            self.events.append((at, event, body))
        (line, first, plan), said = self.events[0], {(e["kind"], b.get("party")): (at, b) for at, e, b in self.events}
        self.methods = plan["protocol"] == "zhijian-draw/2"
        self.plan, self.head, keys = plan, (first["plan"], first["attempt"]), [p["key"] for p in plan["parties"]]
        self.by, accounts = {kind: found for (kind, _), found in said.items()} | said, {p["key"]: p["account"] for p in plan["parties"]}
        times = freeze, commit, exists, end = plan["freeze_at"], plan["commit_until"], plan["source"]["exists_at"], plan["reveal_until"]
        bounds, steps = {"announced": ("", freeze), "frozen": (freeze, commit), "committed": (freeze, commit), "revealed": (exists, end)}, ["announced", "frozen", *["committed"] * len(keys), "public_value", *["revealed"] * len(keys), "drawn"]
        ordered = freeze < commit < exists < end and re.fullmatch(DAY, plan["inspection_until"]) and all(re.fullmatch(TIME, moment) for moment in times)
        for i, (at, event, body) in enumerate(self.events):
            self.fail(event["kind"] not in (steps[i:i + 1] or ("published", "outcomes")) or canon([event["plan"], event["attempt"]]) != canon(self.head), "ledger", at, "步骤多出、缺少或错位（第二次抽取？）|step missing or extra (a second run?)")
            self.fail(event["kind"] in ("committed", "revealed") and event["actor"] != accounts.get(body["party"]), "ledger", at, "承诺或揭示的不是公告的经办人|not the announced account committed or revealed")
            low, high = bounds.get(event["kind"], (exists, "9"))
            self.fail(not ordered or not low <= event["at"] <= high, "times", at, "时间不合公告的次序|the time breaks the announced order")
        attempt, two = (plan["redraw_of"] or {"attempt": 0})["attempt"] + 1, min(len({*keys}), len({*accounts.values()})) >= max(2, len(keys))
        known = plan["protocol"] in ("zhijian-draw/1", "zhijian-draw/2") and plan["mode"] in ("open", "salted") and re.fullmatch("[A-Za-z0-9-]{1,60}", plan["plan_id"]) and whole(plan["attempt"], 1)
        self.fail(not two or not known or (plan["plan_id"], plan["attempt"], attempt) != (*self.head, self.head[1]), "ledger", line, "公告的协议、方式、编号、次数或承诺方（至少两个账号）不合规定|announcement: protocol, mode, plan, attempt or parties (two accounts) malformed")
        self.said |= {"ledger": f"文件称这是第{attempt}次，此前已作废（请用总账核对）|the file says: attempt {attempt}, earlier ones voided (check with a ledger)"} if attempt > 1 else {}
    def roster(self):
        (line, frozen), salted, self.roll, self.pool = self.by["frozen"], self.plan["mode"] == "salted", self.of("object"), self.of("inspector")
        for at, one in self.roll:
            more = (one["sort"],) if self.methods else ()
            own = one["leaf"] if salted else re.fullmatch(CODE, one["object"]) and tagged("object", *self.head, "", one["object"], one["stratum"], one["weight"], *more)
            self.fail(own != one["leaf"], "roster", at, "对象、层或权重与叶值不符，或不是信用代码|object, stratum or weight does not fit the leaf, or no credit code")
            self.fail(not whole(one["weight"], 1, 1 if salted else 2**53), "weights", at, "权重不合规定|weight not allowed")
        for (_, before), (at, one) in (pair for rows in (self.roll, self.pool) for pair in pairwise([(0, {"leaf": ""}), *rows])):
            fits = one["kind"] == "object" or re.fullmatch(DAY, one["valid_until"]) and re.fullmatch("[0-9]{6}", one["division"]) and type(one["skills"]) is type(one["recused"]) is list  # noqa: RUF021
            self.fail(not fits or before["leaf"] >= one["leaf"] or not re.fullmatch(HASH, one["leaf"]), "roster", at, "叶值不合规定、重复或没有排序，或人员的区划或日期有误|leaf malformed, repeated or out of order, or an inspector's division or date is")
        self.fail(len({one.get("object", one["leaf"]) for _, one in self.roll}) < len(self.roll), "roster", line, "同一对象出现多次|one object stands there twice")
        found = {"objects": len(self.roll), "roster_root": root(self.roll), "inspectors": len(self.pool), "inspector_root": root(self.pool)}
        self.fail(canon(found) != canon({key: frozen[key] for key in found}), "roster", line, "名单与冻结的指纹不符：有增、删或改|roster differs from the freeze: edit, drop or addition")
        self.fail(not salted and self.plan["design"]["follows_class"], "roster", line, "按分类分层却不加盐|strata follow the class without salt")
    def strata(self):
        design, (line, frozen), sizes = self.plan["design"], self.by["frozen"], Counter(o["stratum"] for _, o in self.roll)
        self.layers, rates = {s["label"]: s for s in frozen["strata"]}, {r["key"]: r["per_10000"] for r in design["rates"]}
        loose = len(rates) < len(design["rates"]) or len(self.layers) < len(frozen["strata"]) or not all(whole(rate, 0, 10000) for rate in (design["reserve_per_10000"], *rates.values()))
        self.fail(loose, "weights", self.events[0][0], "抽取或候补比例越界，或比例、层有重复|a rate is out of bounds, or a rate or stratum stands twice")
        exact, quota = ({key: kind(s["objects"] * rates[s["rate"]], 10000) for key, s in self.layers.items()} for kind in (Fraction, int.__floordiv__))
        quota |= {key: quota[key] + 1 for key in sorted(exact, key=lambda key: (quota[key] - exact[key], key))[:int(sum(exact.values()) + Fraction(1, 2)) - sum(quota.values())]}
        numbers = {label: max(quota[label], int(design["at_least_one"] and exact[label] > 0)) for label in self.layers}
        if self.methods: self.by_methods(design, numbers, rates)
        for label, s in self.layers.items():
            n = numbers[label]
            reserve = min(s["objects"] - n, -(-n * design["reserve_per_10000"] // 10000))
            self.fail(canon([s["objects"], s["drawn"], s["reserve"]]) != canon([sizes.pop(label, 0), n, reserve]), "weights", line, f"层{label}的户数或抽数不合规则|stratum {label} does not follow the rule")
        areas, members = {area["code"]: area for area in frozen["areas"]}, [one for area in frozen["areas"] for one in area["members"] or [""]]
        odd = len({*members}) < len(members) or len(areas) < len(frozen["areas"]) or not all(re.fullmatch("(?!0{6})[0-9]{6}", one) for one in members) or not {s["area"] for s in frozen["strata"]} <= {*areas} or sum(area["objects"] for area in areas.values()) != frozen["objects"]
        self.fail(odd, "roster", line, "地区重叠、缺少或不合规定|areas overlap, are missing or malformed")
        for code, area in areas.items():
            here, register = sum(s["objects"] for s in self.layers.values() if s["area"] == code), area["register"]
            wrong = here != area["objects"] or type(area["excluded"]) is not list or not whole(register or 0) or not all(whole(x["count"]) and x["reason"].strip() for x in area["excluded"])
            self.fail(wrong or register not in (None, here + sum(x["count"] for x in area["excluded"])), "roster", line, f"{code}户数与登记簿不符|{code} disagrees with the register")
        if any(area["register"] is None for area in areas.values()): self.note("register", "未与登记簿户数比对：文件没有给出|not compared with the register: the file gives no count")
        self.fail(sizes, "weights", line, "有的对象不属于公布的层|some objects lie in no published stratum")
    def by_methods(self, design, numbers, rates):
        """Protocol 2: the minimum of each area (into `numbers`), and the methods, weights and chances of every stratum."""
        (top, *_), (line, _), ways, salted = self.events[0], self.by["frozen"], {r["key"]: (r["method"], r["order"]) for r in design["rates"]}, self.plan["mode"] == "salted"
        allowed = {("simple", "random"), ("systematic", "random")} | (set() if salted else {("systematic", "declared"), ("pps", "random"), ("pps", "declared")})
        said = ("pps" in {way for way, _ in ways.values()}, "declared" in {order for _, order in ways.values()}) == (bool(design["weight_by"]), bool(design["sort_by"]))
        self.fail(not {*ways.values()} <= allowed or not said or not whole(design["at_least_per_area"], 0, 10000), "weights", top, "抽样方法、次序或每地区最少户数不合规定|sampling methods, orders or the minimum per area are malformed")
        for area in {s["area"] for s in self.layers.values()}:
            left = {label: s["objects"] - numbers[label] for label, s in self.layers.items() if s["area"] == area and rates[s["rate"]]}
            lacking = min(design["at_least_per_area"] - sum(numbers[label] for label in left), sum(left.values()))
            for label, more in shared(lacking, {label: Fraction(lacking * count, sum(left.values())) for label, count in left.items()}).items() if lacking > 0 else (): numbers[label] += more
        groups = {label: [] for label in self.layers}
        for at, one in self.roll: groups.get(one["stratum"], []).append((at, one))
        for label, s in self.layers.items():
            way, order = ways[s["rate"]]
            weights, n = [one["weight"] for _, one in groups[label]], numbers[label]
            loose = [at for at, one in groups[label] if not whole(one["weight"], 1, 2**53 - 1) or (way != "pps" and one["weight"] != 1) or not whole(one["sort"], 0, 2**53 - 1) or (order != "declared" and one["sort"] != 0)]
            self.fail(loose, "weights", (*loose, 0)[0], "权重或排序号不合抽样方法|weight or sort does not fit the method")
            if loose: continue
            least, sure, rest = settled(weights, n) if way == "pps" else (2**53, 0, len(weights))
            self.fail(canon([s["method"], s["order"], s["certain"], s["weight"]]) != canon([way, order, sure, rest]) or rest >= 2**53, "weights", line, f"层{label}的方法、必抽户数或权重之和不合规则|stratum {label}: method, certain ones or sum of weights do not follow the rule")
            for at, one in groups[label]: self.fail(one["chance"] != chance(one["weight"], n, least, sure, rest), "weights", at, "公布的概率与复算的不同|the published chance is not the recomputed one")
    def seed(self):
        nonces, (_, frozen), (line, public) = [self.by["revealed", p["key"]][1]["nonce"] for p in self.plan["parties"]], self.by["frozen"], self.by["public_value"]
        for party in self.plan["parties"]:
            (at, body), (_, promise) = self.by["revealed", party["key"]], self.by["committed", party["key"]]
            opened = re.fullmatch(NONCE, body["nonce"]) and promise["commitment"] == tagged("commitment", *self.head, party["key"], body["nonce"])
            self.fail(not opened, "seed", at, "随机数与承诺不符（换过？），或不足16字节|the nonce does not open its commitment (ground?), or has under 16 bytes")
        shape = "".join("[0-9]" if sign == "9" else re.escape(sign) for sign in self.plan["source"]["shape"])
        self.fail(not re.fullmatch(shape, public["value"]) or shape.count("[0-9]") < 10, "seed", line, "公共随机数不是公告的样子，或不足10位数字|the public value lacks the announced shape, or ten digits")
        self.key = bytes.fromhex(tagged("seed", *self.head, sha(canon(self.plan)), frozen["roster_root"], frozen["inspector_root"], *nonces, public["value"]))
        self.fail(self.by["drawn"][1]["seed"] != self.key.hex(), "seed", self.by["drawn"][0], "种子与复算的不同|the seed is not the recomputed one")
    def sample(self):
        rows, now, self.shown, groups = self.of("drawn", "reserve"), {}, {}, {label: [] for label in self.layers}
        self.rank = {one["leaf"]: keyed(self.key, one["leaf"]) for _, one in self.roll}
        for _, one in self.roll: groups[one["stratum"]].append(one)
        for label, s in self.layers.items(): now |= {leaf: (kind, i, label) for leaf, (kind, i) in zip(picked(self.key, s if self.methods else {}, groups[label], self.rank), ((kind, i + 1) for kind in ("drawn", "reserve") for i in range(s[kind])), strict=False)}
        for at, one in rows: self.fail(self.shown.setdefault(one["leaf"], (at, one))[0] != at or one["leaf"] not in self.rank, "sample", at, "重复，或不在名单中|repeated, or not in the roster")
        words = {"drawn": "抽中", "reserve": "候补", None: "未抽中"}
        for at, one in self.roll:
            (line, said), is_so = self.shown.get(one["leaf"], (at, {"kind": None})), now.get(one["leaf"], (None,))
            a, b, ok = said["kind"], is_so[0], canon([said["kind"], said.get("order"), said.get("stratum")][:len(is_so)]) == canon(is_so)
            self.objects.append({**one, "line": at, "ok": ok, "rank": self.rank[one["leaf"]].hex(), "published": a, "recomputed": b})
            self.fail(not ok, "sample", line, f"公布为{words[a]}，复算为{words[b]}，或次序不同|published as {a}, recomputed as {b}, or misplaced")
        (line, done), count = self.by["drawn"], Counter(kind for kind, *_ in now.values())
        self.fail(canon(done | {"drawn": count["drawn"], "reserve": count["reserve"], "sample_root": root(rows)}) != canon(done), "sample", line, "抽中名单的数目或指纹不符|count or fingerprint of the sample differs")
        (self.balanced if "teams" in self.plan["design"] else self.teams)({leaf: label for leaf, (kind, _, label) in now.items() if kind == "drawn"})
    def teams(self, drawn):
        plan, areas = self.plan["design"], {area["code"]: area["members"] for area in self.by["frozen"][1]["areas"]}
        skills, load, size, cap = {item["skill"] for item in self.plan["items"]} - {""}, Counter(), plan["team_size"], plan["max_load"]
        fit = [p for _, p in self.pool if skills <= {*p["skills"]} and p["valid_until"] >= self.plan["inspection_until"]]
        for leaf in sorted(drawn, key=lambda leaf: (self.rank[leaf], leaf)):
            own = [re.sub("(00)+$", "", member) for member in areas[self.layers[drawn[leaf]]["area"]]]
            for pool, (near, most) in enumerate(((own, cap), ([x[:4] for x in own], cap), ([""], cap), ([""], 1e9))):  # noqa: B007
                free = sorted((p["leaf"] for p in fit if p["division"].startswith((*near,)) and load[p["leaf"]] < most and leaf not in p["recused"]), key=lambda one: (keyed(self.key, leaf + one), one))
                if len(free) >= size: break
            load.update(free[:size])
            (line, one), wanted = self.shown.get(leaf, (None, {})), [free[:size], free[size:size + 2], pool] if 2 <= size <= len(free) else None
            self.fail(canon([one.get("inspectors"), one.get("standby"), one.get("pool")]) != canon(wanted), "inspectors", line, "检查人员与复算的不同（换过？）|inspectors differ (swapped?)")
    def balanced(self, drawn):
        """Teams of least cost (section 13): the least prices that follow from the published teams show that none cost less."""
        design, way, until, (top, *_) = self.plan["design"], self.plan["design"]["teams"], self.plan["inspection_until"], self.events[0]
        places, areas, claims = way["places"], {area["code"]: area["members"] for area in self.by["frozen"][1]["areas"]}, {}
        skills = sorted({item["skill"] for item in self.plan["items"]} - {""})
        odd = not self.methods or {*way} != {"travel", "cross", "uneven", "widest", "skills_shared", "places"} or not all(whole(way[key], 0, 10000) for key in ("travel", "cross", "uneven")) or not whole(way["widest"], 0, 2) or type(way["skills_shared"]) is not bool
        odd = odd or not all(re.fullmatch("[0-9]{6}", code) and len(at) == 2 and all(whole(x, 1 - 10**6, 10**6 - 1) for x in at) for code, at in places.items()) or not whole(design["team_size"], 2, 99) or not whole(design["max_load"], 1)
        if odd: return self.fail(True, "inspectors", top, "配组规则不合规定|the rules of the matching are malformed")
        needed = skills if way["skills_shared"] else []
        fit = {p["leaf"]: p for _, p in self.pool if p["valid_until"] >= until and (way["skills_shared"] or {*skills} <= {*p["skills"]})}
        size, kind = max(design["team_size"], len(needed)), {leaf: tuple(skill in p["skills"] for skill in needed) for leaf, p in fit.items()}
        def level(area, who): return next(n for n, near in enumerate((nears[area], [x[:4] for x in nears[area]], [""])) if fit[who]["division"].startswith((*near,)))
        def kilometres(area, who):
            known, here = [places[x] for x in areas[area] if x in places], places.get(fit[who]["division"])
            return isqrt(sum((sum(x[axis] for x in known) // len(known) - here[axis])**2 for axis in (0, 1))) // 10 if known and here else 0
        def complete(team, left=needed): return not left or any(one[len(left) - 1] and complete(team[:i] + team[i + 1:], left[:-1]) for i, one in enumerate(team))
        nears = {code: [re.sub("(00)+$", "", x) for x in members] for code, members in areas.items()}
        groups = []
        for area in sorted({self.layers[label]["area"] for label in drawn.values()}):
            keys = [{area}, {x[:4] for x in nears[area]}, {""}][way["widest"]]
            met, groups = [g for g in groups if g[0] & keys], [g for g in groups if not g[0] & keys]
            groups.append((keys.union(*(g[0] for g in met)), {area}.union(*(g[1] for g in met))))
        for _, group in groups:
            own = {leaf: self.layers[label]["area"] for leaf, label in drawn.items() if self.layers[label]["area"] in group}
            levels = {area: {who: level(area, who) for who in sorted(fit)} for area in group}
            pool = [who for who in sorted(fit) if any(levels[area][who] <= way["widest"] for area in group)]
            fixed = {area: {who: (kilometres(area, who) * way["travel"] + levels[area][who] * way["cross"]) * 2**24 // 100 for who in pool} for area in group}
            most, even, cost, load = design["max_load"], min(-(-len(own) * size // max(len(pool), 1)), design["max_load"]), {}, Counter()
            def visit(n): return (0 if n <= even else way["uneven"] * 2**24 // 100 if n <= most else 100000 * 2**24)
            for leaf, area in own.items():
                stream, (line, one) = hashlib.pbkdf2_hmac("sha256", self.key, bytes.fromhex(leaf), 1, 3 * len(pool) or 1), self.shown.get(leaf, (None, {}))
                cost[leaf] = {who: fixed[area][who] + int.from_bytes(stream[3 * i:3 * i + 3]) for i, who in enumerate(pool) if levels[area][who] <= way["widest"] and leaf not in fit[who]["recused"]}
                claims[leaf] = team = one.get("inspectors") or []
                bad = len(team) != size or len({*team}) < size or not {*team} <= {*cost[leaf]} or not complete([kind[who] for who in team])
                if bad: return self.fail(True, "inspectors", line, "检查组人数、资格、回避或专业不合规定|the team's size, qualification, recusal or skills are wrong")
                load.update(team)
            price = {who: visit(load[who]) for who in pool}
            swaps = {leaf: {k: [a for a in claims[leaf] if complete([kind[x] for x in claims[leaf] if x != a] + [k])] for k in {kind[x] for x in cost[leaf]}} for leaf in own}
            moved = True
            while moved:
                moved = False
                for leaf, cheap in cost.items():
                    dear = {k: max((price[x] + cheap[x] for x in may), default=0) for k, may in swaps[leaf].items()}
                    for who, paid in cheap.items():
                        if dear[kind[who]] > price[who] + paid and who not in claims[leaf]:
                            price[who], moved = dear[kind[who]] - paid, True
                            if price[who] > visit(load[who] + 1): return self.fail(True, "inspectors", self.shown[leaf][0], "另有更近、更均衡或签号更小的一组（换过？）|another team costs less (swapped?)")
            for leaf, cheap in cost.items():
                worth, (line, one), team = sorted((price[who] + paid, who) for who, paid in cheap.items()), self.shown[leaf], claims[leaf]
                ready = [who for _, who in worth if who not in team and all(complete([kind[x] for x in team if x != a] + [kind[who]]) for a in team)][:2]
                wanted = [[who for _, who in worth if who in team], ready, 3 if any(load[x] > most for x in team) else max(levels[own[leaf]][x] for x in team)]
                self.fail(canon([one["inspectors"], one.get("standby"), one.get("pool")]) != canon(wanted), "inspectors", line, "检查人员的次序、候补或跨区与复算的不同|order, standby or territory differ")
        return None
    def results(self):
        slots, found, told = self.of("slot"), self.of("result"), [(at, body) for at, event, body in self.events if event["kind"] == "outcomes"]
        promised, names = {one["leaf"]: one.get("commitment") for _, one in slots}, {one["leaf"]: one.get("object") for _, one in self.roll}
        for leaf, (at, one) in self.shown.items() if told else (): self.fail(one["kind"] == "drawn" and leaf not in promised, "results", at, "这一户的结果没有公布|the result of this object is withheld")
        for (_, before), (at, one) in pairwise([(0, {"leaf": ""}), *slots]):
            fits = {*one} == {"kind", "leaf", "commitment"} and re.fullmatch(HASH, one["commitment"]) if "commitment" in one else {*one} == {"kind", "leaf", "pending"} and one["pending"] is True
            self.fail(not fits or before["leaf"] >= one["leaf"], "results", at, "结果位重复、没有排序，或既非承诺也非待办|slot repeated, out of order, or neither a hash nor pending")
        last, objects, is_open, (line, body), pending = "", {}, self.plan["mode"] == "open", told[-1] if told else (None, None), sum("pending" in one for _, one in slots)
        for at, result in ((at, one["result"]) for at, one in found):
            seal, name = sha(canon(result)), result["object"]
            fits = not is_open or (promised.get(result["leaf"]) == tagged("result", *self.head, result["leaf"], "", seal) and names[result["leaf"]] == name)
            self.fail(not fits, "results", at, "结果被改动，或属于另一户|the result was edited, or is another object's")
            self.fail(seal <= last or name in objects or not re.fullmatch(CODE, name), "results", at, "结果重复、没有排序，或没有信用代码或编号|result repeated, out of order, or without a credit code or number")
            last, objects[name] = seal, at
        early = any(after["published"] < now["published"] for (_, now), (_, after) in pairwise(told)) or (not is_open and (len(told) > 1 or pending))
        self.fail(early, "results", line, "公布过的结果变少，或加盐抽签没有齐全后一次公布|fewer results than before, or a salted draw's are not published once and whole")
        said = [body["root"], body["published"], body["pending"], len(slots), sorted({*promised} - {*self.shown})] if told else None
        here = [root(slots + found), len(found), pending, len(found) + pending, []] if told or slots + found else None
        self.fail(canon(said) != canon(here), "results", line, "结果的数目或指纹不符：瞒报或改动|results withheld or edited: count or fingerprint")
        self.said |= {} if told else {"results": "尚未公布检查结果|no results published yet"}
    def compare(self):
        bad, kept, before, files, head, (line, first, _) = [], [], "0" * 64, set(), self.head, self.events[0]
        for at, row in read(self.ledger, "ledger", lambda wrong, _, at, __: wrong and bad.append(at)) if self.ledger else ():
            event, body = row["event"], row["body"]
            bad += [at] * ((event["n"], event["previous"], event["body_sha256"]) != (len(kept) + 1, before, sha(canon(body))))
            before, files = tagged("event", canon(event)), files | ({body["sha256"]} if (event["plan"], event["attempt"], event["kind"]) == (*head, "published") else set())
            kept.append(event)
        self.fail(bad, "ledger", None, f"总账副本第{(*bad, 0)[0]}行被改动|line {(*bad, 0)[0]} of the ledger copy was changed")
        own, ours = {event["n"]: (at, event) for at, event, _ in self.events}, [e for e in kept if e["plan"] == head[0]]
        for e in kept if not bad else (): self.fail(e["n"] in own and own[e["n"]][1] != e, "ledger", own.get(e["n"], [0])[0], "与您保存的总账不同：内容或时间被改过|differs from the ledger that you kept")
        for n, attempt, kind in [(e["n"], e["attempt"], e["kind"]) for e in ours if e["n"] not in own and not bad]:
            self.fail(attempt > head[1] or n > first["n"] if attempt != head[1] else kind not in ("published", "outcomes"), "ledger", self.by["drawn"][0], f"总账第{n}条另有一次抽取或作废|event {n} of the ledger is another draw or a voiding")
            if (attempt, kind) == (head[1], "outcomes"): self.note("results", "文件较旧：总账已有新的检查结果，请核对新文件|an old file: the ledger has newer results; check the newest file")
        ended = {e["attempt"] for e in ours if e["kind"] == "voided" and e["n"] < first["n"]}
        alive = sorted({*range(1, head[1])} - ended) if first["n"] <= len(kept) else []
        self.fail(alive, "ledger", line, f"总账里第{alive[:1]}次没有先作废（第二次抽取）|attempt {alive[:1]} was not voided before this one (a second run)")
        self.fail(files and self.fingerprint not in files, "ledger", 1, "不是总账所记公布的那份文件|not the file that the ledger says was published")
        ran = "、".join(map(str, sorted({e["attempt"] for e in ours if e["attempt"] in ended and e["kind"] in ("revealed", "drawn")})))
        also = (f"；第{ran}次在揭示或抽取之后作废", f"; attempt {ran} was voided after its reveal or draw") if ran else ("", "")
        self.said |= {"ledger": f"与您保存的总账不矛盾{also[0]}|does not contradict the ledger you kept{also[1]}"} if self.ledger else {}
def verify(data: bytes | str, ledger: bytes | str | None = None) -> dict[str, Any]:
    """Return {ok, unreadable, checks, objects}; a check is not ok with False, not compared with None. ``data`` and ``ledger`` are files as bytes or text."""
    run, checks = Verification(*(part.decode(errors="replace") if isinstance(part, bytes) else part for part in (data, ledger or ""))), []
    faults = run.faults | ({"file": run.faults["unreadable"]} if "unreadable" in run.faults else {})
    for name, passed in (CHECKS | run.said).items():
        line, message = faults.get(name, (None, "文件有误，未核对|not checked, as the file is broken" if "file" in faults else passed))
        zh, en = map(str.__add__, (f"第{line:,}行：", f"Line {line:,}: ") if line else ("", ""), message.split("|"))
        checks.append({"id": name, "ok": False if {name, "file"} & {*faults} else None if name in run.bare else True, "line": line, "message_zh": zh, "message_en": en})
    return {"ok": not faults, "unreadable": "unreadable" in faults, "checks": checks, "objects": run.objects}
if __name__ == "__main__":
    answer = verify(*(Path(name).read_bytes() for name in sys.argv[1:3]))
    for check in answer["checks"]: print({True: "✓", False: "✕", None: "–"}[check["ok"]], check["id"], check["message_zh"], "/", check["message_en"])
    sys.exit(2 if answer["unreadable"] else 0 if answer["ok"] else 1)
