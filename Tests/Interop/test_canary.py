"""Nothing of a message is in a log, an error, a metric, a state, a clear column or the name of a file (R-29)."""

import http.client
import json
import os
import socket
import subprocess
import tempfile
import unittest
import zlib
from pathlib import Path
from typing import Any

from canaries import Canaries, files, rows
from drafts import Draft
from hub import running
from messages import IMM, NGO, POL, TF, UPTD, activity_report, alert, referral
from simpul_envelope import compact_json, unb64

STATUS_PATHS = ["/status", "/metrics", "/queues", "/readyz", "/healthz", "/", "/events"]


def document(envelope: bytes) -> bytes:
    """The document in an envelope, whoever made it."""
    protected, payload, _ = (unb64(part.decode()) for part in envelope.split(b"."))
    return zlib.decompressobj(-15).decompress(payload) if "zip" in json.loads(protected) else payload


class SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


class Canary(unittest.TestCase):
    """One story: canaries go everywhere that a sender can reach, and then every place that others can read is read."""

    def setUp(self) -> None:
        self.hub = running()
        self.canaries = Canaries()
        self.answers: list[tuple[str, bytes]] = []
        self.named: set[str] = set()
        self.accepted: set[str] = set()
        self.addCleanup(self.hub.close)
        self.hub.drain(IMM, POL, UPTD, NGO, TF)

    def test_nothing_of_a_message_is_where_others_read(self):
        self.good_messages()
        self.bad_header_members()
        self.bad_documents()
        self.bad_tokens()
        self.bad_calls()
        self.command_line()
        self.assertGreater(len(self.canaries.planted), 100)
        self.read_answers()
        self.read_status()
        self.read_log()
        self.read_database()
        self.read_files()

    # Planting

    def post(self, place: str, token: bytes | str, sender: str = IMM) -> int:
        """Submits, and asks for a judgement without submitting; keeps both answers."""
        client = self.hub.client(sender)
        octets = token if isinstance(token, bytes) else token.encode()
        for path in ("/v1/validate", "/v1/messages"):
            answer = client.call("POST", path, octets, Content_Type="application/jose")
            self.answers.append((f"{path}: {place}", answer.body + str(answer.headers).encode()))
        return answer.status

    def good_messages(self) -> None:
        """Sealed and clear messages with a canary in every text of the body go the whole way."""
        for make, sender, recipient, sealed in (
                (alert, IMM, POL, True), (referral, UPTD, NGO, True), (activity_report, IMM, TF, False)):
            header, body = make(self.hub.id, sender, [recipient])
            body = self.canaries.fill(body, f"body of a good {header['type']}")
            if make is referral:
                body["person"]["displayName"] = self.canaries.plant("displayName")
            before = set(self.canaries.planted)
            status = self.post(header["type"], self.hub.client(sender).envelope(header, body, sealed), sender)
            self.assertEqual(status, 201)
            self.accepted |= {word for word in before if word in json.dumps(body)} if not sealed else set()
            receiver = self.hub.client(recipient)
            message = receiver.receive()
            self.assertEqual(message.body, body, "the recipient reads it")
            opened = receiver.own_receipt("opened", message, "PIKET")
            for answer in (
                    receiver.acknowledge(message.delivery, opened), receiver.acknowledge(message.delivery),
                    receiver.state(header["id"], sender), self.hub.client(sender).state(header["id"]),
                    self.hub.client(sender).call("GET", "/v1/messages?state=all")):
                self.answers.append((f"after {header['type']}", answer.body))

    def bad_header_members(self) -> None:
        """Each member of the header holds a canary: instead of its value, too long, and inside of other kinds."""
        names = list(activity_report(self.hub.id, IMM, [TF])[0]) + ["thread", "inReplyTo", "consentRef", "supersedes"]
        for name in names:
            for how, make in (
                    ("text", lambda word: word), ("long", lambda word: (word + " ") * 400),
                    ("list", lambda word: [word]), ("object", lambda word: {word: word})):
                word = self.canaries.plant(f"header/{name} as {how}")
                self.named |= {word} if how == "object" else set()
                draft = Draft(self.hub, self.hub.client(IMM), "report")
                status = self.post(f"header/{name} {how}", draft.token(draft.document(header={name: make(word)})))
                self.assertIn(status, (400, 403, 413, 422), f"{name} {how}")

    def bad_documents(self) -> None:
        def report(place: str, header: dict[str, Any], body: dict[str, Any]) -> None:
            draft = Draft(self.hub, self.hub.client(IMM), "report")
            status = self.post(place, draft.token(draft.document(header=header, body=body)))
            self.assertIn(status, (400, 422), place)

        plant = self.canaries.plant
        unknown = [plant("name of a header member"), plant("name of a body member")]
        self.named |= set(unknown)
        report("unknown members", {unknown[0]: plant("unknown header member")}, {unknown[1]: plant("unknown member")})
        report("too long", {}, {"title": plant("too long a title") * 50})
        report("wrong kind", {}, {"reach": plant("text for an object"), "from": plant("text for a time")})
        report("P4 in the clear", {"privacy": "P4", "tlp": "RED"}, {"title": plant("clear P4")})
        report("public address", {"privacy": "P0"}, {"title": f"{plant('an address')}@contoh.example"})
        draft = Draft(self.hub, self.hub.client(IMM), "alert")
        draft.body = self.canaries.fill(draft.body, "clear body of an alert")
        self.post("an alert in the clear", draft.token(draft.clear()))
        self.post("a sealed member", draft.token(draft.sealed(lambda body: body.update(tag=plant("tag")))))
        self.post("another member", draft.token(draft.sealed(lambda body: body.update(note=plant("beside the seal")))))

    def bad_tokens(self) -> None:
        draft = Draft(self.hub, self.hub.client(IMM), "report")
        plant = self.canaries.plant
        self.post("no token", plant("no token"))
        self.post("no JSON", draft.token(plant("no JSON").encode()))
        self.post("half a document", draft.token(compact_json(draft.document(body={"title": plant("half")}))[:-9]))
        self.post("not compressed", draft.token(payload=plant("not compressed").encode()))
        for name in ("alg", "typ", "zip", "kid", "x5t"):
            self.post(f"parameter {name}", draft.token(protected=draft.protected(**{name: plant(f"parameter {name}")})))

    def bad_calls(self) -> None:
        plant = self.canaries.plant
        client = self.hub.client(IMM)
        for method, path, body, headers in (
                ("GET", f"/v1/messages/{plant('id in a path')}", None, {}),
                ("GET", f"/v1/{plant('path')}", None, {}),
                ("GET", f"/v1/inbox?type={plant('query')}", None, {}),
                ("GET", f"/v1/directory/{plant('agency in a path')}", None, {}),
                ("POST", f"/v1/deliveries/{plant('token in a path')}/ack", b"", {}),
                ("POST", f"/v1/deliveries/{'A' * 22}/nack", json.dumps({"reason": plant("reason")}).encode(), {}),
                ("POST", "/v1/messages", b"x", {"Content_Type": plant("media type")}),
                ("GET", "/v1/whoami", None, {"User_Agent": plant("user agent"), "Accept_Language": plant("language")})):
            answer = client.call(method, path, body, **headers)
            self.answers.append((f"{method} {path.split('kenari')[0]}", answer.body + str(answer.headers).encode()))

    def command_line(self) -> None:
        """The client keeps and says nothing either; its own output of a received message is what it is for."""
        program = Path(os.environ.get("SIMPUL_BIN", "/nowhere")) / "simpul"
        if not program.exists():
            print("skipped: the canaries of the command line need SIMPUL_BIN", flush=True)
            return
        with tempfile.TemporaryDirectory() as folder:
            for faults in ({}, {"tlp": "GREEN"}, {"urgency": self.canaries.plant("urgency of a draft")}):
                header, body = alert(self.hub.id, IMM, [POL], **faults)
                body = self.canaries.fill(body, "draft on the command line")
                draft = Path(folder) / f"{self.canaries.plant('name of a draft')}.json"
                draft.write_text(json.dumps({"header": header, "body": body}))
                profile = self.hub.folder / "agencies" / IMM / "simpul.yaml"
                done = subprocess.run(
                    [program, "--profile", profile, "send", draft], capture_output=True, timeout=60)
                self.assertEqual(done.returncode, 1 if faults else 0, done.stderr)
                # Whoever sends is told the file that they named, with line and column; nobody else is.
                told = (done.stdout + done.stderr).replace(str(draft).encode(), b"the draft")
                self.answers.append((f"simpul send {list(faults)}", told))
        profile = self.hub.folder / "agencies" / POL / "simpul.yaml"
        done = subprocess.run(
            [program, "--profile", profile, "receive", "--ack"], capture_output=True, timeout=60)
        self.assertIn(b"kenari", done.stdout, "the officer reads the message")
        self.answers.append(("simpul receive, standard error", done.stderr))

    # Reading

    def require_none(self, where: str, octets: bytes, allowed: set[str] = frozenset()) -> None:
        found = self.canaries.found_in(octets) - allowed
        self.assertEqual(self.canaries.places(found), [], f"canaries in {where}")

    def read_answers(self) -> None:
        """A name that a sender made up may stand in the place that the sender is told, and nowhere else."""
        for where, octets in self.answers:
            if not self.canaries.found_in(octets) & self.named:
                self.require_none(where, octets)
                continue
            found = json.loads(octets[:octets.rindex(b"}") + 1])
            for fault in found.get("errors", []):
                fault.pop("pointer", None)
            self.require_none(where, json.dumps(found).encode())

    def read_status(self) -> None:
        for path in STATUS_PATHS + [f"/{self.canaries.plant('path of the status socket')}"]:
            connection = SocketConnection(self.hub.folder / "status.sock")
            connection.request("GET", path)
            answer = connection.getresponse()
            self.require_none(f"status socket {path.split('kenari')[0]}", answer.read() + str(answer.headers).encode())
            connection.close()

    def read_log(self) -> None:
        log = self.hub.folder / "daemon.log"
        if not log.exists():
            print("skipped: the hub's folder has no daemon.log", flush=True)
            return
        lines = log.read_bytes()
        self.assertIn(b"Request refused", lines, "the log tells of refusals at all")
        self.require_none("the daemon's log", lines)

    def read_database(self) -> None:
        seen = set()
        for column, octets in rows(self.hub.folder / "data" / "simpul.sqlite"):
            seen.add(column)
            self.require_none(column, octets)
            if column == "messages.envelope":
                self.require_none("an envelope", document(octets), self.accepted)
        self.assertTrue({"messages.envelope", "log.record", "deliveries.agency"} <= seen, seen)

    def read_files(self) -> None:
        """The whole database and its log as octets, what the clients keep, and every name."""
        for path in files(self.hub.folder):
            self.require_none("the name of a file", str(path.relative_to(self.hub.folder)).encode())
            if path.is_file() and not path.name.endswith("-shm"):
                self.require_none(str(path.relative_to(self.hub.folder)), path.read_bytes())


if __name__ == "__main__":
    unittest.main()
