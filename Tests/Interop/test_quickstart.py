"""The quick start does what it says: its script and its commands are run as they stand in docs/quickstart.md."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from hub import running
from messages import IMM, POL

PAGE = Path(__file__).resolve().parents[2] / "docs" / "quickstart.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


class QuickStart(unittest.TestCase):
    def test_the_script_is_short(self):
        script, = blocks("python")
        self.assertLessEqual(len([line for line in script.splitlines() if line]), 60)
        self.assertLessEqual(max(map(len, script.splitlines())), 120)

    def test_every_command_works(self):
        hub = running()
        self.addCleanup(hub.close)
        missing = [tool for tool in ("bash", "curl", "openssl") if shutil.which(tool) is None]
        if missing:
            print(f"skipped: the quick start needs {', '.join(missing)}", flush=True)
            self.skipTest(f"no {', '.join(missing)}")
        hub.drain(IMM, POL)
        with tempfile.TemporaryDirectory() as folder:
            output = self.run_page(Path(folder), hub.folder, hub.url)
        for said in ('"agency":"id-1709.imigrasi"', '"endorsement":', '"headline":', "Verified OK", "that we know"):
            self.assertIn(said, output.replace('": "', '":"').replace('": ', '":'))

    def run_page(self, folder: Path, hub: Path, url: str) -> str:
        (folder / "agency.py").write_text(blocks("python")[0])
        first, *others = blocks("sh")
        script = "set -euo pipefail\n" + f"(\n{first})\n" + "\n".join(others)
        environment = os.environ | {
            "DIR": str(hub.resolve()), "URL": url, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        done = subprocess.run(
            ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout


if __name__ == "__main__":
    unittest.main()
