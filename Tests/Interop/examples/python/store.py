"""Files that outlive a crash. A real system has a table for each of these; what matters is the order of writing."""

import os


def write(path, octets):
    """The file is on disk, whole, before this returns, or it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with open(fresh, "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
