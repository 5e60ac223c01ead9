"""Every bad envelope gets exactly its status and code, in a problem with a signed refusal, and leaves nothing else."""

import itertools
import unittest

import bad_documents
import bad_envelopes
import bad_seals
from bad_envelopes import Bad
from drafts import Draft
from hub import running
from messages import IMM, NGO, POL, SOC, TF, UPTD
from problems import problem, refusal
from simpul_envelope import envelope_digest

SENDERS = [IMM, POL, UPTD, NGO, SOC]
"""The cases take turns, since a broker may sign only so many refusals a minute for one agency."""


class BadInputs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.hub = running()
        cls.hub.drain(*SENDERS, TF)
        cls.addClassCleanup(cls.hub.close)

    def run_table(self, table: list[Bad]) -> None:
        accepted = set()
        for case, sender in zip(table, itertools.cycle(SENDERS)):
            with self.subTest(case.name):
                accepted.add(self.run_case(case, Draft(self.hub, self.hub.client(case.sender or sender), case.kind)))
        delivered = {envelope_digest(envelope) for envelope in self.hub.drain(*SENDERS, TF)}
        self.assertEqual(delivered, accepted - {None}, "delivered and accepted are not the same")

    def run_case(self, case: Bad, draft: Draft) -> str:
        token = case.make(draft)
        found = refusal(draft.sender.post(token), case.code, draft.sender, [draft.canary, draft.canary.lower()], token)
        if case.pointer is not None:
            pointers = [fault["pointer"] for fault in found.get("errors", [])]
            self.assertTrue(any(one.startswith(case.pointer) for one in pointers), f"pointers {pointers}")
        problem(draft.sender.state(draft.id), 404, "not-found")
        good = draft.good().decode()
        self.assertEqual(draft.sender.post(good).status, 201, "the id was used up by what was refused")
        return envelope_digest(good)

    def test_form(self):
        self.run_table(bad_envelopes.FORM)

    def test_parameters(self):
        self.run_table(bad_envelopes.PARAMETERS)

    def test_signature(self):
        self.run_table(bad_envelopes.SIGNATURE)

    def test_compression(self):
        self.run_table(bad_envelopes.COMPRESSION)

    def test_json(self):
        self.run_table(bad_documents.JSON)

    def test_schema(self):
        self.run_table(bad_documents.SCHEMA)

    def test_content(self):
        self.run_table(bad_documents.CONTENT)

    def test_seal_parties(self):
        self.run_table(bad_seals.PARTIES)

    def test_seal_parameters(self):
        self.run_table(bad_seals.PARAMETERS)

    def test_seal_form(self):
        self.run_table(bad_seals.FORM)

    def test_every_violation_is_listed(self):
        draft = Draft(self.hub, self.hub.client(IMM), "report")
        token = draft.token(draft.document(header={"tlp": draft.canary, "region": "x"}, body={"ekstra": 1}))
        found = refusal(draft.sender.post(token), "schema-invalid", draft.sender, [draft.canary], token)
        pointers = {fault["pointer"] for fault in found["errors"]}
        self.assertTrue({"/header/tlp", "/header/region"} <= pointers, pointers)
        self.assertTrue(any(pointer.startswith("/body") for pointer in pointers), pointers)

    def test_detail_is_in_the_language_that_was_asked_for(self):
        client = self.hub.client(IMM)
        details = [
            refusal(client.post(b"x", Accept_Language=language), "not-jose", client, [])["detail"]
            for language in ("id", "en", "id-ID,id;q=0.9,en;q=0.8")]
        self.assertNotEqual(details[0], details[1])
        self.assertEqual(details[0], details[2])


if __name__ == "__main__":
    unittest.main()
