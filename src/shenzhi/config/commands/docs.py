"""`shenzhi docs`: writes the reference pages from the code, or says which of them are stale."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when a page is not what the code says now.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the pages.  [default: docs/reference of the checkout]",
)
def docs(check: bool, out: Path | None) -> None:
    """Write the reference pages that are generated from the code."""
    from shenzhi.config.docs import REFERENCE, stale, write

    folder = out or REFERENCE
    if out is None and not folder.parent.is_dir():
        raise click.ClickException(
            "这里没有 docs 文件夹 no docs folder here: run in a checkout, or name one with --out"
        )
    if check:
        names = stale(folder)
        if names:
            raise click.ClickException(
                f"页面已过时 stale: {', '.join(names)}. 请运行 run `shenzhi docs` (make docs) and keep what it writes"
            )
        click.echo("参考页面与代码一致。 The reference pages are what the code says.")
        return
    changed = write(folder)
    click.echo(f"已更新 updated: {', '.join(changed)}" if changed else "没有变化。 Nothing changed.")


COMMANDS = [docs]
