"""Attacks cost the daemon a bounded amount, and a good client gets every answer while they last.

Run as a program with `--report FILE`, this module writes a table of every attack instead: the good client's p99 without
and with it, their ratio, and the daemon's memory. Times are for the report; what is asserted are bounds.
"""

import argparse
import contextlib
import math
import os
import ssl
import time
import unittest
from dataclasses import dataclass
from pathlib import Path

import attacks_http1
import attacks_http2
import attacks_tls
from attacks import Attack, Tally
from deadlines import SLACK, STILL, Watch
from good_client import GoodClient, Samples
from target import Target, target

SECONDS = float(os.environ.get("SIMPUL_SECONDS", "3"))
"""How long each attack is measured."""
GROWTH = 64 * 1024
"""KiB by which an attack may make the daemon grow."""
EACH_CONNECTION = 150
"""KiB that an idle connection may cost. About 70 are documented, of a release build."""
PATIENCE = 5000
"""Milliseconds that no good call may take, even with the machine full of attackers: far from any promise."""

ALL = [
    attacks_http1.SLOW_HEADS, attacks_http1.SLOW_BODIES, attacks_http1.SILENT_TCP, attacks_http1.SILENT_HELLO,
    attacks_http1.IDLE_CONNECTIONS, attacks_http1.RESETS, attacks_http1.HANDSHAKES, attacks_http1.PIPELINES,
    attacks_http1.UNREAD, attacks_http1.BAD_REQUESTS, attacks_tls.KEY_UPDATES, attacks_tls.KEY_UPDATES_BETWEEN,
    attacks_tls.RENEGOTIATION, attacks_http2.RAPID_RESETS, attacks_http2.PINGS, attacks_http2.SETTINGS,
    attacks_http2.CONTINUATIONS, attacks_http2.EMPTY_DATA, attacks_http2.WINDOW_UPDATES, attacks_http2.HUGE_HEADS,
    attacks_http2.MANY_STREAMS]


@dataclass(frozen=True)
class Result:
    """What one attack came to. Memory is in KiB."""

    attack: Attack
    without: Samples
    samples: Samples
    tally: Tally
    before: int
    during: int

    @property
    def ratio(self) -> float:
        return self.samples.p99 / self.without.p99

    @property
    def what(self) -> str:
        """What happened, and what must not have."""
        return "; ".join([str(self.tally), *self.tally.faults])

    def __str__(self) -> str:
        return (
            f"{self.attack.name}: p50 {self.without.p50:.1f} → {self.samples.p50:.1f} ms, p99 {self.without.p99:.1f} → "
            f"{self.samples.p99:.1f} ms (×{self.ratio:.1f}), {len(self.samples.seconds)} good calls, memory "
            f"{self.before // 1024} → {self.during // 1024} MiB; {self.what}")


def attacked(hub: Target, good: GoodClient, attack: Attack, without: Samples, seconds: float) -> Result:
    """Measures the good client while the attack runs."""
    before = hub.resident()
    with attack.running(hub) as tally:
        samples = good.measure(seconds)
        during = hub.resident()
    return Result(attack, without, samples, tally, before, during)


class Attacks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.target = target()
        cls.watch = Watch(cls.target)
        cls.good = GoodClient(cls.target.folder, cls.target.url)
        cls.addClassCleanup(cls.good.close)
        cls.good.measure(1)
        cls.without = cls.good.measure(2 * SECONDS)

    def under(self, attack: Attack, growth: int = GROWTH) -> Tally:
        """Has the good client work under the attack, and requires what every attack must leave alone."""
        result = attacked(self.target, self.good, attack, self.without, SECONDS)
        print(result, flush=True)
        self.assertTrue(self.target.is_alive(), "the daemon is gone")
        self.assertEqual(result.samples.faults, [], "the good client suffered")
        self.assertLess(max(result.samples.seconds) * 1000, PATIENCE)
        self.assertEqual(result.tally.faults, [])
        self.assertLess(result.during - result.before, growth, "KiB of growth")
        self.require_quiet()
        return result.tally

    def require_quiet(self) -> None:
        """What the attack had opened is closed and forgotten."""
        limit = time.monotonic() + 15
        most = len(STILL) + 4
        while (left := self.target.metric("simpul_connections")) > most:
            self.assertLess(time.monotonic(), limit, f"{left} connections are still there")
            time.sleep(0.2)

    # Slow and silent

    def test_slow_heads(self):
        tally = self.under(attacks_http1.SLOW_HEADS)
        self.assertEqual(tally.counts["closed by the daemon"], 0, "cut before its time")

    def test_slow_bodies(self):
        tally = self.under(attacks_http1.SLOW_BODIES)
        self.assertEqual(tally.counts["closed by the daemon"], 0, "cut before its time")

    def test_silent_connections(self):
        self.under(attacks_http1.SILENT_TCP)
        self.under(attacks_http1.SILENT_HELLO)

    def test_idle_connections(self):
        tally = self.under(attacks_http1.IDLE_CONNECTIONS, growth=attacks_http1.IDLE * EACH_CONNECTION)
        self.assertLess(tally.largest["KiB for each connection"], EACH_CONNECTION)
        self.assertGreaterEqual(tally.largest["connections that the daemon counts"], attacks_http1.IDLE)

    def test_unread_answers(self):
        self.under(attacks_http1.UNREAD)

    # Many and broken

    def test_resets(self):
        self.assertGreater(self.under(attacks_http1.RESETS).counts["resets"], 20)

    def test_handshakes(self):
        self.assertGreater(self.under(attacks_http1.HANDSHAKES).counts["handshakes"], 20)

    def test_pipelining(self):
        self.assertGreater(self.under(attacks_http1.PIPELINES).counts["pipelines"], 0)

    def test_bad_requests(self):
        self.assertGreater(self.under(attacks_http1.BAD_REQUESTS).counts["bad requests"], 20)

    # TLS

    def test_key_updates(self):
        self.require_libssl()
        self.assertGreater(self.under(attacks_tls.KEY_UPDATES).counts["connections"], 1, "no flood was ended")
        self.under(attacks_tls.KEY_UPDATES_BETWEEN)

    def test_renegotiation(self):
        self.require_libssl()
        tally = self.under(attacks_tls.RENEGOTIATION)
        self.assertGreater(tally.counts["TLS 1.2 refused"] + tally.counts["renegotiation refused"], 0)

    def require_libssl(self) -> None:
        if attacks_tls.library() is None:
            print("skipped: attacks on the TLS layer need OpenSSL's libssl", flush=True)
            self.skipTest("no libssl")

    # HTTP/2: each flood must be ended by the daemon, connection after connection

    def test_http2_floods(self):
        for attack in (
            attacks_http2.RAPID_RESETS, attacks_http2.PINGS, attacks_http2.SETTINGS, attacks_http2.CONTINUATIONS,
            attacks_http2.EMPTY_DATA,
        ):
            with self.subTest(attack.name):
                tally = self.under(attack)
                self.assertGreater(tally.counts["closed by the daemon"], 0, "no flood was ended")

    def test_http2_window_updates(self):
        self.under(attacks_http2.WINDOW_UPDATES)

    def test_http2_huge_heads(self):
        tally = self.under(attacks_http2.HUGE_HEADS)
        served = [name for name in tally.counts if name.startswith("status ") and not name.startswith("status 4")]
        self.assertEqual(served, [], "a head over its bound was served")

    def test_http2_a_hundred_streams_are_served(self):
        with contextlib.closing((peer := attacks_http2.Peer(self.target, timeout=15)).socket):
            streams = [2 * number + 1 for number in range(100)]
            peer.send(*(peer.request(stream, "/v1/inbox?wait=1&type=tip") for stream in streams))
            self.assertEqual(attacks_http2.outcomes(peer, streams), (100, 0))

    def test_http2_many_streams(self):
        tally = self.under(attacks_http2.MANY_STREAMS)
        self.assertLessEqual(tally.largest["served on one connection"], 100)
        self.assertGreater(tally.counts["refused"] + tally.counts["closed by the daemon"], 0)


class Deadlines(unittest.TestCase):
    """Comes after the attacks, which are long enough for most of these times to pass."""

    def test_what_stands_still_is_ended_in_its_time(self):
        watch = getattr(Attacks, "watch", None) or Watch(target())
        for still in STILL:
            with self.subTest(still.name):
                seconds = watch.seconds(still)
                print(f"{still.name}: ended after {seconds and round(seconds)} s of {still.seconds}", flush=True)
                self.assertIsNotNone(seconds, f"still open after {still.seconds + SLACK} s")
                self.assertLess(seconds, still.seconds + SLACK)
                self.assertGreater(seconds, still.earliest, "cut before its time")

    def test_a_stream_ends_when_its_reader_says_goodbye(self):
        """By `close_notify` alone: what came for a reader that is gone would be leased to it as long as it is there."""
        with target().tls() as reader:
            reader.sendall(b"GET /v1/inbox/stream HTTP/1.1\r\nHost: x\r\n\r\n")
            head = b""
            while b":\n\n\r\n" not in head:
                octets = reader.recv(4096)
                self.assertTrue(octets, "the stream has ended")
                head += octets
            reader.settimeout(5)
            try:
                reader.unwrap()  # waits for the daemon's goodbye
            except ssl.SSLError as error:
                # The end of the answer stood before it.
                self.assertEqual(error.reason, "APPLICATION_DATA_AFTER_CLOSE_NOTIFY")


def report(file: Path, seconds: float) -> None:
    """Writes the table of every attack; without and with take turns, since a machine is not the same for long."""
    hub = target()
    good = GoodClient(hub.folder, hub.url)
    good.measure(1)
    lines = [
        "| attack | p50 without, ms | p50 with | p99 without, ms | p99 with | ratio of p99 | good calls lost | "
        "memory before, MiB | with | what happened |",
        "|---|---|---|---|---|---|---|---|---|---|"]
    for attack in ALL:
        if attack.run.__module__ == "attacks_tls" and attacks_tls.library() is None:
            print(f"skipped: {attack.name} needs OpenSSL's libssl", flush=True)
            continue
        result = attacked(hub, good, attack, good.measure(seconds), seconds)
        print(result, flush=True)
        ratio = "–" if math.isnan(result.ratio) else f"{result.ratio:.2f}"
        lines.append(
            f"| {attack.name} | {result.without.p50:.1f} | {result.samples.p50:.1f} | {result.without.p99:.1f} | "
            f"{result.samples.p99:.1f} | {ratio} | {len(result.samples.faults)} of {len(result.samples.seconds)} | "
            f"{result.before / 1024:.0f} | {result.during / 1024:.0f} | {result.what} |")
        file.write_text("\n".join(lines) + "\n")
        time.sleep(1)
    good.close()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Measures a good client under attack.")
    arguments.add_argument("--report", type=Path, required=True, metavar="FILE")
    arguments.add_argument("--seconds", type=float, default=10)
    given = arguments.parse_args()
    report(given.report, given.seconds)
