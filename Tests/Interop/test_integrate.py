"""docs/integrate.md is true: its example programs speak to the hub and to each other, its commands run as they stand,
its excerpts are the files, and its table knows every code."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from functools import cache
from pathlib import Path
from typing import Any

import schemas
from drafts import DROP, Draft, changed
from hub import running
from messages import FACILITATOR, IMM, POL, TF, UPTD, activity_report, alert, consent, stamp, uuid7, withdrawn
from simpul_client import Message
from simpul_envelope import digest, envelope_digest

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE / "examples"
DOCS = HERE.parents[1] / "docs"
PAGE = DOCS / "integrate.md"
FILLED = ("id", "schema", "hub", "sender", "sent", "expires")
LANGUAGES = ("python", "php", "java")


@cache
def classes() -> str:
    """The Java example, compiled."""
    folder = tempfile.mkdtemp(prefix="simpul-java-")
    unittest.addModuleCleanup(shutil.rmtree, folder)
    sources = [str(path) for path in sorted((EXAMPLES / "java").glob("*.java"))]
    subprocess.run(["javac", "-Xlint:all", "-Werror", "-encoding", "UTF-8", "-d", folder, *sources], check=True)
    return folder


@cache
def lacking(language: str) -> str | None:
    """What must be installed before the example can run."""
    if language == "php":
        script = "exit(count(array_filter(['openssl', 'curl', 'zlib', 'json'], 'extension_loaded')) == 4 ? 0 : 1);"
        found = shutil.which("php") and subprocess.run(["php", "-r", script], capture_output=True).returncode == 0
        return None if found else "PHP 8.1 with openssl and curl: apt-get install php-cli php-curl"
    if language == "java":
        found = shutil.which("javac") and shutil.which("java")
        return None if found else "a JDK 17: apt-get install openjdk-17-jdk-headless"
    return None


def program(language: str) -> list[str]:
    if language == "java":
        return ["java", "-XX:TieredStopAtLevel=1", "-cp", classes(), "Main"]
    interpreter = [sys.executable, "-B"] if language == "python" else ["php"]
    return [*interpreter, str(EXAMPLES / language / f"main.{'py' if language == 'python' else 'php'}")]


class Party:
    """One example program with a copy of an agency's folder, and so with a store of its own."""

    def __init__(self, language: str, agency: str, parent: Path):
        self.command, self.url = program(language), running().url
        self.folder = parent / f"{language}-{agency}"
        given, foreign = running().folder / "agencies" / agency, shutil.ignore_patterns("spool", "store")
        shutil.copytree(given, self.folder, ignore=foreign)
        self.out = self.folder / "store" / "out"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, str(self.folder), self.url, *arguments], capture_output=True, text=True, timeout=200)

    def does(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, f"{arguments} ends with {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def receives(self, number: str) -> list[str]:
        """The lines of `receive` about that message; whatever else other tests have left is passed over."""
        return [line for line in self.run("receive").stdout.splitlines() if number in line]

    def document(self, message: tuple[dict, dict], **header: Any) -> str:
        """A file with that message under an id of its own; what the program fills in is left out unless it is given."""
        given = changed(message[0] | dict.fromkeys(FILLED, DROP), header)
        path = self.folder / f"{given['id']}.json"
        path.write_text(json.dumps({"header": given, "body": message[1]}))
        return str(path)


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.hub = running()
        cls.imm, cls.pol, cls.uptd = map(cls.hub.client, (IMM, POL, UPTD))
        cls.addClassCleanup(cls.hub.close)

    def setUp(self):
        self.hub.drain(IMM, POL, UPTD, TF)
        self.addCleanup(self.hub.drain, IMM, POL, UPTD, TF)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def party(self, language: str, agency: str) -> Party:
        if missing := lacking(language):
            print(f"skipped: the {language} example of docs/integrate.md needs {missing}", flush=True)
            self.skipTest(f"needs {missing}")
        return Party(language, agency, self.folder)

    def relay(self, by: str, to: str) -> None:
        """A message all the way: sent, sent again, received once, opened, and both told to the sender."""
        sender, recipient = self.party(by, IMM), self.party(to, POL)
        message, number = alert(self.hub.id, IMM, [POL]), uuid7()
        file = sender.document(message, id=number)
        self.assertTrue(sender.does("send", file).startswith(f"accepted {number} at "))
        envelope, receipt = ((sender.out / f"{number}.{end}").read_text() for end in ("jose", "receipt"))
        accepted = self.imm.broker_receipt(receipt, "accepted")
        self.imm.require_about(accepted, number, IMM, envelope_digest(envelope))
        sender.does("send", file)
        self.assertEqual((sender.out / f"{number}.jose").read_text(), envelope, "a repetition sends the same octets")
        self.assertEqual((sender.out / f"{number}.receipt").read_text(), receipt, "and gets the same receipt")
        received, = map(json.loads, recipient.receives(number))
        self.assertEqual(received["body"], message[1])
        self.assertFalse(schemas.faults("header", received["header"]))
        self.assertEqual(recipient.receives(number), [], "it comes once")
        self.require_opened(sender, number)

    def require_opened(self, sender: Party, number: str) -> None:
        told = sender.receives(number)
        self.assertEqual(sorted(told), sorted(f"rung {rung} {number} by {POL}" for rung in ("delivered", "opened")))
        opened = self.imm.agency_receipt((sender.folder / f"store/rungs/{number}.{POL}.opened").read_text(), POL)
        self.assertFalse(schemas.faults("receipt", opened))
        self.assertEqual(opened["by"], "petugas-piket")
        self.assertIn(f"{number} alert {POL} opened accepted delivered opened", sender.does("outbox").splitlines())

    def test_php_sends_and_python_receives(self):
        self.relay("php", "python")

    def test_python_sends_and_php_receives(self):
        self.relay("python", "php")

    def test_java_sends_and_python_receives(self):
        self.relay("java", "python")

    def test_python_sends_and_java_receives(self):
        self.relay("python", "java")

    def test_java_sends_and_php_receives(self):
        self.relay("java", "php")

    def test_php_sends_and_java_receives(self):
        self.relay("php", "java")

    def test_what_was_stored_before_a_crash_goes_out_with_the_next_send(self):
        for language in LANGUAGES:
            with self.subTest(language):
                sender, number = self.party(language, IMM), uuid7()
                path = sender.does("compose", sender.document(alert(self.hub.id, IMM, [POL]), id=number)).strip()
                self.assertEqual(Path(path), sender.out / f"{number}.jose")
                self.assertEqual(self.imm.state(number).status, 404, "nothing is sent")
                self.assertTrue(sender.does("send").startswith(f"accepted {number} at "))
                self.assertEqual(sender.does("send"), "", "nothing is left")

    def test_a_bad_document_gives_exactly_the_code(self):
        report = activity_report(self.hub.id, UPTD, [TF])
        bad = {
            "schema-invalid": ((report[0], changed(report[1], {"activity": DROP})), {}),
            "policy-denied": (activity_report(self.hub.id, UPTD, [FACILITATOR]), {}),
            "time-invalid": (report, {"sent": stamp(hours=-2), "expires": stamp(hours=-1)})}
        for language in LANGUAGES:
            for code, (message, header) in bad.items():
                with self.subTest(language=language, code=code):
                    self.require_refused(language, code, message, header)

    def require_refused(self, language: str, code: str, message: tuple[dict, dict], header: dict) -> None:
        number = uuid7()
        folder = self.folder / number
        folder.mkdir()
        if missing := lacking(language):
            self.skipTest(f"needs {missing}")
        sender = Party(language, UPTD, folder)
        done = sender.run("send", sender.document(message, id=number, **header))
        said = [line for line in done.stderr.splitlines() if line.startswith(f"{code}: ")]
        self.assertEqual((done.returncode, len(said)), (1, 1), done.stderr)
        problem = json.loads((sender.out / f"{number}.refused").read_text())
        self.assertEqual(problem["code"], code)
        self.assertEqual(self.uptd.broker_receipt(problem["receipt"], "refused")["code"], code)
        self.assertEqual(sender.does("send"), "", "what is refused is not sent again")

    def test_the_stream_shows_each_message_as_it_comes(self):
        recipient = self.party("python", POL)
        command = [*recipient.command, str(recipient.folder), recipient.url, "follow"]
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as program:
            try:
                for _ in range(3):
                    message = alert(self.hub.id, IMM, [POL])
                    self.imm.send(self.imm.envelope(*message, sealed=True), message[0]["id"])
                    self.assertIn(message[0]["id"], program.stdout.readline())
                deadline = time.monotonic() + 10
                while self.imm.state(message[0]["id"]).json()["state"] != "opened":
                    self.assertLess(time.monotonic(), deadline, "the last one is never acknowledged")
                    time.sleep(0.05)
            finally:
                program.kill()

    def test_a_repeat_is_acknowledged_and_not_shown_again(self):
        for language in LANGUAGES:
            with self.subTest(language):
                recipient, message = self.party(language, POL), alert(self.hub.id, IMM, [POL])
                self.imm.send(self.imm.envelope(*message, sealed=True), message[0]["id"])
                one, = (one for one in self.pol.inbox(max=100, lease=1) if one["id"] == message[0]["id"])
                stored = recipient.folder / "store" / "in" / IMM / f"{message[0]['id']}.json"
                stored.parent.mkdir(parents=True)
                stored.write_text(json.dumps(one))
                time.sleep(1.1)  # the lease ends: it crashed before it acknowledged
                self.assertEqual(recipient.receives(message[0]["id"]), [])
                self.assertEqual(self.imm.state(message[0]["id"]).json()["state"], "opened")

    def test_a_message_that_is_recalled_after_it_was_opened_is_noted(self):
        for language in LANGUAGES:
            with self.subTest(language):
                recipient = self.party(language, POL)
                coded, terms = consent(self.hub.id, UPTD, [self.hub.id])
                terms |= {"shareWith": [POL], "types": ["alert"], "purposes": ["VICTIM_SAFETY"]}
                self.uptd.send(self.uptd.envelope(coded, terms, sealed=False), coded["id"])
                header, body = alert(
                    self.hub.id, UPTD, [POL], legalBasis="PDP20-2a", consentRef=terms["consentRef"])
                self.uptd.send(self.uptd.envelope(header, body, sealed=True), header["id"])
                self.assertEqual(len(recipient.receives(header["id"])), 1)
                coded, end = withdrawn(self.hub.id, UPTD, terms["consentRef"])
                self.uptd.send(self.uptd.envelope(coded, end, sealed=False), coded["id"])
                self.assertEqual(recipient.receives(header["id"]), [f"rung recalled {header['id']} by {POL}"])
                self.assertEqual(self.pol.inbox(type="receipt"), [], "it is settled")

    def test_a_body_that_is_not_the_headers_is_shown_to_nobody_and_given_back(self):
        for language in LANGUAGES:
            with self.subTest(language):
                recipient, draft = self.party(language, POL), Draft(self.hub, self.imm, "alert")
                self.imm.send(draft.token(draft.sealed(header={"bodyDigest": digest(b"")})).decode(), draft.id)
                done = recipient.run("receive")
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertNotIn(draft.id, done.stdout)
                self.assertIn("not believed", done.stderr)
                row, = self.pol.state(draft.id, IMM).json()["recipients"]
                self.assertEqual(row["state"], "backing-off")
                self.settle(draft, row["rungs"][0]["receipt"])

    def settle(self, draft: Draft, accepted: str) -> None:
        """A receipt needs no lease, so nothing comes back to disturb other tests."""
        receipt = self.pol.broker_receipt(accepted, "accepted")
        message = Message("", 1, draft.header, None, receipt["digest"], "", receipt)
        opened = self.pol.own_receipt("opened", message, "petugas-piket").encode()
        answer = self.pol.call(
            "POST", f"/v1/messages/{IMM}/{draft.id}/receipts", opened, Content_Type="application/jose")
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(self.pol.state(draft.id, IMM).json()["state"], "opened")


class Page(unittest.TestCase):
    def test_every_command_works(self):
        hub = running()
        self.addCleanup(hub.close)
        missing = [tool for tool in ("bash", "curl", "openssl", "basenc") if shutil.which(tool) is None]
        if missing:
            print(f"skipped: the commands of docs/integrate.md need {', '.join(missing)}", flush=True)
            self.skipTest(f"needs {', '.join(missing)}")
        hub.drain(IMM, TF)
        self.addCleanup(hub.drain, IMM, TF)
        commands = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                ["bash", "-c", "set -euo pipefail\n" + "\n".join(commands)], cwd=folder, capture_output=True, text=True,
                env=os.environ | {"DIR": str(hub.folder.resolve()), "URL": hub.url}, timeout=200)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for said in (
            '"agency":"id-1709.imigrasi"', '"endorsement":', '"valid":true',
            "201\n200\nthe first receipt, byte for byte",
            '{"status":200,"receipt":', '{"status":201,"receipt":', '{"status":400,"problem":', '"next":null',
            '"leaseUntil":', '"rung":"opened"', "201, the rest from 100000", "Tidak ditemukan", "curl ends with 22"
        ):
            self.assertIn(said, done.stdout)

    def test_every_excerpt_is_what_the_file_says(self):
        pattern = r"\(\.\./Tests/Interop/examples/([^)\n]+)\):\n\n((?:```\w+\n.*?^```$\n+)+)"
        excerpts = []
        for name, blocks in re.findall(pattern, PAGE.read_text(), re.MULTILINE | re.DOTALL):
            for block in re.findall(r"^```\w+\n(.*?)^```$", blocks, re.MULTILINE | re.DOTALL):
                excerpts.append(block)
                self.assertIn(block, (EXAMPLES / name).read_text(), f"an excerpt of {name} is out of date")
        written = re.findall(r"^```(?:python|php|java)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
        self.assertEqual(excerpts, written, "every block names its file")

    def test_every_file_is_linked(self):
        for path in EXAMPLES.rglob("*"):
            if path.suffix in (".py", ".php", ".java"):
                self.assertIn(f"(../Tests/Interop/examples/{path.relative_to(EXAMPLES)})", PAGE.read_text())

    def test_every_code_has_what_a_program_does(self):
        codes = re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", (DOCS / "errors.md").read_text(), re.MULTILINE)
        rows = re.findall(
            r"^\| `([a-z-]+)` \| (\d+) \| (?:repeat|repair|operator) \| \S", PAGE.read_text(), re.MULTILINE)
        self.assertEqual(rows, codes)


if __name__ == "__main__":
    unittest.main()
