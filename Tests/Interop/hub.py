"""The running hub that the tests speak to, named by SIMPUL_HUB_DIR (its folder) and SIMPUL_URL (its address)."""

import os
import unittest
from functools import cache
from pathlib import Path

from simpul_client import Client


class Hub:
    def __init__(self, folder: Path, url: str):
        self.folder = folder
        self.url = url
        self.clients: dict[str, Client] = {}

    def client(self, agency: str) -> Client:
        if agency not in self.clients:
            self.clients[agency] = Client(self.folder / "agencies" / agency, self.url)
        return self.clients[agency]

    @property
    def id(self) -> str:
        return next(iter(self.clients.values())).hub

    def drain(self, *agencies: str) -> list[str]:
        """Empties inboxes, and gives the envelopes that were in them."""
        envelopes = []
        for client in map(self.client, agencies):
            while deliveries := client.inbox(wait=0, max=100):
                envelopes += [one["envelope"] for one in deliveries if "envelope" in one]
                for one in deliveries:
                    client.acknowledge(one["delivery"])
        return envelopes

    def close(self) -> None:
        for client in self.clients.values():
            client.close()


@cache
def running() -> Hub:
    """The hub under test; without one the tests are skipped, and say so."""
    folder, url = os.environ.get("SIMPUL_HUB_DIR"), os.environ.get("SIMPUL_URL")
    if not folder or not url:
        print("skipped: SIMPUL_HUB_DIR and SIMPUL_URL name no running hub", flush=True)
        raise unittest.SkipTest("SIMPUL_HUB_DIR and SIMPUL_URL name no running hub")
    hub = Hub(Path(folder), url)
    hub.client("id-1709.imigrasi")
    return hub
