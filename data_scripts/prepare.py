"""Turn a folder of videos with pulse files into one HDF5 file: `python data_scripts/prepare.py FOLDER OUT.h5`.

The same as `rppg-lab prepare`; `--help` lists the options, and rppg_lab/preparing.py says what a folder may look like.
"""

import sys

from rppg_lab import cli


def main(arguments: list[str] | None = None) -> int:
    return cli.main(["prepare", *(sys.argv[1:] if arguments is None else arguments)])


if __name__ == "__main__":  # the processes that help import this file and must not start again
    sys.exit(main())
