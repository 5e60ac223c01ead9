"""The main job, end to end, told by a client that shares no code with the broker."""

import secrets
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from cryptography import x509
from joserfc import jwe

import bad_documents
import schemas
from bad_envelopes import oversized, spaces
from drafts import Draft
from hub import running
from messages import (
    FACILITATOR, IMM, NGO, POL, SOC, TF, UPTD, activity_report, alert, referral, referral_status, stamp)
from problems import problem
from simpul_client import Client, Message, moment, now
from simpul_envelope import (
    ENVELOPE, Refused, b64, compact_json, deflate, digest, envelope_digest, jose_key, seal, seal_registry, sign,
    thumbprint, verify)

EVERYBODY = [IMM, POL, UPTD, NGO, SOC, TF, FACILITATOR]


class Story(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.hub = running()
        cls.imm, cls.pol, cls.uptd, cls.ngo, cls.soc, cls.tf, _ = map(cls.hub.client, EVERYBODY)
        cls.hub.drain(*EVERYBODY)
        cls.addClassCleanup(cls.hub.close)

    def send(
        self, sender: Client, message: tuple[dict, dict], sealed: bool = True, compress: bool = True
    ) -> tuple[dict, str, str]:
        """Sends a new message: its header, its envelope, the receipt."""
        header, body = message
        self.assertFalse(schemas.faults(header["type"], body))
        envelope = sender.envelope(header, body, sealed, compress)
        response = sender.post(envelope)
        self.assertEqual(response.status, 201, response.text)
        return header, envelope, self.require_accepted(sender, response.text, header, envelope)

    def require_accepted(self, client: Client, token: str, header: dict, envelope: str) -> str:
        receipt = client.broker_receipt(token, "accepted")
        self.assertFalse(schemas.faults("receipt", receipt))
        client.require_about(receipt, header["id"], header["sender"], envelope_digest(envelope))
        self.assertEqual([one["agency"] for one in receipt["recipients"]], header["recipients"])
        self.assertLess(abs((moment(receipt["at"]) - now()).total_seconds()), 60)
        return token

    def receive(self, client: Client, header: dict, receipt: str, body: dict) -> Message:
        """Receives exactly that message, whole and opened."""
        message = client.receive()
        self.assertEqual(message.header | {"bodyDigest": None}, header | {"bodyDigest": None})
        self.assertEqual(message.body, body)
        self.assertEqual(message.attempt, 1)
        self.assertFalse(schemas.faults("header", message.header))
        self.assertFalse(schemas.faults(message.header["type"], message.body))
        client.require_about(client.broker_receipt(receipt, "accepted"), header["id"], header["sender"], message.digest)
        return message

    def rungs(self, client: Client, message: str, sender: str | None = None) -> dict[str, list[str]]:
        """The rungs of each recipient, every receipt among them verified."""
        response = client.state(message, sender)
        self.assertEqual(response.status, 200, response.text)
        state = response.json()
        self.assertLessEqual({"id", "sender", "type", "state", "digest", "recipients"}, set(state))
        for row in state["recipients"]:
            for rung in row["rungs"]:
                self.require_rung(client, state, row["agency"], rung)
        return {row["agency"]: [rung["rung"] for rung in row["rungs"]] for row in state["recipients"]}

    def require_rung(self, client: Client, state: dict, agency: str, rung: dict) -> None:
        try:
            receipt = client.broker_receipt(rung["receipt"], rung["rung"])
        except Refused:
            receipt = client.agency_receipt(rung["receipt"], agency)
        self.assertFalse(schemas.faults("receipt", receipt))
        self.assertEqual(receipt["rung"], rung["rung"])
        client.require_about(receipt, state["id"], state["sender"], state["digest"])
        moment(rung["at"])

    def test_the_story(self):
        """Alert, opened by both; referral to the shelter; accepted; a report to the task force."""
        alert_header = self.tell_alert()
        referral_header = self.tell_referral()
        self.tell_referral_status(referral_header)
        self.tell_report()
        self.assertEqual(self.rungs(self.imm, alert_header["id"])[POL][-1], "opened")

    def tell_alert(self) -> dict:
        message = alert(self.hub.id, IMM, [POL, UPTD])
        header, envelope, receipt = self.send(self.imm, message)
        self.assertEqual(self.rungs(self.imm, header["id"]).keys(), {POL, UPTD})
        by_police = self.receive(self.pol, header, receipt, message[1])
        self.assertEqual(by_police.envelope, envelope)
        opened = self.pol.own_receipt("opened", by_police, "petugas-piket")
        self.assertEqual(self.pol.acknowledge(by_police.delivery, opened).status, 200)
        self.assertEqual(self.pol.acknowledge(by_police.delivery, opened).status, 200, "repeated")
        by_unit = self.receive(self.uptd, header, receipt, message[1])
        self.assertEqual(self.uptd.acknowledge(by_unit.delivery).status, 200)
        self.assertEqual(self.uptd.acknowledge(by_unit.delivery).status, 200, "repeated")
        rungs = self.rungs(self.imm, header["id"])
        self.assertLessEqual({"delivered", "opened"}, set(rungs[POL]))
        self.assertLessEqual({"delivered", "acknowledged"}, set(rungs[UPTD]))
        self.assertEqual(self.rungs(self.pol, header["id"], IMM).keys(), {POL}, "a recipient sees its own row alone")
        return header

    def tell_referral(self) -> dict:
        message = referral(self.hub.id, UPTD, [NGO], fallback=[SOC])
        header, _, receipt = self.send(self.uptd, message)
        self.assertEqual(self.soc.inbox(wait=0), [], "a fallback gets nothing yet")
        at_shelter = self.receive(self.ngo, header, receipt, message[1])
        self.assertEqual(self.ngo.acknowledge(at_shelter.delivery).status, 200)
        return header

    def tell_referral_status(self, about: dict) -> None:
        message = referral_status(self.hub.id, NGO, [UPTD], inReplyTo=about["id"], thread=about["id"])
        header, _, receipt = self.send(self.ngo, message)
        answer = self.receive(self.uptd, header, receipt, message[1])
        self.assertEqual(answer.header["state"], "accepted")
        self.assertEqual(self.uptd.acknowledge(answer.delivery).status, 200)

    def tell_report(self) -> None:
        message = activity_report(self.hub.id, IMM, [TF])
        header, _, receipt = self.send(self.imm, message, sealed=False, compress=False)
        report = self.receive(self.tf, header, receipt, message[1])
        self.assertEqual(self.tf.acknowledge(report.delivery).status, 200)
        self.assertEqual(self.tf.inbox(wait=0), [])

    def test_a_repeated_message_gets_the_first_receipt(self):
        header, envelope, receipt = self.send(self.imm, activity_report(self.hub.id, IMM, [TF]), sealed=False)
        signed_again = sign(
            compact_json({"header": header, "body": self.body_of(envelope)}), self.imm.sign_key,
            self.imm.sign_certificate, ENVELOPE, compress=True)
        self.assertEqual(envelope_digest(signed_again), envelope_digest(envelope))
        self.assertNotEqual(signed_again, envelope)
        for repeated in (envelope, envelope + "\n", envelope + "\r\n", signed_again):
            response = self.imm.post(repeated)
            self.assertEqual((response.status, response.text), (200, receipt))
        self.assertEqual(len(self.hub.drain(TF)), 1)

    def body_of(self, envelope: str) -> dict:
        return verify(envelope, ENVELOPE, lambda thumb: self.imm.sign_certificate, compress=True).document["body"]

    def test_another_content_under_the_same_id(self):
        header, envelope, _ = self.send(self.imm, activity_report(self.hub.id, IMM, [TF]), sealed=False)
        other = self.imm.envelope(header | {"retainDays": 91}, self.body_of(envelope), sealed=False)
        response = self.imm.post(other)
        problem(response, 409, "id-conflict")
        self.assertIn(envelope_digest(envelope), response.text)
        self.assertIn(envelope_digest(other), response.text)
        self.assertEqual(len(self.hub.drain(TF)), 1)

    def test_two_senders_may_use_one_id(self):
        header, _, _ = self.send(self.imm, activity_report(self.hub.id, IMM, [TF]), sealed=False)
        self.send(self.pol, activity_report(self.hub.id, POL, [TF], id=header["id"]), sealed=False)
        self.assertEqual(len(self.hub.drain(TF)), 2)

    def test_one_line_end_after_the_envelope_is_no_part_of_it(self):
        for end in (b"\n", b"\r\n"):
            draft = Draft(self.hub, self.imm, "report")
            self.assertEqual(self.imm.post(draft.good() + end).status, 201)
        self.assertEqual(len(self.hub.drain(TF)), 2)

    def test_what_is_just_within_the_limits_passes(self):
        for name, make in (
            ("document of 1 MiB", spaces(1024 * 1024)),
            ("envelope of 256 KiB", oversized(256 * 1024 - 3)),
            ("sent four minutes ahead", bad_documents.header(sent=stamp(minutes=4))),
            ("expires after 30 days", bad_documents.header(sent=stamp(), expires=stamp(days=30, seconds=-1))),
        ):
            with self.subTest(name):
                response = self.imm.post(make(Draft(self.hub, self.imm, "report")))
                self.assertEqual(response.status, 201, response.text)
        self.assertEqual(len(self.hub.drain(TF)), 4)

    def test_the_largest_sealed_body_passes(self):
        draft = Draft(self.hub, self.imm, "alert")
        draft.body["description"] = b64(secrets.token_bytes(64_000))
        self.imm.send(draft.good().decode(), draft.id)
        message = self.pol.receive()
        self.assertEqual(message.body, draft.body)
        self.pol.acknowledge(message.delivery)
        self.hub.drain(UPTD)

    def test_one_recipient_may_be_sealed_for_in_flattened_form(self):
        header, body = alert(self.hub.id, IMM, [POL])
        sealed, body_digest = seal(body, header["id"], IMM, self.imm.seal_certificates(POL))
        flattened = sealed | sealed["recipients"][0]
        del flattened["recipients"]
        self.assertEqual(self.sent_sealed(header, flattened, body_digest).body, body)

    def test_the_parameters_of_a_seal_may_stand_in_protected(self):
        header, body = alert(self.hub.id, IMM, [POL])
        certificate, = self.imm.seal_certificates(POL)
        document = {"id": header["id"], "sender": IMM, "salt": b64(bytes(16)), "body": body}
        plaintext = deflate(compact_json(document)).ljust(512, b"\0")
        parameters = {"enc": "A256GCM", "alg": "ECDH-ES+A256KW", "kid": thumbprint(certificate)}
        sealed = jwe.FlattenedJSONEncryption(parameters, plaintext)
        sealed.add_recipient({}, jose_key(certificate.public_key()))
        flattened = jwe.encrypt_json(sealed, None, registry=seal_registry())
        self.assertEqual(self.sent_sealed(header, flattened, digest(plaintext)).body, body)

    def sent_sealed(self, header: dict, sealed: dict, body_digest: str) -> Message:
        """Sends a body that was sealed by hand to the police, and gives what they receive."""
        document = compact_json({"header": header | {"bodyDigest": body_digest}, "body": sealed})
        envelope = sign(document, self.imm.sign_key, self.imm.sign_certificate, ENVELOPE)
        self.imm.send(envelope, header["id"])
        message = self.pol.receive()
        self.pol.acknowledge(message.delivery)
        return message

    def test_bodies_of_similar_size_give_sealed_bodies_of_equal_length(self):
        certificates = self.imm.seal_certificates(POL)
        bodies = ({"narrative": text} for text in ("CONTOH FIKTIF.", "CONTOH FIKTIF. Tiga orang muda, malam ini."))
        lengths = {len(seal(body, "x", IMM, certificates)[0]["ciphertext"]) for body in bodies}
        self.assertEqual(len(lengths), 1)

    def test_a_lifted_sealed_body_is_refused_by_the_recipient(self):
        """The protection unit signs immigration's sealed body as its own: the broker cannot tell, the police can."""
        header, envelope, _ = self.send(self.imm, alert(self.hub.id, IMM, [POL, UPTD]))
        body = self.body_of(envelope)
        body_digest = self.pol.receive().header["bodyDigest"]
        police = {thumbprint(one) for one in self.uptd.seal_certificates(POL)}
        lifted = body | {"recipients": [one for one in body["recipients"] if one["header"]["kid"] in police]}
        own = alert(self.hub.id, UPTD, [POL], bodyDigest=body_digest)[0]
        self.hub.drain(UPTD)
        document = compact_json({"header": own, "body": lifted})
        self.uptd.send(sign(document, self.uptd.sign_key, self.uptd.sign_certificate, ENVELOPE), own["id"])
        deliveries = self.pol.inbox(wait=5)
        with self.assertRaisesRegex(Refused, "another sender"):
            self.pol.open(deliveries[0])
        self.pol.acknowledge(deliveries[0]["delivery"])

    def test_the_directory_is_endorsed(self):
        directory = self.imm.directory
        self.assertEqual(directory["broker"]["id"], self.hub.id)
        self.assertLessEqual(set(EVERYBODY), {entry["id"] for entry in directory["agencies"]})
        for entry in directory["agencies"]:
            with self.subTest(entry["id"]):
                self.assertLessEqual({"id", "name", "roles", "certificates"}, set(entry))
                self.assertEqual(set(entry["name"]), {"id", "en"})
                self.require_certificates(entry)
                self.assertTrue(self.imm.endorsed(entry["id"], "seal"))
                self.assertEqual(self.imm.get(f"/v1/directory/{entry['id']}")["id"], entry["id"])
        problem(self.imm.call("GET", "/v1/directory/id-1709.tidak-ada"), 404, "not-found")

    def require_certificates(self, entry: dict) -> None:
        for one in entry["certificates"]:
            self.assertLessEqual({"use", "x5t#S256", "pem", "from", "until"}, set(one))
            certificate = x509.load_pem_x509_certificate(one["pem"].encode())
            self.assertEqual(one["x5t#S256"], thumbprint(certificate))
            self.assertLess(moment(one["from"]), moment(one["until"]))
        known = [thumbprint(one) for one in self.imm.known[entry["id"]]]
        listed = [one["x5t#S256"] for one in entry["certificates"] if one["use"] == "sign"]
        self.assertEqual(known, listed, "known/ and directory")

    def test_an_endorsement_of_another_agency_is_not_enough(self):
        entry = next(one for one in self.imm.directory["agencies"] if one["id"] == POL)
        seal_entry = next(one for one in entry["certificates"] if one["use"] == "seal")
        certificate = x509.load_pem_x509_certificate(seal_entry["pem"].encode())
        self.imm.require_endorsement(seal_entry["endorsement"], POL, "seal", certificate)
        for agency, use in ((UPTD, "seal"), (POL, "sign")):
            with self.assertRaises(Refused):
                self.imm.require_endorsement(seal_entry["endorsement"], agency, use, certificate)

    def test_whoami(self):
        me = self.imm.whoami()
        self.assertEqual((me["agency"], me["roles"]), (IMM, ["IMM"]))
        self.assertLess(abs((moment(me["time"]) - now()).total_seconds()), 60)
        self.assertEqual(moment(me["certificateExpires"]), self.imm.pair("tls")[1].not_valid_after_utc)

    def test_an_empty_inbox_answers_after_the_wait(self):
        started = time.monotonic()
        response = self.soc.call("GET", "/v1/inbox?wait=1")
        self.assertEqual((response.status, response.body), (204, b""))
        self.assertTrue(0.9 <= time.monotonic() - started < 3)

    def test_a_waiting_call_ends_with_the_message(self):
        waiting = Client(self.tf.folder, self.hub.url)
        self.addCleanup(waiting.close)
        waiting.whoami()
        with ThreadPoolExecutor(1) as threads:
            found = threads.submit(waiting.inbox, wait=20)
            time.sleep(0.2)
            started = time.monotonic()
            header, _, _ = self.send(self.imm, activity_report(self.hub.id, IMM, [TF]), sealed=False)
            self.assertEqual([one["id"] for one in found.result()], [header["id"]])
        self.assertLess(time.monotonic() - started, 5)
        self.tf.acknowledge(found.result()[0]["delivery"])

    def test_the_inbox_gives_one_type_where_asked(self):
        self.send(self.imm, alert(self.hub.id, IMM, [UPTD]))
        self.send(self.ngo, referral(self.hub.id, NGO, [UPTD]))
        deliveries = self.uptd.inbox(wait=0, max=10, type="referral")
        self.assertEqual([one["sender"] for one in deliveries], [NGO])
        self.uptd.acknowledge(deliveries[0]["delivery"])
        self.assertEqual(len(self.hub.drain(UPTD)), 1)


if __name__ == "__main__":
    unittest.main()
