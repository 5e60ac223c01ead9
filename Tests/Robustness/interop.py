"""Makes the modules of the independent client, `Tests/Interop`, importable; imported for that alone."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "Interop"))
