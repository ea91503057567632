"""The drawing engine in a process of its own, so that nobody waits for what another is having drawn (article 86).

vl-convert lets no other thread of its process run while it draws (50 ms) or makes a picture (150 ms); in a server that
would hold up every reader. The process is started when first needed, takes half a second to get ready, answers one
question at a time, and ends with the process that started it.

    python -m shenzhi.pipeline.reports.engine       a line of JSON in, a line of JSON out
"""

from __future__ import annotations

import atexit
import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from threading import RLock
from typing import Any

from shenzhi.pipeline.reports import theme

VERSION = version("vl-convert-python")

_asking = RLock()
_processes: dict[
    int, subprocess.Popen[str]
] = {}  # by the process that asks: a fork does not inherit the engine


class EngineError(RuntimeError):
    """The engine could not draw what it was given; the message is the engine's own."""


def svg(specification: Mapping[str, Any]) -> str:
    """A Vega-Lite specification drawn as SVG."""
    return _ask({"specification": specification})


def png(drawing: str, scale: float) -> bytes:
    """An SVG as a PNG, `scale` pixels for each of its own."""
    return base64.b64decode(_ask({"drawing": drawing, "scale": scale}))


def start() -> None:
    """Start the engine, without waiting until it is ready."""
    with _asking:
        known = _processes.get(os.getpid())
        if known is None or known.poll() is not None:
            _processes[os.getpid()] = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )


def _ask(question: Mapping[str, Any]) -> str:
    with _asking:
        start()
        process = _processes[os.getpid()]
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(json.dumps(question, ensure_ascii=False) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            process.kill()
            process.wait()  # the next question starts another one
            raise EngineError("the drawing engine ended while it drew")
    said = json.loads(answer)
    if "fault" in said:
        raise EngineError(said["fault"])
    return str(said["made"])


@atexit.register
def _stop() -> None:
    if process := _processes.pop(os.getpid(), None):
        process.communicate()  # closes its door, upon which it ends


def main() -> None:
    """Answer questions until there are no more."""
    import vl_convert  # 88 MB that only this process needs

    vl_convert.register_font_directory(str(theme.FONT_DIRECTORY))
    vl_convert.vegalite_to_svg({"data": {"values": [{}]}, "mark": "point"})
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if "specification" in question:
                made = vl_convert.vegalite_to_svg(question["specification"])
            else:
                picture = vl_convert.svg_to_png(question["drawing"], scale=question["scale"])
                made = base64.b64encode(picture).decode()
            answer = {"made": made}
        except ValueError as error:  # what the engine raises for a specification that it cannot draw
            answer = {"fault": str(error)}
        print(json.dumps(answer, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    for channel in (sys.stdin, sys.stdout):
        channel.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # both are text files here
    try:
        main()
    except KeyboardInterrupt:  # the server is being stopped, and says so itself
        os._exit(0)
