"""Every bad request of HTTP/1.1 gets a whole problem document or a clean end, soon, and never a second answer where the
next request's beginning is in doubt."""

import contextlib
import socket
import ssl
import unittest
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import bad_requests
from bad_requests import CLOSED, BadRequest
from target import ENDED, target
from wire import Answer, Reader

PATIENCE = 5
"""Seconds until something must have happened."""


@dataclass(frozen=True)
class Outcome:
    """What came back, and whether the connection ended."""

    answers: list[Answer]
    ended: bool


class BadRequests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.target = target()
        cls.table = bad_requests.table(cls.target.authority)
        cls.whoami = bad_requests.whoami(cls.target.authority)

    def test_each_is_refused_or_ends(self):
        for case, outcome in self.exchanged(self.table):
            with self.subTest(case.name):
                self.require(case, outcome)
                self.assertLessEqual(len(outcome.answers), 1, "more answers than requests")
                if case.ends or not outcome.answers:
                    self.assertTrue(outcome.ended, f"the connection stays open after {outcome.answers}")

    def test_nothing_is_smuggled_behind_them(self):
        for case, outcome in self.exchanged(self.table, behind=self.whoami):
            with self.subTest(case.name):
                if outcome.answers or not outcome.ended:
                    self.require(case, outcome)
                most = 1 if case.ends or self.closes(outcome) else 2
                self.assertLessEqual(len(outcome.answers), most, f"too much is answered: {outcome.answers}")
                for answer in outcome.answers[1:]:
                    self.assertEqual(answer.status, 200, answer)

    def closes(self, outcome: Outcome) -> bool:
        """Whether the first answer says that it is the last."""
        return bool(outcome.answers) and outcome.answers[0].headers.get("connection") == "close"

    def test_octet_by_octet_is_the_same(self):
        """A parser's state must not depend on where the octets are cut."""
        short = [case for case in self.table if len(case.octets) < 400]
        for case, outcome in self.exchanged(short, size=1):
            with self.subTest(case.name):
                self.require(case, outcome)

    def test_a_whole_request_keeps_its_answer_whatever_follows(self):
        closing = self.whoami.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        cases = [
            BadRequest(name, octets, frozenset([200]))
            for name, octets in (
                ("garbage", self.whoami + b"\x16\x03\x01\0\0\0\0\r\n\r\n"),
                ("a bad request", self.whoami + b"GET /v1/whoami HTTP/1.1\r\n\r\n"),
                ("a request behind the last one", closing + self.whoami),
                ("HTTP/1.0 and a request", self.whoami.replace(b"HTTP/1.1", b"HTTP/1.0") + self.whoami))]
        for case, outcome in self.exchanged(cases):
            with self.subTest(case.name):
                self.require(case, outcome)
                self.assertTrue(outcome.ended)

    def test_a_request_that_is_cut_anywhere_ends_quietly(self):
        for length in range(0, len(self.whoami), 3):
            with self.subTest(length), contextlib.closing(self.target.tls(timeout=PATIENCE)) as connection:
                connection.sendall(self.whoami[:length])
                with contextlib.suppress(ssl.SSLError, *ENDED):  # it may be answered 400 while we close
                    connection.unwrap() if length % 2 else connection.shutdown(socket.SHUT_WR)
        self.assertTrue(self.target.is_alive())

    def exchanged(
        self, cases: list[BadRequest], behind: bytes = b"", size: int = 1 << 20
    ) -> list[tuple[BadRequest, Outcome]]:
        """Each case on a connection of its own, several at a time: most of it is waiting for what must not come."""
        with ThreadPoolExecutor(12) as threads:
            return list(zip(cases, threads.map(lambda case: self.exchange(case, behind, size), cases)))

    def exchange(self, case: BadRequest, behind: bytes, size: int) -> Outcome:
        answers: list[Answer] = []
        octets = case.octets + behind
        with contextlib.closing(self.target.tls(timeout=PATIENCE)) as connection:
            with contextlib.suppress(*ENDED):  # the daemon may have had enough before the end
                for index in range(0, len(octets), size):
                    connection.sendall(octets[index:index + size])
            reader = Reader(connection)
            if not case.ends:  # then it is answered at once, and silence is an outcome
                connection.settimeout(2)
            try:
                while (answer := reader.answer(case.to_head and not answers)) is not None:
                    answers.append(answer)
            except TimeoutError:
                return Outcome(answers, ended=False)
            except ENDED:
                pass
        return Outcome(answers, ended=True)

    def require(self, case: BadRequest, outcome: Outcome) -> None:
        """That the first answer, or its absence, is one that the case may get."""
        self.assertTrue(self.target.is_alive(), "the daemon is gone")
        first = outcome.answers[0] if outcome.answers else None
        self.assertTrue(first or outcome.ended, "neither an answer nor an end")
        self.assertIn(first.status if first else CLOSED, case.answers, first)
        if first is None:
            return
        self.assertEqual(first.headers.get("cache-control"), "no-store", first)
        if first.status >= 400 and not case.to_head:
            first.problem()


if __name__ == "__main__":
    unittest.main()
