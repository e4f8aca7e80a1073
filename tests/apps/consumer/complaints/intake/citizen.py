"""A citizen before the guided pages: what she answers, and a client that answers for her."""

import io

from PIL import Image

HEMAN = "91440106MA9XH0TW2T"
WANTS = {
    "want": {"want": "complaint"},
    "how": {"respondent_kind": "ordinary"},
    "what": {
        "happened_on": "2026-11-20",
        "goods": "红豆",
        "facts": "买了两袋红豆，打开有虫，店家不肯退。",
        "amount": "36.50",
        "order_number": "示例单001",
        "injured": "no",
    },
    "claim": {"claims": ["refund"], "claim_amount": "36.50", "for_daily_life": "yes", "other_body": "none"},
    "clue": {"clue": "货架上还在卖过期红豆。", "basis": "我亲眼看到，拍了照片。", "insider": "no"},
    "contact": {"name": "示例陈某", "phone": "13800000021", "address": "示例路1号"},
    "consent": {"publish": "yes", "delegate": "yes", "truthful": "yes"},
}


def photo(colour="white"):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    return out.getvalue()


def begin(client, uscc=HEMAN):
    return client.post("/complain/begin/", {"uscc": uscc} if uscc else {})


def fill(client, *, want="complaint", uscc=HEMAN, **changes):
    """Answer every page up to the last check; `changes` replace the answers of a page."""
    begin(client, uscc)
    answers = WANTS | {"want": {"want": want}} | changes
    if want == "both":
        answers["contact"] = {"report_named": "yes"} | answers["contact"]
    names = ["want", "how", "shop", "what"]
    names += ["claim"] if want != "report" else []
    names += ["clue"] if want != "complaint" else []
    for name in [*names, "photos", "contact", "consent"]:
        given = {"action": "keep"} if name == "shop" else {"action": "next"}
        answer = client.post(f"/complain/step/{name}/", {**given, **answers.get(name, {})})
        assert answer.status_code == 302, (name, answer.content.decode()[:3000])
    return answer


def send(client, **options):
    """Fill in, send, and return what the receipt says: number and code."""
    fill(client, **options)
    page = client.get("/complain/check/")
    key = page.context["send_key"]
    assert client.post("/complain/check/", {"send_key": key}).status_code == 302
    sent = client.get("/complain/sent/")
    return sent.context["submission"].receipt_number, sent.context["code"], key
