"""Make a file of made recordings: `python data_scripts/make_dataset.py people.h5 --subjects 100 120 --label finger`.

The same command gives the same file, byte for byte, however many processes work on it.
"""

import argparse
import sys
from pathlib import Path

from rppg_lab.datasets import made
from rppg_lab.synthesis import DOMAINS, LABELS


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "path", type=Path, help="the HDF5 file to make; an older one is replaced when the new is complete"
    )
    parser.add_argument(
        "--subjects",
        nargs=2,
        type=int,
        default=(0, 9),
        metavar=("FIRST", "END"),
        help="numbers of the people, END not included (default: 0 9)",
    )
    parser.add_argument("--domain", choices=DOMAINS, default="lab", help="where they are filmed (default: lab)")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of each recording (default: 60)")
    parser.add_argument("--fs", type=float, default=30.0, help="frames per second (default: 30)")
    parser.add_argument("--size", type=int, default=64, help="width and height in pixels (default: 64)")
    parser.add_argument("--no-pulse", action="store_true", help="the same videos without the pulse: the control")
    parser.add_argument("--label", choices=LABELS, default="perfect", help="what the wave is measured by")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other people (default: 0)")
    parser.add_argument("--processes", type=int, help="how many at once (default: one per core)")
    chosen = parser.parse_args(arguments)
    try:
        path = made.make(
            chosen.path,
            subjects=range(*chosen.subjects),
            domain=chosen.domain,
            seed=chosen.seed,
            seconds=chosen.seconds,
            fs=chosen.fs,
            size=chosen.size,
            pulse=not chosen.no_pulse,
            label=chosen.label,
            processes=chosen.processes,
        )
    except (ValueError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{parser.prog}: stopped; nothing was written", file=sys.stderr)
        return 130
    print(path)
    return 0


if __name__ == "__main__":  # the processes that help import this file and must not start again
    sys.exit(main())
