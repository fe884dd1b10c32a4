"""`rppg-lab …`: the course's own program.

Each command imports what it needs when it runs, so that `--help` answers at once.
"""

import argparse
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import rppg_lab

FAILED, INTERRUPTED, TERMINATED = 2, 130, 143  # ours for "you can mend this"; the shell's for Ctrl-C and SIGTERM
# What the reader can mend: ours and the computer's. Any other is a bug, and shows its traceback.
EXPECTED = (ValueError, OSError, NotImplementedError, FloatingPointError)


def data(arguments: argparse.Namespace) -> int:
    from rppg_lab.datasets import made

    names = arguments.only or list(made.SAMPLES)
    unknown = sorted(set(names) - set(made.SAMPLES))
    if unknown:
        raise ValueError(f"there is no sample set {', '.join(unknown)}: choose from {', '.join(made.SAMPLES)}")
    for name in names:
        path = made.sample(name, remake=arguments.remake)
        print(f"{name:12} {path.stat().st_size / 1e6:5.0f} MB  {path}  ({made.SAMPLES[name].about})")
    return 0


def train(arguments: argparse.Namespace) -> int:
    from rppg_lab import experiment

    print(experiment.run(experiment.load_settings(arguments.params), fresh=arguments.fresh))
    return 0


def progress(arguments: argparse.Namespace) -> int:
    from rppg_lab import checks

    print(checks.progress_report())
    return 0


def version(arguments: argparse.Namespace) -> int:
    print(f"rppg-lab {rppg_lab.__version__}")
    return 0


def make_parser() -> argparse.ArgumentParser:
    """Every command with its options; a command is a function above of the same name."""
    parser = argparse.ArgumentParser(prog="rppg-lab", description="The program of rPPG Lab, beside its lessons.")
    parser.add_argument("--traceback", action="store_true", help="show where in the code an error arose")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(run, summary: str) -> argparse.ArgumentParser:
        command = commands.add_parser(run.__name__, help=summary, description=summary[0].upper() + summary[1:] + ".")
        command.set_defaults(run=run)
        return command

    one = add(data, "make the sample data that is missing, and say where it is")
    one.add_argument("--only", action="append", metavar="NAME", help="this set alone; may be given several times")
    one.add_argument("--remake", action="store_true", help="make it anew even if it is there")

    one = add(train, "train and test as a params file says, or show the finished run of the same settings")
    one.add_argument("params", type=Path, metavar="PARAMS", help="the settings, a JSON file")
    one.add_argument("--fresh", action="store_true", help="start from nothing even if such a run exists")

    add(progress, "show which exercises are done, which are open, and what failed most")
    add(version, "print the version")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 2 for a mistake that the reader can mend, 130 for Ctrl-C.

    `arguments` are the words of the command line; None takes those of the process.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a Windows console that has no λ shows "?" instead of failing
    options = make_parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # unwind, so that no helper process stays behind
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on where it stopped.", file=sys.stderr)
        return INTERRUPTED
    except EXPECTED as error:
        if options.traceback:
            traceback.print_exc()
        message = " ".join(str(error).split()) or type(error).__name__
        print(f"rppg-lab: {message}", file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
