"""python3 main.py FOLDER URL compose FILE | send [FILE] | receive | follow | outbox"""

import json
import os
import random
import re
import sys
import time
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import store
from agency import Agency, in_date, moment
from jose import Refused, envelope_digest, open_sealed, require, seal, sign, to_json, unverified, verify

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TOLD = ("recalled", "overdue", "escalated", "expired", "bounced")  # what a recipient is told of


def uuid7():
    octets = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    octets[6], octets[8] = 0x70 | octets[6] & 0x0F, 0x80 | octets[8] & 0x3F
    text = octets.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def time_text(**later):
    return (datetime.now(timezone.utc) + timedelta(**later)).isoformat(timespec="milliseconds")


def compose(agency, file):
    """Makes the envelope once and stores it; a document whose id is stored already is not made again."""
    document = json.load(open(file, encoding="utf-8"))
    header, body = document["header"], document["body"]
    header = {
        "id": uuid7(), "schema": f"{header['type']}/1.0", "hub": agency.hub, "sender": agency.id,
        "sent": time_text(), "expires": time_text(days=1)} | header
    require(re.fullmatch(UUID, header["id"]), "no message id")
    path = agency.folder / "store" / "out" / f"{header['id']}.jose"
    if path.exists():
        return path
    # A consent names nobody and is for the broker to read, also where it is a child's.
    about_child = header.get("child") in ("yes", "presumed") and header.get("type") != "consent"
    if header.get("privacy") in ("P3", "P4") or about_child:
        parties = header["recipients"] + header.get("fallback", [])
        certificates = [one for party in parties for one in seal_certificates(agency, party)]
        body, header["bodyDigest"] = seal(body, header, certificates)
    envelope = sign({"header": header, "body": body}, "simpul+jws", agency.sign_key, agency.sign_certificate)
    store.write(path, envelope.encode())
    return path


def seal_certificates(agency, party):
    certificates = agency.trusted(party, "seal").values()
    require(certificates, f"{party} has no seal certificate that can be believed")
    return certificates


def submit(agency, path):
    """Sends the stored octets, and stores the broker's signed word for what became of them."""
    envelope = path.read_text()
    answer = agency.call("POST", "/v1/messages", envelope.encode())
    about = (agency.id, path.stem, envelope_digest(envelope))
    if answer.ok:
        receipt = agency.receipt(answer.text, *about)
        require(receipt["rung"] == "accepted", "no acceptance")
        store.write(path.with_suffix(".receipt"), answer.content)
        print("accepted", path.stem, "at", receipt["at"])
        return
    problem = answer.json()
    print(f"{problem['code']}: {problem['detail']}", file=sys.stderr)
    for fault in problem.get("errors", []):
        print(f"  {fault['pointer']}: {fault['detail']}", file=sys.stderr)
    if "receipt" in problem:  # signed: these octets are refused. Otherwise they stay, and go out with the next send.
        require(agency.receipt(problem["receipt"], *about)["rung"] == "refused", "no refusal")
        store.write(path.with_suffix(".refused"), answer.content)
    sys.exit(1)


def send(agency, file=None):
    out = agency.folder / "store" / "out"
    composed = [compose(agency, file)] if file else []
    waiting = [path for path in sorted(out.glob("*.jose")) if not decided(path) and path not in composed]
    for path in composed + waiting:
        submit(agency, path)


def decided(path):
    return any(path.with_suffix(suffix).exists() for suffix in (".receipt", ".refused"))


def receive(agency):
    """All that waits."""
    failed = False
    while answer := agency.get("/v1/inbox?max=10"):
        for one in answer["deliveries"]:
            failed = not take(agency, one) or failed
    sys.exit(failed)


def take(agency, one):
    """One delivery. What cannot be believed is handed to nobody, and given back for a while."""
    call = f"/v1/deliveries/{one['delivery']}"
    try:
        receipt = handle(agency, one) if "envelope" in one else note(agency, one)
    except Exception as error:
        print(f"not believed: {type(error).__name__} {error}", file=sys.stderr)
        back = to_json({"reason": "not-believed", "retryAfter": 600})
        agency.call("POST", f"{call}/nack", back, "application/json")
        return False
    agency.call("POST", f"{call}/ack", receipt)  # where this fails, it comes again as a repeat
    return True


def follow(agency):
    """What comes, as soon as it comes, until the process is ended. A stream that ends or is silent is opened again."""
    pause = 1
    while True:
        try:
            for one in agency.stream("/v1/inbox/stream?max=10"):
                pause = 1
                take(agency, one)
        except OSError as error:
            print(f"the stream was lost: {type(error).__name__}", file=sys.stderr)
        time.sleep(pause * (0.5 + random.random() / 2))
        pause = min(2 * pause, 60)


def handle(agency, one):
    """Verifies, opens, stores and shows a message; the receipt that it was opened."""
    document, signer = verify(one["envelope"], "simpul+jws", agency.trusted(one["sender"], "sign"))
    header, body = document["header"], document["body"]
    about = (header["sender"], header["id"], envelope_digest(one["envelope"]))
    accepted = agency.receipt(one["receipt"], *about)
    require(accepted["rung"] == "accepted" and in_date(signer, moment(accepted["at"])), "not in date")
    require((one["sender"], one["id"], agency.hub) == (*about[:2], header["hub"]), "not the message delivered")
    require(agency.id in header["recipients"] + header.get("fallback", []), "not meant for us")
    if "ciphertext" in body:
        body = open_sealed(body, header, agency.seal_key, agency.seal_certificate)
    require(re.fullmatch(UUID, header["id"]), "no message id")
    path = agency.folder / "store" / "in" / header["sender"] / f"{header['id']}.json"
    if not path.exists():  # a repeat is acknowledged, and nothing more
        store.write(path, to_json(one))
        print(json.dumps({"header": header, "body": body}, ensure_ascii=False))
    opened = {
        "v": 1, "rung": "opened", "broker": agency.hub, "sender": about[0], "id": about[1], "digest": about[2],
        "at": time_text(), "agency": agency.id, "by": "petugas-piket"}
    return sign(opened, "simpul-receipt+jws", agency.sign_key, agency.sign_certificate).encode()


def note(agency, one):
    """A rung of a message of ours; that one for us is late or taken back; or that another agency is late: stored."""
    require(re.fullmatch(UUID, one["id"]), "no message id")
    claim = unverified(one["receipt"])
    rung = agency.receipt(one["receipt"], claim["sender"], one["id"], claim["digest"])
    ours = rung["sender"] == agency.id
    if not ours:  # recalled: its data may not be used any more, rung["answerBy"] says by when to answer
        about_us = rung["rung"] in TOLD and rung["agency"] == agency.id
        require(about_us or agency.id in rung.get("to", []), "a rung that is not for us")
    folder = agency.folder / "store"
    stored = folder / "out" / f"{one['id']}.jose" if ours else folder / "in" / rung["sender"] / f"{one['id']}.json"
    if ours or rung["rung"] == "recalled" or stored.exists():  # who is late may not have got it yet
        envelope = stored.read_text() if ours else json.loads(stored.read_text())["envelope"]
        require(envelope_digest(envelope) == rung["digest"], "a rung of a message that is not in this store")
    name = ".".join([one["id"], *(str(rung[part]) for part in ("agency", "rung", "clock", "step") if part in rung)])
    store.write(agency.folder / "store" / "rungs" / name, one["receipt"].encode())
    print("rung", rung["rung"], one["id"], "by", rung["agency"])


def outbox(agency):
    """What became of the messages of the last week. A page may be short and yet not the last: `next` says."""
    query = f"since={quote(time_text(days=-7), safe='')}&limit=50"
    cursor = ""
    while cursor is not None:
        page = agency.get(f"/v1/messages?{query}{cursor}")
        for message in page["messages"]:
            about = (agency.id, message["id"], message["digest"])
            for row in message["recipients"]:
                rungs = [agency.receipt(one["receipt"], *about)["rung"] for one in row["rungs"]]
                print(message["id"], message["type"], row["agency"], row["state"], *rungs)
        cursor = page["next"] and f"&cursor={page['next']}"


if __name__ == "__main__":
    commands = {"compose": compose, "send": send, "receive": receive, "follow": follow, "outbox": outbox}
    try:
        done = commands[sys.argv[3]](Agency(sys.argv[1], sys.argv[2]), *sys.argv[4:])
        print(done) if done else None
    except Refused as error:
        sys.exit(f"not done: {error}")
