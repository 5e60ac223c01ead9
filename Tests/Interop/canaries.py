"""Words that occur nowhere else, planted in messages and looked for where nothing of a message may be."""

import os
import secrets
import sqlite3
from pathlib import Path
from typing import Any, Iterator

from simpul_envelope import b64

SHORTEST = 20
"""Octets of a canary: enough that no part of it is found by chance."""

PART = 12
"""Octets of its beginning or end that count as the whole, so that a value that was cut short is found as well."""


class Canaries:
    """The canaries of one run, each with the place where it was planted."""

    def __init__(self) -> None:
        self.planted: dict[str, str] = {}

    def plant(self, place: str) -> str:
        word = f"kenari{secrets.token_hex(8)}"
        assert len(word) >= SHORTEST
        self.planted[word] = place
        return word

    def fill(self, value: Any, place: str) -> Any:
        """The value with a canary at the end of every text that people write (one with a blank in it)."""
        if isinstance(value, dict):
            return {name: self.fill(one, f"{place}/{name}") for name, one in value.items()}
        if isinstance(value, list):
            return [self.fill(one, f"{place}/{index}") for index, one in enumerate(value)]
        return f"{value} {self.plant(place)}" if isinstance(value, str) and " " in value else value

    def found_in(self, octets: bytes) -> set[str]:
        """The canaries in some octets: as they are or their beginning or end, in any case, in hexadecimal, and in
        base64url at any offset."""
        lowered = octets.lower()
        found = set()
        for word in self.planted:
            plain = word.encode()
            parts = (plain[:PART], plain[-PART:], plain.hex().encode())
            if any(one in lowered for one in parts) or any(one in octets for one in shifted(plain)):
                found.add(word)
        return found

    def places(self, words: set[str]) -> list[str]:
        return sorted(self.planted[word] for word in words)


def shifted(octets: bytes) -> Iterator[bytes]:
    """What base64url makes of the octets in the middle of others, without the letters that their neighbours share."""
    for offset in range(3):
        text = b64(bytes(offset) + octets)
        yield text[-(-offset * 8 // 6):(offset + len(octets)) * 8 // 6].encode()


def rows(database: Path) -> Iterator[tuple[str, bytes]]:
    """Every value of every table, as octets, with the name of its column."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        tables = [name for name, in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor:
                for name, value in zip(names, row):
                    if value is not None:
                        yield f"{table}.{name}", value if isinstance(value, bytes) else str(value).encode()
    finally:
        connection.close()


def files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        for name in folders + names:
            yield Path(parent) / name
