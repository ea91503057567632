"""Recomputes a history from its published chain: python check_history.py HEAD.json CHAIN.csv [CHAIN.csv ...]

HEAD.json is the head of a day, /history/heads/<day>.json; the CHAIN.csv files are all stretches of all lanes, each lane in
its order. Nothing but Python is needed, and nothing is sent anywhere.
"""

import csv
import hashlib
import json
import sys


def sha256(*lines: object) -> str:
    return hashlib.sha256("\n".join(map(str, lines)).encode()).hexdigest()


with open(sys.argv[1], encoding="utf-8") as file:
    head = json.load(file)
if (
    sha256(head["before"], head["day"], head["events"], json.dumps(head["lanes"], separators=(",", ":")))
    != head["hash"]
):
    sys.exit(f"the head of {head['day']} was altered")
to_pass = {(lane, seq): stored for lane, seq, stored in head["lanes"] if seq}
ends: dict[int, tuple[int, str]] = {}
events = 0
for name in sys.argv[2:]:
    with open(name, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lane, seq, stored = int(row["lane"]), int(row["seq"]), row["hash"]
            last, before = ends.get(lane, (0, "0" * 64))
            if seq != last + 1:
                sys.exit(f"lane {lane}: after place {last} comes {seq}")
            if (
                sha256(before, lane, seq, row["content"]) != stored
                or to_pass.pop((lane, seq), stored) != stored
            ):
                sys.exit(f"lane {lane}, place {seq}: the hash is not the one that must stand here")
            ends[lane], events = (seq, stored), events + 1
if to_pass:
    sys.exit(f"the chain ends before the head of {head['day']}: {sorted(to_pass)} (lane, place) are missing")
print(f"{events} events, whole, through the head of {head['day']}")
