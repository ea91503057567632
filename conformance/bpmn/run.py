"""Proves that strangers read the procedures as BPMN 2.0: prepares a box, serves it, lets an engine and a modeller at it.

    .venv/bin/python conformance/bpmn/run.py
    .venv/bin/python conformance/bpmn/run.py --home /var/tmp/box --environment /var/tmp/client    both kept for the next time

The clients run in environments of their own (requirements.txt and package-lock.json, locked with hashes) and know nothing
of the box but its address. The second needs Node; where it is missing, that half is left out and said to be.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from serving import trial  # noqa: E402 - beside the folders of the clients


def main() -> int:
    with trial(__doc__ or "", HERE / "requirements.txt") as box:
        documents = box.scratch / "documents"
        documents.mkdir()
        engine = subprocess.run(
            [str(box.client), str(HERE / "client.py"), box.address, str(documents)], check=False
        )
        return engine.returncode or modelled(documents, box.kept / "node")


def modelled(documents: Path, folder: Path) -> int:
    """How the modeller's client ended; 0 where there is no Node, which is said."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        print(
            "SKIPPED bpmn-moddle: Node is missing, so nobody has judged the drawings. Way out: install nodejs and npm"
        )
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "client.mjs"):
        shutil.copy(HERE / name, folder / name)
    subprocess.run([npm, "ci", "--silent", "--ignore-scripts", "--no-audit"], cwd=folder, check=True)
    return subprocess.run([node, "client.mjs", str(documents)], cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
