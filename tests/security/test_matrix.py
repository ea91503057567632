from __future__ import annotations
from collections import Counter
def test_build(city):
    import time
    print(len(city.records), len(city.markers), Counter(type(r).__name__ for r in city.records))
    for p in city.people.values():
        print(p.name, sum(city.seen(p,r) is not None for r in city.records), sum(city.may_read(p,m) for m in city.markers))
    for r in city.records: print(r.number, type(r).__name__, getattr(r,'state',''))
    assert 0
