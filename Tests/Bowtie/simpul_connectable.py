"""Lets Bowtie speak with the harness as a process of this machine, without a container.

A connectable of the kind `direct:module:object` is imported by Bowtie; this one starts the program that
SIMPUL_HARNESS names and passes Bowtie's commands on, line by line, as they would go into a container.
"""

import json
import os
import subprocess


class Connection:
    """One running harness."""

    def __init__(self, arguments):
        command = [os.environ["SIMPUL_HARNESS"], *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    async def request(self, message):
        """The answer to a command; none to `stop`."""
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        self.process.wait()
        return None


def annotation(**_):
    """Formats are annotations."""
    return lambda: Connection([])


def assertion(**_):
    """Formats are asserted."""
    return lambda: Connection(["--format-assertion"])
