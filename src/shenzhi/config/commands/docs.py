"""`shenzhi docs`: writes the reference pages from the code, or says which of them are stale."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option(
    "--check",
    is_flag=True,
    help="只检查，不写 / write nothing; fail when a page is not what the code says now",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="页面文件夹 / folder of the pages  [default: docs/reference of the checkout]",
)
def docs(check: bool, out: Path | None) -> None:
    """由代码生成参考页面 / Write the reference pages."""
    from shenzhi.config.docs import REFERENCE, stale, write

    folder = out or REFERENCE
    if out is None and not folder.parent.is_dir():
        raise click.ClickException(
            "这里没有 docs 文件夹；请在源码目录中运行，或用 --out 指定\n"
            "no docs folder here: run in a checkout, or name one with --out"
        )
    if check:
        names = stale(folder)
        if names:
            raise click.ClickException(
                f"页面已过时：{'、'.join(names)}；请运行 `shenzhi docs`（make docs）并提交结果\n"
                f"stale: {', '.join(names)}; run `shenzhi docs` (make docs) and keep what it writes"
            )
        click.echo("参考页面与代码一致。 The reference pages are what the code says.")
        return
    changed = write(folder)
    click.echo(f"已更新 updated: {', '.join(changed)}" if changed else "没有变化。 Nothing changed.")


COMMANDS = [docs]
