"""The daemon keeps to its OpenAPI document, whatever it is sent: schemathesis calls every operation with the sender's
certificate, with what the document allows and with what it does not, and real envelopes come with their octets changed.

No answer may be a 5xx, have a status that its operation does not document, hold a code that is not listed there, may be
stored, or repeat what was sent.
"""

import json
import secrets
import unittest
from typing import Any

import interop  # noqa: F401
import requests
import schemathesis
import schemathesis.checks
from drafts import Draft
from hub import Hub
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as some
from messages import IMM, TF
from problems import MEMBERS
from schemathesis.generation import GenerationMode
from simpul_client import Response
from simpul_envelope import envelope_digest

from description import PROBLEM, Description
from target import target
from wire import CODES

bounded = settings(
    max_examples=30, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
cheap = settings(bounded, max_examples=300)
CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection", "allow_header_conformance"]
"""Those of schemathesis that make sense here. A positive example is no good message, since it bears no signature, and a
certificate cannot be left out of a call, so neither acceptance nor authentication is among them."""


@schemathesis.serializer("application/jose", "application/jose-lines")
def octets_of(context: Any, value: Any) -> bytes:
    """A body of these media types as octets, whatever was made up for it."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def setUpModule():
    description = Description.read()
    if description.is_stub:
        print("skipped: the OpenAPI document has no paths; SIMPUL_OPENAPI may name another", flush=True)
        raise unittest.SkipTest("the OpenAPI document has no paths")


class Judge:
    """Judges answers by the description."""

    def __init__(self, description: Description):
        self.description = description

    def answer(self, operation: dict[str, Any], response: Any, markers: list[str]) -> None:
        """Judges an answer as requests or as schemathesis gives it, whose header fields are lists."""
        status, text = response.status_code, response.text
        told = f"{status}: {text[:500]}"
        fields = {
            name.lower(): value if isinstance(value, str) else ", ".join(value)
            for name, value in response.headers.items()}
        assert status < 500, f"a fault of the broker's own: {told}"
        assert self.description.response(operation, status) is not None, f"an undocumented status: {told}"
        assert fields.get("cache-control") == "no-store", f"may be stored: {fields}"
        for marker in markers:
            assert marker not in text and marker not in str(fields), f"repeats {marker}: {told}"
        if response.request.method == "HEAD":
            assert text == "", f"a body in an answer to HEAD: {told}"
        elif status >= 400:
            self.problem(operation, status, fields.get("content-type"), text)

    def problem(self, operation: dict[str, Any], status: int, media_type: str | None, text: str) -> dict[str, Any]:
        assert media_type == PROBLEM, f"media type {media_type} of {status}: {text[:500]}"
        document = json.loads(text)
        for name, kind in MEMBERS.items():
            assert isinstance(document.get(name), kind), f"member {name} is {document.get(name)!r}"
        assert CODES.get(document["code"]) == status == document["status"], f"{status}: {text}"
        codes = self.description.codes(operation, status)
        assert codes, f"the description lists no code for {status}"
        assert document["code"] in codes, f"{document['code']} is not among {sorted(codes)} for {status}: {text}"
        return document


class Contract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.target = target()
        cls.description = Description.read()
        cls.judge = Judge(cls.description)
        cls.hub = Hub(cls.target.folder, cls.target.url)
        cls.imm, cls.tf = cls.hub.client(IMM), cls.hub.client(TF)
        cls.addClassCleanup(cls.hub.close)
        cls.session = requests.Session()
        cls.addClassCleanup(cls.session.close)
        folder = cls.target.folder / "agencies" / IMM
        cls.session.cert = (str(folder / "tls.pem"), str(folder / "tls.key"))
        cls.session.verify = str(folder / "ca.pem")
        cls.session.trust_env = False
        schema = schemathesis.openapi.from_dict(cls.description.document)
        schemathesis.checks.load_all_checks()
        cls.checks = schemathesis.checks.CHECKS.get_by_names(CHECKS)
        operations = [result.ok() for result in schema.get_all_operations()]
        # An accepted call of the stream has no end; what is refused of it is asked below.
        cls.operations = [one for one in operations if one.path != "/v1/inbox/stream"]

    def tearDown(self):
        self.assertTrue(self.target.is_alive(), "the daemon is gone")

    def operation(self, method: str, path: str) -> dict[str, Any]:
        return self.description.document["paths"][path][method.lower()]

    def send(self, method: str, path: str, body: bytes | None = None, media_type: str | None = None, **more: Any):
        headers = {"Content-Type": media_type} if media_type else {}
        return self.session.request(
            method, self.target.url + path, data=body, headers=headers | more.pop("headers", {}), timeout=70, **more)

    # schemathesis

    def test_what_the_description_allows(self):
        for operation in self.operations:
            with self.subTest(operation.label):
                self.call(operation, GenerationMode.POSITIVE)

    def test_what_the_description_does_not_allow(self):
        for operation in self.operations:
            with self.subTest(operation.label):
                self.call(operation, GenerationMode.NEGATIVE)

    def call(self, operation: schemathesis.APIOperation, mode: GenerationMode) -> None:
        raw = self.operation(operation.method, operation.path)

        @seed(0)
        @bounded
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: schemathesis.Case) -> None:
            if case.query and "wait" in case.query:
                case.query["wait"] = 0 if str(case.query["wait"]).isdigit() else case.query["wait"]
            response = case.call(
                base_url=self.target.url, session=self.session, verify=self.session.verify, cert=self.session.cert,
                timeout=70)
            self.judge.answer(raw, response, [])
            # Every value is octets once it is sent as these, so none of them has a wrong type.
            octets = (case.media_type or "").startswith("application/jose")
            case.validate_response(
                response, checks=self.checks,
                excluded_checks=schemathesis.checks.CHECKS.get_by_names(["negative_data_rejection"] if octets else []))

        try:
            run()
        except schemathesis.errors.InvalidSchema as error:
            self.fail(f"the description is at fault: {error}")
        except Exception as error:
            if "Unable to negate" in str(error) or type(error).__name__ in ("Unsatisfiable", "SkipTest"):
                return  # an operation without anything that could be wrong
            raise

    def test_a_stream_that_is_refused_is_refused_as_described(self):
        raw = self.operation("GET", "/v1/inbox/stream")
        for query in ("max=0", "max=101", "lease=301", "type=KENARI", "wait=1", "max=1&max=2", "KENARI=1"):
            with self.subTest(query):
                response = self.send("GET", f"/v1/inbox/stream?{query}")
                self.assertEqual(response.status_code, 400)
                self.judge.answer(raw, response, ["KENARI"])

    def test_nothing_is_repeated(self):
        """A marker at every place of a call comes back at none."""
        for operation in self.operations:
            raw = self.operation(operation.method, operation.path)
            values = {name: f"KENARI-{secrets.token_hex(6)}" for name in ("path", "query", "name", "field", "body")}
            path = operation.path
            for parameter in operation.path_parameters:
                path = path.replace(f"{{{parameter.name}}}", values["path"])
            known = [parameter.name for parameter in operation.query]
            queries = ["", f"?{values['name']}=1", "?" + "&".join(f"{name}={values['query']}" for name in known)]
            for query in queries:
                with self.subTest(f"{operation.label}{query}"):
                    for media_type in ("application/jose", "application/json", values["field"]):
                        body = None if operation.method == "get" else values["body"].encode()
                        response = self.send(
                            operation.method.upper(), path + query, body, media_type,
                            headers={f"X-{values['field']}": values["field"], "Accept-Language": values["field"]})
                        self.judge.answer(raw, response, list(values.values()))

    def test_methods_that_are_not_there(self):
        for path, item in self.description.document["paths"].items():
            methods = ("get", "head", "post", "put", "delete", "patch")
            allowed = {method.upper() for method in item if method in methods}
            for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - allowed:
                with self.subTest(f"{method} {path}"):
                    response = self.send(method, path.replace("{", "").replace("}", ""))
                    self.assertEqual(response.status_code, 405, response.text)
                    self.assertEqual(set(response.headers["Allow"].split(", ")), allowed)
                    self.assertEqual(response.headers["Cache-Control"], "no-store")
                    self.assertEqual(response.json()["code"], "method-not-allowed")

    # Real messages

    def test_answers_with_content_fit_their_schemas(self):
        """Where a hub is empty, most answers hold little that could break a schema."""
        self.hub.drain(TF)
        drafts = [Draft(self.hub, self.imm, kind) for kind in ("report", "report", "alert")]
        for draft in drafts:
            self.fits("POST", "/v1/messages", self.imm.post(draft.good()), 201)
        self.fits("POST", "/v1/messages", self.imm.post(drafts[0].good()), 200)
        self.fits("POST", "/v1/validate", self.imm.call(
            "POST", "/v1/validate", Draft(self.hub, self.imm, "alert").good(), Content_Type="application/jose"), 200)
        inbox = self.tf.call("GET", "/v1/inbox?wait=5&max=2")
        self.fits("GET", "/v1/inbox", inbox, 200)
        first, second = (one["delivery"] for one in inbox.json()["deliveries"])
        self.fits("GET", "/v1/messages/{id}", self.imm.state(drafts[0].id), 200)
        self.fits("GET", "/v1/messages/{sender}/{id}", self.tf.state(drafts[0].id, IMM), 200)
        self.fits("GET", "/v1/messages", self.imm.call("GET", "/v1/messages?limit=3"), 200)
        self.fits("POST", "/v1/deliveries/{token}/extend", self.tf.call(
            "POST", f"/v1/deliveries/{first}/extend", b'{"lease":60}', Content_Type="application/json"), 200)
        self.fits("POST", "/v1/deliveries/{token}/nack", self.tf.call(
            "POST", f"/v1/deliveries/{second}/nack", b'{"reason":"sibuk"}', Content_Type="application/json"), 200)
        self.fits("POST", "/v1/deliveries/{token}/ack", self.tf.acknowledge(first), 200)
        self.fits("GET", "/v1/inbox", self.imm.call("GET", "/v1/inbox?wait=1&type=receipt"), 200)
        for path in ("/v1/directory", "/v1/schemas", "/v1/whoami", "/v1/openapi.json"):
            self.fits("GET", path, self.imm.call("GET", path), 200)
        self.fits("GET", "/v1/directory/{agency}", self.imm.call("GET", f"/v1/directory/{TF}"), 200)
        for name in ("alert", "header", "receipt"):
            self.fits("GET", "/v1/schemas/{type}/{major}", self.imm.call("GET", f"/v1/schemas/{name}/1"), 200)
        self.hub.drain(TF)

    def fits(self, method: str, path: str, response: Response, status: int) -> None:
        """Judges the answer to one call, whose content must fit the schema of its media type."""
        with self.subTest(f"{method} {path}"):
            self.assertEqual(response.status, status, response.text)
            self.assertEqual(response.headers.get("Cache-Control"), "no-store")
            documented = self.description.response(self.operation(method, path), status)
            if not response.body:
                self.assertNotIn("content", documented)
                return
            schema = documented["content"][response.media_type].get("schema", {})
            value = response.json() if response.media_type.endswith("json") else response.text
            faults = self.description.faults(schema, value)
            self.assertEqual(faults, [])


    def envelopes(self) -> dict[str, bytes]:
        return {kind: Draft(self.hub, self.imm, kind).good() for kind in ("report", "alert")}

    def test_envelopes_with_changed_octets(self):
        for (kind, envelope), path in (
            (one, path) for one in self.envelopes().items() for path in ("/v1/messages", "/v1/validate")
        ):
            raw = self.operation("POST", path)

            @seed(0)
            @cheap
            @given(changed(envelope))
            def run(octets: bytes) -> None:
                response = self.send("POST", path, octets, "application/jose")
                self.judge.answer(raw, response, [])
                if response.status_code < 300:
                    self.assertTrue(same_message(octets, envelope), "a changed envelope was taken")

            with self.subTest(kind=kind, path=path):
                run()
                self.assertIn(self.send("POST", path, envelope, "application/jose").status_code, (200, 201))

    def test_batches_with_changed_octets(self):
        lines = [Draft(self.hub, self.imm, "report").good() for _ in range(4)]
        raw = self.operation("POST", "/v1/messages")

        @seed(0)
        @cheap
        @given(changed(b"\n".join(lines)))
        def run(octets: bytes) -> None:
            response = self.send("POST", "/v1/messages", octets, "application/jose-lines")
            self.judge.answer(raw, response, [])
            for line in response.text.splitlines():
                answer = json.loads(line)
                self.assertLess(answer["status"], 500, answer)
                if answer["status"] >= 400:
                    self.judge.problem(raw, answer["status"], PROBLEM, json.dumps(answer["problem"]))

        run()

    def test_receipts_with_changed_octets(self):
        """A delivery is not settled by what is not a receipt of its recipient, and is settled by one that is."""
        draft = Draft(self.hub, self.imm, "report")
        self.hub.drain(TF)
        self.imm.send(draft.good().decode(), draft.id)
        message = self.tf.receive(lease=300)
        receipt = self.tf.own_receipt("opened", message, "petugas-piket").encode()
        path = f"/v1/deliveries/{message.delivery}/ack"
        raw = self.operation("POST", "/v1/deliveries/{token}/ack")

        @seed(0)
        @cheap
        @given(changed(receipt))
        def run(octets: bytes) -> None:
            if octets.rstrip(b"\r\n") in (receipt, b""):
                return
            response = self.tf.call("POST", path, octets, Content_Type="application/jose")
            self.assertLess(response.status, 500, response.text)
            self.judge.problem(raw, response.status, response.media_type, response.text)

        run()
        self.assertEqual(self.tf.call("POST", path, receipt, Content_Type="application/jose").status, 200)

    def test_leases_with_any_document(self):
        """`nack` and `extend` of a real delivery take their documents and nothing else, and the delivery stays."""
        draft = Draft(self.hub, self.imm, "report")
        self.hub.drain(TF)
        self.imm.send(draft.good().decode(), draft.id)
        delivery = self.tf.inbox(wait=5, max=1)[0]["delivery"]
        values = some.recursive(
            some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=40),
            lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3))
        documents = values | some.dictionaries(some.sampled_from(["lease", "reason", "retryAfter"]), values)
        raw = self.operation("POST", "/v1/deliveries/{token}/extend")

        @seed(0)
        @cheap
        @given(documents.map(lambda value: json.dumps(value).encode()) | some.binary(max_size=60))
        def run(octets: bytes) -> None:
            response = self.tf.call(
                "POST", f"/v1/deliveries/{delivery}/extend", octets, Content_Type="application/json")
            self.assertLess(response.status, 500, response.text)
            if response.status >= 400:
                self.judge.problem(raw, response.status, response.media_type, response.text)
            else:
                self.assertIn(json.loads(octets)["lease"], range(1, 301))

        run()
        self.assertEqual(self.tf.acknowledge(delivery).status, 200)


def changed(octets: bytes) -> some.SearchStrategy[bytes]:
    """The octets with one to four changes: an octet replaced, put in or taken out, a part doubled or cut off."""
    place = some.integers(0, len(octets) - 1)
    letters = some.integers(0, 255) | some.sampled_from(list(b"ABCabc019-_.=+/\r\n \0"))
    changes = some.lists(
        some.tuples(some.sampled_from(["replace", "insert", "remove", "double", "cut"]), place, letters),
        min_size=1, max_size=4)

    def apply(steps: list[tuple[str, int, int]]) -> bytes:
        result = bytearray(octets)
        for step, index, letter in steps:
            index = min(index, max(0, len(result) - 1))
            if step == "replace" and result:
                result[index] = letter
            elif step == "insert":
                result.insert(index, letter)
            elif step == "remove":
                del result[index:index + 1]
            elif step == "double":
                result[index:index] = result[index:index + 64]
            else:
                del result[max(index, 1):]
        return bytes(result)

    return changes.map(apply)


def same_message(octets: bytes, envelope: bytes) -> bool:
    """Whether only a line end was added: then nothing was changed that matters."""
    return octets in (envelope, envelope + b"\n", envelope + b"\r\n") or (
        envelope_digest(octets.decode("latin-1").rstrip()) == envelope_digest(envelope.decode()))


if __name__ == "__main__":
    unittest.main()
