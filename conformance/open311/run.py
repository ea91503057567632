"""Proves that strangers' clients of Open311 GeoReport v2 get on with the box: prepares one, serves it, lets the client loose.

    .venv/bin/python conformance/open311/run.py
    .venv/bin/python conformance/open311/run.py --home /var/tmp/box --environment /var/tmp/client    both kept for the next time

The client runs in an environment of its own (requirements.txt, locked with hashes) and knows nothing of the box but its
address, and a command with which the office moves a problem on.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from serving import ROOT, trial  # noqa: E402 - beside the folders of the clients


def main() -> int:
    with trial(__doc__ or "", HERE / "requirements.txt") as box:
        shared = Path(os.environ.get("SHENZHI_SHARED") or ROOT.parent / "shared")
        schemas = shared / "data" / "open311"
        # the platform's interpreter beside the client's: only to move the problem on, as its clerk would
        move = [sys.executable, str(HERE / "office.py")]
        given = [box.address, str(schemas) if schemas.is_dir() else "", *move]
        return subprocess.run(
            [str(box.client), str(HERE / "client.py"), *given], env=box.environment, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
