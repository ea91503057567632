"""`shenzhi index large`: the scores of a table that does not fit in memory, from Parquet to Parquet (article 86)."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from shenzhi.kernel.words import Words

console = Console(highlight=False)


@click.command()
@click.argument("method", type=click.Path(path_type=Path))
@click.argument("data")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="结果文件 / Parquet file for the scores"
)
@click.option("--memory", default="4GB", show_default=True, help="内存上限 / limit of memory")
@click.option("--threads", default=2, show_default=True, help="线程数 / threads")
@click.option("--node", "nodes", multiple=True, help="只要这些节点 / only these nodes beside the index")
@click.option("--rank/--no-rank", default=False, help="同时排名 / ranks as well, which need a sort")
def large(
    method: Path, data: str, out: Path, memory: str, threads: int, nodes: tuple[str, ...], rank: bool
) -> None:
    """内存装不下的表 / A table larger than memory.

    \b
    DATA 是宽表的 Parquet 文件，或 "data/*.parquet" 这样的一组。
    只用方法文件中能写成查询的步骤；其余的会说明并拒绝。

    DATA is a wide Parquet file or a pattern of files. The method may name only steps that a query can say; others are
    refused by name."""
    from shenzhi.pipeline.index.method import MethodError, load_method
    from shenzhi.pipeline.index.scope import IndexFault
    from shenzhi.pipeline.index.wide import run_wide

    with Progress(
        TextColumn("{task.description}"), BarColumn(24), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("")

        def progress(step: Words, done: int, total: int) -> None:
            bar.update(task, description=f"{step.zh} {step.en}", completed=done, total=total)

        try:
            wide = run_wide(
                load_method(method),
                data,
                out,
                memory=memory,
                threads=threads,
                nodes=nodes or None,
                show=("score", "coverage", *(("rank", "rank_of") if rank else ())),
                progress=progress,
            )
        except (MethodError, IndexFault) as error:
            raise click.ClickException(
                f"未计算，没有写入文件 nothing was computed or written:\n{error}"
            ) from error
    console.print(f"{wide.rows:,} 行有结果 rows scored -> {wide.path}", soft_wrap=True)
