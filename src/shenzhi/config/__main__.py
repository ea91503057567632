"""`python -m shenzhi.config` is the command `shenzhi`."""

from shenzhi.config.cli import main

main(prog_name="shenzhi")
