"""What every attack shares: it runs in threads of its own until it is told to stop, and tells what it saw."""

import contextlib
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Callable, Iterator

from target import Target


class Tally:
    """What an attack has done and seen so far. Its threads share it."""

    def __init__(self):
        self.stop = threading.Event()
        self.ready = threading.Event()
        self.lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.largest: Counter[str] = Counter()
        self.faults: list[str] = []

    def add(self, name: str, count: int = 1) -> None:
        with self.lock:
            self.counts[name] += count

    def at_least(self, name: str, value: int) -> None:
        """Remembers the largest of several values."""
        with self.lock:
            self.largest[name] = max(self.largest[name], value)

    def fault(self, text: str) -> None:
        """Remembers something that must not have happened."""
        with self.lock:
            if len(self.faults) < 20:
                self.faults.append(text)

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in sorted((self.counts + self.largest).items()))


@dataclass(frozen=True)
class Attack:
    """One way to make trouble. `run` ends soon after `tally.stop` is set, and sets `tally.ready` when it is in full
    swing; `longest` bounds it where nobody stops it."""

    name: str
    run: Callable[[Target, Tally], None]
    threads: int = 1
    longest: float = 120

    @contextlib.contextmanager
    def running(self, target: Target) -> Iterator[Tally]:
        tally = Tally()

        def work() -> None:
            try:
                self.run(target, tally)
            except Exception as error:
                tally.fault(f"the attack itself failed: {error!r}")
            finally:
                tally.ready.set()

        threads = [threading.Thread(target=work, daemon=True) for _ in range(self.threads)]
        timer = threading.Timer(self.longest, tally.stop.set)
        timer.daemon = True
        timer.start()
        for thread in threads:
            thread.start()
        try:
            tally.ready.wait(self.longest)
            yield tally
        finally:
            tally.stop.set()
            timer.cancel()
            for thread in threads:
                thread.join(30)


def rounds(tally: Tally, most: int, pause: float = 0) -> Iterator[int]:
    """Counts rounds until the attack shall stop, at most so many."""
    tally.ready.set()
    for number in range(most):
        if tally.stop.is_set():
            return
        yield number
        time.sleep(pause)
