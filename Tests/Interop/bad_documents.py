"""Bad documents, rightly signed: JSON, schema, hub, times, parties, class, relations, policy."""

from typing import Any, Callable

from bad_envelopes import Bad
from drafts import DROP, Draft, changed
from messages import FACILITATOR, NGO, POL, TF, UPTD, consent, referral_status, stamp, uuid7, withdrawn
from simpul_envelope import compact_json, digest


def text(change: Callable[[str], str | bytes]) -> Callable[[Draft], bytes]:
    """The document's JSON text changed, and then rightly signed."""

    def make(draft: Draft) -> bytes:
        octets = change(compact_json(draft.document()).decode())
        return draft.token(octets.encode() if isinstance(octets, str) else octets)

    return make


def before_title(inserted: str) -> Callable[[Draft], bytes]:
    """Puts members before the body's `title`."""
    return text(lambda json: json.replace('"title":', inserted + ',"title":', 1))


def retain_days(number: str) -> Callable[[Draft], bytes]:
    return text(lambda json: json.replace('"retainDays":90', f'"retainDays":{number}', 1))


def nested(depth: int) -> str:
    return '"deep":' + "[" * depth + "]" * depth


def header(**changes: Any) -> Callable[[Draft], bytes]:
    return lambda draft: draft.token(draft.document(header=changes))


def canary_header(name: str) -> Callable[[Draft], bytes]:
    return lambda draft: draft.token(draft.document(header={name: draft.canary}))


def body(**changes: Any) -> Callable[[Draft], bytes]:
    return lambda draft: draft.token(draft.document(body=changes))


def canary_body(name: str) -> Callable[[Draft], bytes]:
    return lambda draft: draft.token(draft.document(body={name: draft.canary}))


def top(**changes: Any) -> Callable[[Draft], bytes]:
    return lambda draft: draft.token(changed(draft.document(), changes))


def understated(draft: Draft) -> bytes:
    """A clear body with fields of class P2 under a label P1: no seal is asked for, but the label is false."""
    coded, status = referral_status(
        draft.hub.id, draft.sender.agency, [TF], id=draft.id, inReplyTo=uuid7(), child="no", privacy="P1")
    return draft.token({"header": coded, "body": status | {"note": draft.canary}})


def of_consent(**changes: Any) -> Callable[[Draft], bytes]:
    """A consent in place of the draft, under its id; `header` and `body` are changes of the two."""

    def make(draft: Draft) -> bytes:
        coded, terms = consent(draft.hub.id, draft.sender.agency, [draft.hub.id], id=draft.id)
        return draft.token({
            "header": changed(coded, changes.get("header", {})), "body": changed(terms, changes.get("body", {}))})

    return make


def nothing_to_end(draft: Draft) -> bytes:
    coded, end = withdrawn(draft.hub.id, draft.sender.agency, "C-0000")
    return draft.token({"header": coded | {"id": draft.id}, "body": end})


def overridden(first: str, second: str) -> Callable[[Draft], bytes]:
    return header(consentOverride={"reason": "DANGER_TO_LIFE", "decidedBy": first, "approvedBy": second})


def unknown_agency(draft: Draft) -> str:
    return f"id-1709.{draft.canary.lower()}"


JSON = [
    Bad("no JSON", "json-invalid", lambda d: d.token(d.canary.encode())),
    Bad("payload empty", "json-invalid", lambda d: d.token(protected=d.protected(zip=DROP), payload=b"")),
    Bad("white space alone", "json-invalid", lambda d: d.token(b"  ")),
    Bad("duplicate names", "json-invalid", text(lambda json: json[:-1] + ',"body":{}}')),
    Bad("duplicate names, escaped", "json-invalid", text(lambda json: json[:-1] + ',"b\\u006fdy":{}}')),
    Bad("duplicate names deep inside", "json-invalid",
        text(lambda json: json.replace('"total":', '"total":1,"total":', 1))),
    Bad("duplicate names deep inside, escaped", "json-invalid",
        text(lambda json: json.replace('"total":', '"t\\u006ftal":1,"total":', 1))),
    Bad("text after the document", "json-invalid", text(lambda json: json + "x")),
    Bad("two documents", "json-invalid", text(lambda json: json + json)),
    Bad("truncated", "json-invalid", text(lambda json: json[:-1])),
    Bad("byte order mark", "json-invalid", text(lambda json: "\ufeff" + json)),
    Bad("invalid UTF-8", "json-invalid", text(lambda json: json.encode().replace(b"CONTOH", b"CONT\xffH", 1))),
    Bad("overlong UTF-8", "json-invalid", text(lambda json: json.encode().replace(b"CONTOH", b"CONT\xc0\xafH", 1))),
    Bad("surrogate in UTF-8", "json-invalid", text(lambda json: json.encode().replace(b"CONTOH", b"\xed\xa0\x80H", 1))),
    Bad("UTF-16", "json-invalid", text(lambda json: json.encode("utf-16"))),
    Bad("lone surrogate", "json-invalid", text(lambda json: json.replace("CONTOH", "\\ud800", 1))),
    Bad("control character in a text", "json-invalid", text(lambda json: json.replace("CONTOH", "\x01", 1))),
    Bad("depth 10 000", "json-invalid", before_title(nested(10_000))),
    Bad("depth 33", "json-invalid", before_title(nested(31))),
    Bad("integer beyond 2^53-1", "json-invalid", retain_days("9007199254740992")),
    Bad("integer below -(2^53-1)", "json-invalid", retain_days("-9007199254740992")),
    Bad("number beyond binary64", "json-invalid", retain_days("1e400")),
    Bad("leading zero", "json-invalid", retain_days("090")),
    Bad("NaN", "json-invalid", retain_days("NaN")),
    Bad("comment", "json-invalid", text(lambda json: "/* x */" + json)),
    Bad("comma at the end", "json-invalid", text(lambda json: json[:-1] + ",}")),
]

SCHEMA = [
    Bad("no header", "schema-invalid", top(header=DROP), pointer=""),
    Bad("no body", "schema-invalid", top(body=DROP), pointer=""),
    Bad("unknown top member", "schema-invalid",
        lambda d: d.token(d.document() | {"ekstra": d.canary}), pointer="/ekstra"),
    Bad("a list", "schema-invalid", text(lambda json: f"[{json}]"), pointer=""),
    Bad("body no object", "schema-invalid", lambda d: d.token({"header": d.header, "body": d.canary}), pointer="/body"),
    Bad("header no object", "schema-invalid",
        lambda d: d.token({"header": [d.canary], "body": d.body}), pointer="/header"),
    Bad("unknown header member", "schema-invalid", canary_header("ekstra"), pointer="/header"),
    Bad("header member missing", "schema-invalid", header(tlp=DROP), pointer="/header"),
    Bad("id missing", "schema-invalid", header(id=DROP), pointer="/header"),
    Bad("sender missing", "schema-invalid", header(sender=DROP), pointer="/header"),
    Bad("hub missing", "schema-invalid", header(hub=DROP), pointer="/header"),
    Bad("type missing", "schema-invalid", header(type=DROP), pointer="/header"),
    Bad("schema missing", "schema-invalid", header(schema=DROP), pointer="/header"),
    Bad("expires missing", "schema-invalid", header(expires=DROP), pointer="/header"),
    Bad("id no UUIDv7", "schema-invalid", canary_header("id"), pointer="/header/id"),
    Bad("sent no time", "schema-invalid", canary_header("sent"), pointer="/header/sent"),
    Bad("sent without offset", "schema-invalid", header(sent="2026-03-04T21:14:05"), pointer="/header/sent"),
    Bad("expires on 30 February", "schema-invalid", header(expires="2026-02-30T10:00:00Z"), pointer="/header/expires"),
    Bad("recipients empty", "schema-invalid", header(recipients=[]), pointer="/header/recipients"),
    Bad("51 recipients", "schema-invalid",
        header(recipients=[f"id-1709.x{n}" for n in range(51)]), pointer="/header/recipients"),
    Bad("recipient twice", "schema-invalid", header(recipients=[TF, TF]), pointer="/header/recipients"),
    Bad("code outside its list", "schema-invalid", canary_header("tlp"), pointer="/header/tlp"),
    Bad("body member missing", "schema-invalid", body(activity=DROP), pointer="/body"),
    Bad("unknown body member", "schema-invalid", canary_body("ekstra"), pointer="/body"),
    Bad("body code outside its list", "schema-invalid", canary_body("state"), pointer="/body/state"),
    Bad("body text too long", "schema-invalid",
        lambda d: d.token(d.document(body={"title": d.canary * 400})), pointer="/body/title"),
    Bad("body member of another type", "schema-invalid", canary_body("reach"), pointer="/body/reach"),
    Bad("bodyDigest with a clear body", "schema-invalid", header(bodyDigest=digest(b"")), pointer="/header"),
    Bad("bodyDigest missing with a sealed body", "schema-invalid",
        header(bodyDigest=DROP), kind="alert", pointer="/header"),
    Bad("unknown type", "schema-unknown", header(type="laporan", schema="laporan/1.0")),
    Bad("unknown major version", "schema-unknown", header(schema="activity-report/2.0")),
    Bad("unknown minor version", "schema-unknown", header(schema="activity-report/1.99")),
]

CONTENT = [
    Bad("another broker's message", "wrong-hub", lambda d: d.token(d.document(header={"hub": unknown_agency(d)}))),
    Bad("another agency's message", "sender-mismatch", lambda d: d.token(
        d.document(header={"sender": POL if d.sender.agency != POL else UPTD}))),
    Bad("sender nobody knows", "sender-mismatch", lambda d: d.token(d.document(header={"sender": unknown_agency(d)}))),
    Bad("sent six minutes ahead", "time-invalid",
        lambda d: d.token(d.document(header={"sent": stamp(minutes=6)})), pointer="/header/sent"),
    Bad("sent 31 days ago", "time-invalid",
        lambda d: d.token(d.document(header={"sent": stamp(days=-31), "expires": stamp(minutes=5)})),
        pointer="/header/sent"),
    Bad("expires in the past", "time-invalid",
        lambda d: d.token(d.document(header={"sent": stamp(hours=-2), "expires": stamp(hours=-1)})),
        pointer="/header/expires"),
    Bad("expires before sent", "time-invalid",
        lambda d: d.token(d.document(header={"expires": stamp(minutes=-1)})), pointer="/header/expires"),
    Bad("expires 31 days after sent", "time-invalid",
        lambda d: d.token(d.document(header={"expires": stamp(days=31)})), pointer="/header/expires"),
    Bad("unknown recipient", "recipient-unknown",
        lambda d: d.token(d.document(header={"recipients": [TF, unknown_agency(d)]}))),
    Bad("unknown fallback", "recipient-unknown",
        lambda d: d.token(d.document(header={"fallback": [unknown_agency(d)]}))),
    Bad("clear P4", "must-be-sealed", header(privacy="P4")),
    Bad("clear P3", "must-be-sealed", header(privacy="P3")),
    Bad("a child, clear", "must-be-sealed", header(child="yes")),
    Bad("a child presumed, clear", "must-be-sealed", header(child="presumed")),
    Bad("class understated below the seal", "must-be-sealed",
        lambda d: d.token(d.clear({"privacy": "P1", "child": "unknown"})), kind="alert"),
    Bad("class understated", "schema-invalid", understated, sender=NGO, pointer="/header/privacy"),
    Bad("attachment that is not here", "attachment-missing",
        header(attachments=[{"digest": digest(b""), "bytes": 17}])),
    Bad("a child without hurry", "rule", header(urgency="Future"), kind="alert", pointer="/header/urgency"),
    Bad("a child without the protection unit", "rule",
        lambda d: d.token(d.sealed(header={"recipients": [POL]}, certificates=d.seals(POL))), kind="alert", sender=NGO,
        pointer="/header/recipients"),
    Bad("P4 that may be passed on", "rule", header(tlp="GREEN"), kind="alert", pointer="/header/tlp"),
    Bad("an address in what is public", "rule",
        lambda d: d.token(d.document(header={"privacy": "P0"}, body={"title": f"CONTOH {d.canary}@contoh.example"})),
        pointer="/body/title"),
    Bad("an answer to what is not there", "lifecycle", header(inReplyTo=uuid7()), pointer="/header/inReplyTo"),
    Bad("a message of others replaced", "lifecycle", header(supersedes=[uuid7()]), pointer="/header/supersedes/0"),
    Bad("nothing cancelled", "lifecycle", header(kind="Cancel"), pointer="/header/kind"),
    Bad("no consent that may be used", "consent",
        header(legalBasis="PDP20-2a", consentRef="C-0000"), pointer="/header/consentRef"),
    Bad("a consent named beside another basis", "consent", header(consentRef="C-0000"), kind="alert",
        pointer="/header/consentRef"),
    Bad("a consent ended that nobody has recorded", "consent", nothing_to_end, pointer="/body/consentRef"),
    Bad("a consent changed that nobody has recorded", "consent",
        of_consent(header={"action": "modify"}), pointer="/body/consentRef"),
    Bad("a consent that ends before it begins", "rule",
        of_consent(body={"until": stamp(hours=-2)}), pointer="/body/until"),
    Bad("a consent of two years", "rule", of_consent(body={"until": stamp(days=730)}), pointer="/body/until"),
    Bad("a consent ended without a word of when", "rule",
        of_consent(header={"action": "withdraw"}), pointer="/body/ended"),
    Bad("a consent with another reference in its header", "rule",
        of_consent(header={"consentRef": "C-0000"}), pointer="/body/consentRef"),
    Bad("a consent overridden by one officer alone", "rule", overridden("Pendamping-01", "Pendamping-01"),
        kind="alert", pointer="/header/consentOverride/approvedBy"),
    Bad("the broker as a recipient of what it does not keep", "recipient-unknown",
        lambda d: d.token(d.document(header={"recipients": [d.hub.id]})), pointer="/header/recipients/0"),
    Bad("no rule allows it", "policy-denied", header(recipients=[FACILITATOR])),
    Bad("one recipient of two that no rule allows", "policy-denied", header(recipients=[TF, FACILITATOR])),
    Bad("a fallback that no rule allows", "policy-denied", header(fallback=[FACILITATOR])),
]

CASES = JSON + SCHEMA + CONTENT
