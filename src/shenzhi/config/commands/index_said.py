"""What the commands under `shenzhi index` have in common: how a publication is opened and things are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from shenzhi.kernel.words import Words

if TYPE_CHECKING:
    from shenzhi.pipeline.index.published import Publication

SHOWN = 10  # areas in a printed table; all are in the files
console = Console(highlight=False)


def opened(path: Path) -> Publication:
    """The publication in a folder, or the current one of a folder of publications."""
    from shenzhi.pipeline.index.folder import current_edition
    from shenzhi.pipeline.index.published import Publication, PublicationError

    try:
        return Publication.open(path / current_edition(path) if (path / "current").is_file() else path)
    except PublicationError as error:
        raise click.ClickException(str(error)) from error


def unpublished(slug: str) -> str:
    return (
        f"{slug} 还没有已发布的指数，请先运行 shenzhi index publish --city {slug}\n"
        f"{slug} has no published index yet: run shenzhi index publish --city {slug} first"
    )


def both(title: Words) -> str:
    """A name in both languages, once where they are the same: a table's own names have one language."""
    return title.zh if title.zh == title.en else f"{title.zh} {title.en}"


def figure(score: float | None, decimals: int = 2) -> str:
    return "—" if score is None else f"{score:.{decimals}f}"
