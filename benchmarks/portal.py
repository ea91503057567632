"""How long the server takes for every kind of page, with a publication of a given size, beside the limit of 100 ms.

    python benchmarks/portal.py                                   350 areas, 200 indicators, 10 years
    python benchmarks/portal.py --areas 50 --indicators 40 --years 5

First is the first request for a page when its charts have not been drawn yet: it answers with pictures to be fetched
(the portal draws ahead, in the background, once for each edition; that is switched off here); cold is the page made
anew from the edition with its charts drawn; warm is the same page again, from memory. The limit holds for all of
them, but for the files that a chart can be taken away as: those are made for whoever asks, by the drawing engine, while
the server answers others. The figures stand in a lake, ingested as any return is. Times are of the clock; `cpu` is the processor's own time, which does not grow when other programs share the machine.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shenzhi.pipeline.index.published import Publication

ROOT = Path(__file__).resolve().parents[1]
LIMIT_MS = 100.0
WARM = 20


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--areas", type=int, default=350)
    parser.add_argument("--indicators", type=int, default=200)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--each", type=int, default=8, help="pages of each kind")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shenzhi-bench-") as folder:
        measure(asked, Path(folder))


def measure(asked: argparse.Namespace, folder: Path) -> None:
    os.environ["SHENZHI_HOME"] = str(folder / "home")
    os.environ["SHENZHI_DRAW_AHEAD"] = "0"
    os.environ["DJANGO_SETTINGS_MODULE"] = "shenzhi.config.settings"
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "portal")]
    import django
    import portal_cities
    from django.conf import settings
    from django.test import Client

    from shenzhi.pipeline.index.published import Publication
    from shenzhi.pipeline.lake import city as declared
    from shenzhi.web.portal import chapters, drawer
    from shenzhi.web.portal.editions import edition_of
    from shenzhi.web.portal.serve import KEPT, settle

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.ALLOWED_HOSTS = ["testserver"]
    django.setup()
    started = time.perf_counter()
    declared.CITIES = folder / "cities"
    portal_cities.sized(
        folder / "cities", areas=asked.areas, indicators=asked.indicators, years=asked.years, lake=True
    )
    print(f"{datetime.now(UTC):%Y-%m-%d}  {machine()}")
    print(f"python {platform.python_version()}, {' '.join(sys.argv)}")
    values = asked.areas * asked.indicators * asked.years
    print(f"{asked.areas} areas x {asked.indicators} indicators x {asked.years} years, some {values:,} values; "
          f"ingested and published in {time.perf_counter() - started:.0f} s")  # fmt: skip

    started = time.perf_counter()
    chapters.keep(edition_of("sized"))
    print(f"its report written as a page, as setting the report does: {time.perf_counter() - started:.0f} s")
    client = Client(headers={"accept-encoding": "gzip"})
    started = time.perf_counter()
    assert client.get("/sized/").status_code == 200
    drawer.load(edition_of("sized"))
    for page in drawer.samples(edition_of("sized")):
        assert client.get(f"/sized/{page}").status_code == 200, page
    settle()  # as each server process does before it answers anybody
    print(f"what a server process opens before it answers anybody: "
          f"{(time.perf_counter() - started) * 1000:.0f} ms\n")  # fmt: skip
    print(
        f"{'page':<22}{'kind':<6}{'n':>4}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}{'cpu p50':>9}{'kB':>8}   limit {LIMIT_MS:g} ms"
    )
    over = []
    drawn: list[tuple[float, float]] = []
    taken: list[tuple[float, float]] = []
    publication = Publication.current(declared.load_city("sized"))
    assert publication is not None
    for kind, paths in pages(asked, publication).items():
        first, cold, warm, size = [], [], [], 0
        for path in paths:
            first.append(timed(client, path))
            drawn += [timed(client, address) for address in pictures(client, path)]
            taken += [timed(client, address) for address in pictures(client, path, FILES)]
            KEPT.clear()
            cold.append(timed(client, path))
            warm += [timed(client, path) for _ in range(WARM)]
            response = client.get(path)
            size = max(
                size, len(b"".join(response.streaming_content) if response.streaming else response.content)
            )
        for name, pairs in (("first", first), ("cold", cold), ("warm", warm)):
            times, cpu = [one for one, _ in pairs], [one for _, one in pairs]
            worst = max(times)
            kept = "kept" if worst < LIMIT_MS else "OVER"
            if kept == "OVER":
                over.append(f"{kind} {name}")
            line = f"{kind if name == 'first' else '':<22}{name:<6}{len(times):>4}{statistics.median(times):>9.1f}"
            print(
                line
                + f"{percentile(times, 0.95):>9.1f}{worst:>9.1f}{statistics.median(cpu):>9.1f}{size / 1000:>8.0f}   {kept}"
            )
    for what, pairs in (("a drawing, made once", drawn), ("a PNG, made once", taken)):
        if pairs:
            times = [one for one, _ in pairs]
            print(f"{what:<28}{len(times):>4}{statistics.median(times):>9.1f}"
                  f"{percentile(times, 0.95):>9.1f}{max(times):>9.1f}")  # fmt: skip
    print(f"\nover the limit: {', '.join(over) or 'none'}")


def pages(asked: argparse.Namespace, publication: Publication) -> dict[str, list[str]]:
    """The addresses to ask for, by kind of page; no page is asked for twice in the cold runs."""
    last = 2013 + asked.years
    areas = [1000 + at * max(1, asked.areas // asked.each) for at in range(asked.each)]
    codes = [f"i{at * max(1, asked.indicators // asked.each)}" for at in range(asked.each)]
    (file,) = publication.manifest["vintage"]["sized_figures"]["snapshots"]
    return {
        "home": ["/en/sized/"],
        "index": [f"/sized/index/{year}/" for year in range(last, last - min(asked.each, asked.years), -1)],
        "areas": ["/sized/areas/", "/en/sized/areas/"],
        "area": [f"/sized/areas/{area}/" for area in areas],
        "domain": [f"/sized/domains/{code}/" for code in ("economy", "ecology", "urban", "society")],
        "indicators": ["/sized/indicators/", "/en/sized/indicators/"],
        "indicator": [f"/sized/indicators/{code}/" for code in codes],
        "derivation, index": [f"/sized/derivation/{area}/{last}/index/" for area in areas],
        "change": [f"/sized/changes/{area}/index/{last - 1}/{last}/" for area in areas],
        "derivation, domain": [f"/sized/derivation/{area}/{last}/economy/" for area in areas],
        "figure": [
            f"/sized/figures/{one.indicator}/{one.area}/{one.period}/"
            for code, area in zip(codes, ["100", *map(str, areas)], strict=False)
            for one in publication.observations(indicator=code, area=area)[-1:]
        ],
        "file": [f"/sized/files/{file}/", f"/en/sized/files/{file}/"],
        "source": ["/sized/data/sized_figures/", "/en/sized/data/sized_figures/"],
        "report": ["/sized/report/", "/en/sized/report/"],
        "method": ["/sized/method/", "/en/sized/method/"],
        "data": ["/sized/data/"],
        "search": ["/search/?q=指标", "/search/?q=第12区", "/en/search/?q=share", "/search/?q=i7"],
        "CSV of an indicator": [f"/sized/indicators/{code}.csv" for code in codes],
        "law": ["/law/", "/en/law/"],
    }


DRAWINGS = re.compile(r'(?:src|srcset)="(/[^"]*charts/[0-9a-f]{64}\.svg)"')
FILES = re.compile(r'href="(/[^"]*charts/[0-9a-f]{64}\.png)"')


def pictures(client: object, path: str, which: re.Pattern[str] = DRAWINGS) -> list[str]:
    """The addresses of the drawings that a page still waits for, as a reader's browser would ask for them, or of the
    files that it offers."""
    response = client.get(path)  # type: ignore[attr-defined]
    text = "" if response.streaming else gzip.decompress(response.content).decode() if response.headers.get(
        "Content-Encoding") == "gzip" else response.content.decode(errors="replace")  # fmt: skip
    return which.findall(text)


def timed(client: object, path: str) -> tuple[float, float]:
    """Milliseconds for one page on the server, compression included: by the clock, and of the processor."""
    started, spent = time.perf_counter(), time.process_time()
    response = client.get(path)  # type: ignore[attr-defined]
    if response.streaming:
        b"".join(response.streaming_content)
    elapsed, spent = (time.perf_counter() - started) * 1000, (time.process_time() - spent) * 1000
    assert response.status_code == 200, (path, response.status_code)
    return elapsed, spent


def percentile(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    model = (
        next(
            (
                line.split(":")[1].strip()
                for line in Path("/proc/cpuinfo").read_text().splitlines()
                if "model name" in line
            ),
            platform.processor(),
        )
        if Path("/proc/cpuinfo").exists()
        else platform.processor()
    )
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
