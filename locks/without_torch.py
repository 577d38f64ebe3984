"""Drop PyTorch from a hashed lock: its CPU build comes from elsewhere than the index (see Makefile)."""

import re
import sys
from pathlib import Path

path = Path(sys.argv[1])
blocks = re.split(r"(?m)^(?=[a-z0-9#])", path.read_text(encoding="utf-8"))
path.write_text("".join(b for b in blocks if not re.match(r"torch==", b)), encoding="utf-8")
