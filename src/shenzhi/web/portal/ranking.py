"""Rankings, with ties said in words and areas without a score listed with the reason, and the tiles of the map."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.published import Score
from shenzhi.pipeline.lake.city import Area
from shenzhi.pipeline.reports import measures
from shenzhi.web.portal.editions import Edition

BANDS = 5
TILE_WIDTH, TILE_HEIGHT = 110, 84
NAME_SIZE = 14


@dataclass(frozen=True)
class Row:
    """One area in a ranking: `place` is its rank in words, `others` its scores in the six domains."""

    area: Area
    score: Score
    rank: int | None
    place: Words
    tied: bool
    others: tuple[tuple[str, Score | None], ...] = ()


@dataclass(frozen=True)
class Tile:
    """One area on the tile map, at `x`, `y` in the drawing; `band` is its shade, 0 when it has no score."""

    area: Area
    score: Score | None
    place: Words | None
    band: int
    x: int
    y: int

    @property
    def middle(self) -> int:
        return self.x + TILE_WIDTH // 2

    def lines(self, name: str) -> list[tuple[int, str]]:
        """The name in one line, or in two where it is wider than the tile, each with where it stands."""
        written = measures.wrapped(name, TILE_WIDTH - 8, NAME_SIZE)
        if len(written) == 1:
            return [(self.y + 26, name)]
        first, rest = written[0], " ".join(written[1:])
        return [(self.y + 15, first), (self.y + 30, measures.shortened(rest, TILE_WIDTH - 8, NAME_SIZE))]

    @property
    def value_y(self) -> int:
        return self.y + 52

    @property
    def place_y(self) -> int:
        return self.y + 72


@dataclass(frozen=True)
class TileMap:
    """The tile map: tiles, the size of the drawing, and what each shade stands for."""

    tiles: tuple[Tile, ...]
    width: int
    height: int
    bands: tuple[tuple[int, float, float], ...]
    tile_width: int = TILE_WIDTH
    tile_height: int = TILE_HEIGHT


def place(rank: int | None, tied: bool) -> Words:
    """A rank in words: a shared one says so."""
    if rank is None:
        return Words("未排名", "not ranked")
    return Words(f"并列第{rank}", f"{rank}=") if tied else Words(f"第{rank}", str(rank))


def standings(scores: Sequence[Score]) -> dict[str, tuple[int | None, bool]]:
    """Each area's rank among `scores`, and whether it shares it. The order and the ties are the edition's; counting
    starts again at 1, because the edition also ranks the city as a whole, which stands in no ranking of its parts."""
    ranks = sorted(one.rank for one in scores if one.rank is not None)
    return {
        one.area: (None, False)
        if one.rank is None
        else (
            bisect_left(ranks, one.rank) + 1,
            bisect_right(ranks, one.rank) - bisect_left(ranks, one.rank) > 1,
        )
        for one in scores
    }


def ranked(edition: Edition, period: str, node: str | None = None) -> tuple[list[Row], list[Row]]:
    """The ranking of a period, and the areas that have no published score in it; the city as a whole is in neither."""
    node = node or edition.root
    domains = [code for code in edition.domains if code in edition.nodes] if node == edition.root else []
    by_domain = {
        code: {one.area: one for one in edition.publication.scores(node=code, period=period)}
        for code in domains
    }
    scores = [
        one for one in edition.publication.scores(node=node, period=period) if one.area in edition.ranked_set
    ]
    found = standings(scores)
    order = {code: at for at, code in enumerate(edition.city.areas)}
    rows = [
        Row(
            area=edition.area(one.area),
            score=one,
            rank=found[one.area][0],
            place=place(*found[one.area]),
            tied=found[one.area][1],
            others=tuple((code, by_domain[code].get(one.area)) for code in domains),
        )
        for one in scores
    ]
    rows.sort(key=lambda row: (row.rank or 0, order.get(row.area.code, len(order)), row.area.code))
    return [row for row in rows if row.score.score is not None], [
        row for row in rows if row.score.score is None
    ]


def ties(rows: Sequence[Row], language: str) -> list[list[str]]:
    """The names of areas that share a rank, group by group."""
    groups: dict[int, list[str]] = {}
    for row in rows:
        if row.tied and row.rank is not None:
            groups.setdefault(row.rank, []).append(row.area.title.say(language))
    return list(groups.values())


def tile_map(edition: Edition, rows: Sequence[Row]) -> TileMap | None:
    """The tile map of a ranking; None when no area of the city has a place on it."""
    placed = [(area, area.tile) for area in edition.city.areas.values() if area.tile]
    if not placed:
        return None
    found = {row.area.code: row for row in rows}
    values = [row.score.score for row in rows if row.score.score is not None]
    low, high = (min(values), max(values)) if values else (0.0, 0.0)
    step = (high - low) / (BANDS - 1) if high > low else 0.0
    left, top = min(tile[0] for _, tile in placed), min(tile[1] for _, tile in placed)

    def band(score: float | None) -> int:
        if score is None:
            return 0
        return 1 + min(BANDS - 2, int((score - low) / step)) if step else 1

    tiles = tuple(
        Tile(
            area=area,
            score=row.score if row else None,
            place=row.place if row else None,
            band=band(row.score.score if row else None),
            x=(tile[0] - left) * TILE_WIDTH,
            y=(tile[1] - top) * TILE_HEIGHT,
        )
        for area, tile in placed
        for row in [found.get(area.code)]
    )
    bands = tuple((at + 1, low + at * step, low + (at + 1) * step) for at in range(BANDS - 1)) if step else ()
    return TileMap(
        tiles,
        max(tile.x for tile in tiles) + TILE_WIDTH,
        max(tile.y for tile in tiles) + TILE_HEIGHT,
        bands,
    )
