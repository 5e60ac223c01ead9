"""The calls beside the main one: batches, dry runs, the outbox, leases that end or go on, receipts and rungs."""

import json
import shutil
import socket
import subprocess
import time
import unittest
from urllib.parse import quote

from drafts import Draft
from hub import running
from messages import IMM, NGO, POL, TF, UPTD, consent, referral, referral_status, uuid7, withdrawn
from problems import problem, refusal
from simpul_client import Client, moment
from simpul_envelope import b64, envelope_digest, unb64

LINES = "application/jose-lines"


class Surface(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.hub = running()
        cls.imm, cls.pol, cls.uptd, cls.ngo, cls.tf = map(cls.hub.client, (IMM, POL, UPTD, NGO, TF))
        cls.addClassCleanup(cls.hub.close)

    def setUp(self):
        self.hub.drain(POL, NGO, TF, UPTD, IMM, UPTD)  # senders after those who make rungs for them

    def report(self) -> Draft:
        return Draft(self.hub, self.imm, "report")

    def alert(self) -> Draft:
        """A sealed alert to the police and the protection unit that the broker has accepted."""
        draft = Draft(self.hub, self.imm, "alert")
        self.imm.send(draft.good().decode(), draft.id)
        return draft


class Batches(Surface):
    def post(self, body: bytes, status: int = 200) -> list[dict]:
        response = self.imm.call("POST", "/v1/messages", body, Content_Type=LINES)
        self.assertEqual((response.status, response.media_type), (status, "application/x-ndjson"))
        self.assertTrue(response.text == "" or response.text.endswith("\n"))
        return [json.loads(line) for line in response.text.splitlines()]

    def test_each_line_stands_alone_and_is_answered_in_its_place(self):
        drafts = [self.report() for _ in range(3)]
        good = [draft.good() for draft in drafts]
        answers = self.post(b"\n".join([good[0], b"abc", good[1], b"", good[0], good[2] + b"\r", good[2]]))
        self.assertEqual([one["status"] for one in answers], [201, 400, 201, 400, 200, 400, 201])
        for answer, token in [(answers[0], good[0]), (answers[2], good[1]), (answers[6], good[2])]:
            receipt = self.imm.broker_receipt(answer["receipt"], "accepted")
            self.assertEqual(receipt["digest"], envelope_digest(token.decode()))
        self.assertEqual(answers[4]["receipt"], answers[0]["receipt"])
        self.assertEqual(answers[1]["problem"]["code"], "not-jose")
        self.imm.broker_receipt(answers[1]["problem"]["receipt"], "refused")
        self.assertEqual(len(self.hub.drain(TF)), 3)

    def test_nothing_is_answered_with_nothing_and_the_last_line_end_is_optional(self):
        self.assertEqual(self.post(b""), [])
        good = self.report().good()
        self.assertEqual([one["status"] for one in self.post(good + b"\n" + good)], [201, 200])

    def test_a_line_too_many_is_told_in_its_place_and_the_rest_is_not_read(self):
        good = self.report().good()
        answers = self.post((good + b"\n") * 502)
        self.assertEqual([one["status"] for one in answers[1:]], [200] * 499 + [413])
        self.assertEqual(answers[-1]["problem"]["code"], "too-large")

    def test_a_line_too_long_is_refused_alone(self):
        good = self.report().good()
        answers = self.post(b"a" * 300_000 + b"\n" + good)
        self.assertEqual([one["status"] for one in answers], [413, 201])

    def test_a_batch_too_large_is_refused_before_it_is_read(self):
        body = (b"a" * 1000 + b"\n") * 9000
        refusal(self.imm.call("POST", "/v1/messages", body, Content_Type=LINES), "too-large", self.imm, [])

    def test_a_problem_speaks_the_language_that_was_asked_for(self):
        response = self.imm.call("POST", "/v1/messages", b"abc", Content_Type=LINES, Accept_Language="id")
        self.assertIn("JWS ringkas", json.loads(response.text)["problem"]["title"])

    def test_a_line_is_answered_before_the_next_one_is_sent(self):
        tls = self.imm.tls_context.wrap_socket(
            socket.create_connection((self.imm.address.hostname, self.imm.address.port), timeout=10),
            server_hostname=self.imm.address.hostname)
        with tls:
            tls.sendall(
                f"POST /v1/messages HTTP/1.1\r\nHost: hub\r\nContent-Type: {LINES}\r\n"
                "Transfer-Encoding: chunked\r\n\r\n".encode())
            seen = b""
            for count in (1, 2):
                line = self.report().good() + b"\n"
                tls.sendall(f"{len(line):x}\r\n".encode() + line + b"\r\n")
                while seen.count(b'"status":201') < count:
                    seen += tls.recv(65536)
            tls.sendall(b"0\r\n\r\n")
            while not seen.endswith(b"0\r\n\r\n"):
                seen += tls.recv(65536)
        self.assertIn(b"200 OK", seen)


    def test_a_batch_too_long_is_answered_to_its_end_though_the_client_goes_on(self):
        tls = self.imm.tls_context.wrap_socket(
            socket.create_connection((self.imm.address.hostname, self.imm.address.port), timeout=20),
            server_hostname=self.imm.address.hostname)
        lines = (self.report().good() + b"\n") * 501
        with tls:
            tls.sendall(
                f"POST /v1/messages HTTP/1.1\r\nHost: hub\r\nContent-Type: {LINES}\r\n"
                "Transfer-Encoding: chunked\r\n\r\n".encode())
            tls.sendall(f"{len(lines):x}\r\n".encode() + lines + b"\r\n")
            seen = b""
            while not seen.endswith(b"0\r\n\r\n"):
                self.assertTrue(part := tls.recv(65536), "closed before the end of the answer")
                seen += part
        self.assertEqual((seen.count(b'{"status":20'), seen.count(b'{"status":413')), (500, 1))


class DryRuns(Surface):
    def validate(self, token: bytes):
        return self.imm.call("POST", "/v1/validate", token, Content_Type="application/jose")

    def test_what_would_be_refused_gets_the_same_problem_without_a_receipt(self):
        draft = self.report()
        token = draft.token(draft.document(header={"hub": "id-1710.simpul"}))
        found = problem(self.validate(token), 422, "wrong-hub")
        self.assertNotIn("receipt", found)
        refusal(self.imm.post(token), "wrong-hub", self.imm, [draft.canary], token)

    def test_what_would_be_accepted_is_told_with_its_rules_and_not_stored(self):
        draft = self.report()
        token = draft.good()
        found = self.validate(token).json()
        self.assertTrue(found["valid"] and not found["repeated"])
        self.assertEqual([one["agency"] for one in found["decisions"]], [TF])
        problem(self.imm.state(draft.id), 404, "not-found")
        self.assertEqual(self.imm.post(token).status, 201)
        self.assertTrue(self.validate(token).json()["repeated"])

    def test_another_type_of_body_is_refused(self):
        problem(self.imm.call("POST", "/v1/validate", b"{}", Content_Type="application/json"), 415, "media-type")


class Outbox(Surface):
    def pages(self, query: str) -> list[dict]:
        found, cursor = [], ""
        while True:
            page = self.imm.get(f"/v1/messages?{query}{cursor}")
            found += page["messages"]
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"

    def test_pages_follow_each_other_in_the_order_of_acceptance(self):
        started = self.imm.whoami()["time"]
        sent = [self.alert().id for _ in range(3)]
        for since in (quote(started), started):
            self.assertEqual([one["id"] for one in self.pages(f"since={since}&limit=1")], sent)
        first = self.imm.get(f"/v1/messages?since={quote(started)}&limit=1")["messages"][0]
        self.assertEqual(first, self.imm.state(sent[0]).json())
        self.assertEqual({row["agency"] for row in first["recipients"]}, {POL, UPTD})

    def test_a_state_that_is_asked_for_is_the_least_advanced_one(self):
        started = self.imm.whoami()["time"]
        draft = self.alert()
        message = self.pol.receive()
        self.assertEqual(self.pol.acknowledge(message.delivery).status, 200)
        query = f"since={quote(started)}&state="
        self.assertEqual([one["id"] for one in self.pages(query + "waiting")], [draft.id])
        self.assertEqual(self.pages(query + "acknowledged"), [])
        self.uptd.acknowledge(self.uptd.receive().delivery)
        self.assertEqual([one["id"] for one in self.pages(query + "acknowledged")], [draft.id])

    def test_nobody_elses_messages_are_seen(self):
        draft = self.alert()
        self.assertNotIn(draft.id, [one["id"] for one in self.pol.get("/v1/messages?limit=100")["messages"]])

    def test_bad_parameters_are_refused(self):
        for query in ("state=lost", "since=yesterday", "limit=0", "limit=101", "cursor=x", "cursor=", "page=2",
                      "since=%", "cursor=AAAAAAAAAA%3D", "cursor=__________8", "cursor=gAAAAAAAAAA", "limit=%-01"):
            with self.subTest(query):
                problem(self.imm.call("GET", f"/v1/messages?{query}"), 400, "parameter-refused")


class Leases(Surface):
    def change(self, client: Client, token: str, what: str, body: bytes, kind: str = "application/json"):
        return client.call("POST", f"/v1/deliveries/{token}/{what}", body, Content_Type=kind)

    def test_a_delivery_given_back_comes_again_at_once(self):
        self.alert()
        message = self.pol.receive()
        self.assertEqual(self.change(self.pol, message.delivery, "nack", b'{"reason":"busy"}').status, 200)
        problem(self.pol.acknowledge(message.delivery), 409, "lease-expired")
        problem(self.change(self.pol, message.delivery, "nack", b"{}"), 409, "lease-expired")
        self.assertEqual(self.pol.receive().attempt, 2)

    def test_a_delivery_given_back_for_a_while_waits_that_long(self):
        draft = self.alert()
        message = self.pol.receive()
        self.assertEqual(self.change(self.pol, message.delivery, "nack", b'{"retryAfter":2}').status, 200)
        self.assertEqual(self.pol.inbox(wait=0), [])
        row = self.pol.state(draft.id, IMM).json()["recipients"][0]
        self.assertEqual((row["state"], row["reason"]), ("backing-off", "backing-off"))
        before = time.monotonic()
        self.assertEqual(self.pol.receive(wait=10).attempt, 2)
        self.assertLess(time.monotonic() - before, 8)

    def test_a_lease_goes_on_as_long_as_is_asked_for(self):
        self.alert()
        message = self.pol.receive(lease=2)
        answer = self.change(self.pol, message.delivery, "extend", b'{"lease":30}')
        self.assertEqual(answer.status, 200, answer.text)
        end = moment(answer.json()["leaseUntil"])
        self.assertGreater((end - moment(self.pol.whoami()["time"])).total_seconds(), 25)
        self.assertEqual(self.pol.inbox(wait=3), [])
        self.assertEqual(self.pol.acknowledge(message.delivery).status, 200)
        problem(self.change(self.pol, message.delivery, "extend", b'{"lease":30}'), 409, "lease-expired")

    def test_bad_documents_are_refused_with_their_place(self):
        self.alert()
        token = self.pol.receive().delivery
        for what, body, status, code, pointer in [
            ("nack", b"{", 400, "json-invalid", None), ("nack", b"[]", 422, "schema-invalid", ""),
            ("nack", b'{"reason":"Ibu Contoh"}', 422, "schema-invalid", "/reason"),
            ("nack", b'{"retryAfter":3601}', 422, "schema-invalid", "/retryAfter"),
            ("nack", b'{"retryAfter":-1}', 422, "schema-invalid", "/retryAfter"),
            ("nack", b'{"later":1}', 422, "schema-invalid", "/later"),
            ("nack", b'{"reason":"a","reason":"b"}', 400, "json-invalid", None),
            ("extend", b"{}", 422, "schema-invalid", ""), ("extend", b'{"lease":301}', 422, "schema-invalid", "/lease"),
            ("extend", b'{"lease":"9"}', 422, "schema-invalid", "/lease"),
        ]:
            with self.subTest(f"{what} {body.decode()}"):
                found = problem(self.change(self.pol, token, what, body), status, code)
                self.assertEqual([fault["pointer"] for fault in found.get("errors", [])], [pointer] * (pointer is not None))
        problem(self.change(self.pol, token, "nack", b"{}", "text/plain"), 415, "media-type")
        problem(self.change(self.pol, token, "nack", b" " * 5000), 413, "too-large")
        problem(self.change(self.uptd, token, "nack", b"{}"), 404, "not-found")
        problem(self.change(self.pol, b64(bytes(16)), "extend", b'{"lease":1}'), 404, "not-found")
        self.assertEqual(self.pol.acknowledge(token).status, 200)


class Consents(Surface):
    def grant(self) -> str:
        """A consent of the protection unit that covers the shelter: its reference."""
        header, body = consent(self.hub.id, UPTD, [self.hub.id])
        self.uptd.send(self.uptd.envelope(header, body, False), header["id"])
        row = self.uptd.state(header["id"]).json()["recipients"][0]
        self.assertEqual((row["agency"], row["state"]), (self.hub.id, "acknowledged"))
        receipt = self.uptd.broker_receipt(row["rungs"][-1]["receipt"], "acknowledged")
        self.assertEqual(receipt["by"], "system")
        return body["consentRef"]

    def refer(self, reference: str, **members):
        header, body = referral(self.hub.id, UPTD, [NGO], legalBasis="PDP20-2a", consentRef=reference, **members)
        return header["id"], self.uptd.post(self.uptd.envelope(header, body, True))

    def withdraw(self, reference: str) -> None:
        header, body = withdrawn(self.hub.id, UPTD, reference)
        self.uptd.send(self.uptd.envelope(header, body, False), header["id"])

    def recalled(self, client: Client) -> list[dict]:
        receipts = [one["receipt"] for one in client.inbox(type="receipt", max=100)]
        stated = [json.loads(unb64(one.split(".")[1])) for one in receipts]
        return [
            client.broker_receipt(one, "recalled") for one, said in zip(receipts, stated) if said["rung"] == "recalled"]

    def test_what_a_consent_does_not_cover_is_refused_with_its_place(self):
        reference = self.grant()
        self.assertEqual(self.refer(reference)[1].status, 201)
        _, response = self.refer(reference, purpose="VICTIM_SAFETY")
        found = problem(response, 422, "consent")
        self.assertEqual([fault["pointer"] for fault in found["errors"]], ["/header/purpose"])
        header, body = consent(self.hub.id, UPTD, [self.hub.id])
        again = self.uptd.post(self.uptd.envelope(header, body | {"consentRef": reference}, False))
        self.assertEqual(problem(again, 422, "consent")["errors"][0]["pointer"], "/body/consentRef")

    def test_what_waits_when_a_consent_is_withdrawn_is_given_to_nobody(self):
        reference = self.grant()
        message, _ = self.refer(reference)
        self.withdraw(reference)
        self.assertEqual(self.ngo.inbox(), [])
        told = self.recalled(self.uptd)
        self.assertEqual([(one["id"], one["agency"], one["cause"]) for one in told], [
            (message, NGO, "consent-withdrawn")])
        self.assertNotIn("answerBy", told[0])
        self.assertEqual(self.uptd.state(message).json()["state"], "recalled")
        problem(self.refer(reference)[1], 422, "consent")

    def test_who_has_a_message_is_told_when_its_consent_is_withdrawn(self):
        reference = self.grant()
        message, _ = self.refer(reference)
        delivery = self.ngo.receive().delivery
        self.withdraw(reference)
        told = self.recalled(self.ngo)
        self.assertEqual([(one["id"], one["sender"], one["agency"]) for one in told], [(message, UPTD, NGO)])
        self.assertIn("answerBy", told[0])
        self.assertEqual(len(self.recalled(self.uptd)), 1)
        self.assertEqual(self.ngo.acknowledge(delivery).status, 200)
        row = self.ngo.state(message, UPTD).json()["recipients"][0]
        self.assertEqual((row["state"], row["rungs"][-1]["rung"]), ("recalled", "acknowledged"))


class Rungs(Surface):
    def tell(self, client: Client, sender: str, message: str, receipt: str):
        return client.call(
            "POST", f"/v1/messages/{sender}/{message}/receipts", receipt.encode(), Content_Type="application/jose")

    def rungs(self, client: Client) -> list[tuple[str, str]]:
        """What waits for a sender: the message and the rung of each, settled."""
        found = []
        for one in client.inbox(type="receipt", max=100):
            self.assertNotIn("envelope", one)
            payload = json.loads(unb64(one["receipt"].split(".")[1]))
            found.append((one["id"], payload["rung"]))
            self.assertEqual(client.acknowledge(one["delivery"]).status, 200)
            self.assertEqual(client.acknowledge(one["delivery"]).status, 200)
        return found

    def test_a_sender_learns_each_step_of_its_message_and_settles_it_without_a_receipt(self):
        draft = self.alert()
        message = self.pol.receive()
        self.assertEqual(self.pol.acknowledge(message.delivery).status, 200)
        one = self.imm.inbox(max=1)[0]
        self.assertEqual(set(one), {"delivery", "id", "attempt", "leaseUntil", "receipt"})
        receipt = self.imm.broker_receipt(one["receipt"], "delivered")
        self.imm.require_about(receipt, draft.id, IMM, message.digest)
        problem(self.imm.acknowledge(one["delivery"], self.imm.own_receipt("opened", message, "PIKET")), 404, "not-found")
        self.assertEqual(self.imm.acknowledge(one["delivery"]).status, 200)
        self.assertEqual(self.rungs(self.imm), [(draft.id, "acknowledged")])
        self.assertEqual(self.imm.inbox(), [])

    def test_an_officers_receipt_may_come_at_any_time_and_rises_only(self):
        draft = self.alert()
        message = self.pol.receive()
        self.pol.acknowledge(message.delivery)
        opened = self.pol.own_receipt("opened", message, "PIKET")
        self.assertEqual(self.tell(self.pol, IMM, draft.id, opened).status, 200)
        self.assertEqual(self.tell(self.pol, IMM, draft.id, opened).status, 200)
        lower = self.pol.own_receipt("acknowledged", message, "SISTEM")
        self.assertEqual(self.tell(self.pol, IMM, draft.id, lower).status, 200)
        self.assertEqual([rung for _, rung in self.rungs(self.imm)], ["delivered", "acknowledged", "opened"])
        state = self.imm.state(draft.id).json()["recipients"]
        self.assertEqual({row["agency"]: row["state"] for row in state}, {POL: "opened", UPTD: "waiting"})
        token = [rung["receipt"] for row in state for rung in row["rungs"] if rung["rung"] == "opened"][0]
        self.assertEqual(token, opened)
        self.imm.agency_receipt(token, POL)

    def test_receipts_that_say_something_else_are_refused(self):
        draft = self.alert()
        message = self.pol.receive()
        opened = self.pol.own_receipt("opened", message, "PIKET")
        problem(self.tell(self.pol, IMM, uuid7(), opened), 404, "not-found")
        problem(self.tell(self.ngo, IMM, draft.id, opened), 404, "not-found")
        problem(self.tell(self.imm, IMM, draft.id, opened), 404, "not-found")
        problem(self.tell(self.uptd, IMM, draft.id, opened), 403, "signer-unknown")
        problem(self.tell(self.pol, IMM, draft.id, ""), 400, "not-jose")
        problem(self.tell(self.pol, IMM, draft.id, "a.b.c"), 400, "not-jose")
        other = self.pol.own_receipt("opened", message, "PIKET", id=uuid7())
        problem(self.tell(self.pol, IMM, draft.id, other), 403, "sender-mismatch")
        broker = self.pol.own_receipt("delivered", message, "PIKET")
        problem(self.tell(self.pol, IMM, draft.id, broker), 403, "sender-mismatch")

    def test_an_answer_of_the_recipient_makes_its_rung(self):
        header, body = referral(self.hub.id, UPTD, [NGO])
        self.uptd.send(self.uptd.envelope(header, body, True), header["id"])
        self.ngo.acknowledge(self.ngo.receive().delivery)
        for state, rung in (("received", "acknowledged"), ("accepted", "answered")):
            reply, text = referral_status(self.hub.id, NGO, [UPTD], inReplyTo=header["id"], state=state)
            self.ngo.send(self.ngo.envelope(reply, text, True), reply["id"])
            row = self.uptd.state(header["id"]).json()["recipients"][0]
            self.assertEqual((row["state"], row["rungs"][-1]["rung"]), (rung, rung))
        late, text = referral_status(self.hub.id, NGO, [UPTD], inReplyTo=header["id"], state="received")
        found = problem(self.ngo.post(self.ngo.envelope(late, text, True)), 422, "lifecycle")
        self.assertEqual([fault["pointer"] for fault in found["errors"]], ["/header/state"])
        self.assertIn("in-progress", found["detail"])
        answered = self.uptd.broker_receipt(row["rungs"][-1]["receipt"], "answered")
        self.assertEqual((answered["agency"], answered["state"]), (NGO, "accepted"))
        self.assertEqual((answered["message"]["id"], answered["message"]["sender"]), (reply["id"], NGO))


class Descriptions(Surface):
    def test_every_schema_that_is_listed_is_there(self):
        listed = self.imm.get("/v1/schemas")
        self.assertIn({"type": "alert", "major": 1, "minor": 0, "schema": "alert/1.0", "href": "/v1/schemas/alert/1"},
                      listed["schemas"])
        for one in listed["schemas"] + listed["parts"]:
            self.assertTrue(self.imm.get(one["href"])["$id"].startswith("urn:simpul:schema:"))
        for path in ("alert/2", "lain/1", "alert/1.json", "../openapi"):
            problem(self.imm.call("GET", f"/v1/schemas/{path}"), 404, "not-found")

    def test_the_api_describes_itself(self):
        self.assertTrue(self.imm.get("/v1/openapi.json")["openapi"].startswith("3.1"))


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class HTTP2(Surface):
    def curl(self, *arguments: str, body: bytes = b"") -> tuple[str, bytes, float]:
        ended = subprocess.run(
            ["curl", "-sS", "--http2", "-m", "20", "--cacert", "ca.pem", "--cert", "tls.pem", "--key", "tls.key",
             "-o", "-", "-w", "\n%{http_version} %{http_code} %{time_total}", *arguments],
            input=body, cwd=self.imm.folder, capture_output=True, check=True)
        answer, _, line = ended.stdout.rpartition(b"\n")
        version, status, seconds = line.decode().split()
        return f"{version} {status}", answer, float(seconds)

    def url(self, path: str) -> str:
        return f"https://{self.imm.address.netloc}{path}"

    def test_submissions_batches_problems_and_long_polls(self):
        good = self.report().good()
        post = ["--data-binary", "@-", "-H"]
        kind, answer, _ = self.curl(*post, "Content-Type: application/jose", self.url("/v1/messages"), body=good)
        self.assertEqual(kind, "2 201")
        lines = good + b"\nabc\n" + self.report().good()
        kind, answer, _ = self.curl(*post, f"Content-Type: {LINES}", self.url("/v1/messages"), body=lines)
        self.assertEqual(kind, "2 200")
        self.assertEqual([json.loads(line)["status"] for line in answer.splitlines()], [200, 400, 201])
        kind, answer, _ = self.curl(self.url("/v1/nothing"))
        self.assertEqual((kind, json.loads(answer)["code"]), ("2 404", "not-found"))
        kind, _, seconds = self.curl(self.url("/v1/inbox?wait=1"))
        self.assertEqual(kind, "2 204")
        self.assertGreater(seconds, 0.9)

    def test_a_body_that_waits_to_be_invited_is_invited_at_once(self):
        for version in ("--http2", "--http1.1"):
            _, _, seconds = self.curl(
                version, "-H", "Expect: 100-continue", "-H", f"Content-Type: {LINES}", "--data-binary", "@-",
                self.url("/v1/messages"), body=(b"x" * 999 + b"\n") * 40)
            self.assertLess(seconds, 0.9, "curl has waited its second out")


if __name__ == "__main__":
    unittest.main()
