"""`rppg-lab …`: the course's own program.

Each command imports what it needs when it runs, so that `--help` answers at once.
"""

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import rppg_lab

SOME_FAILED, FAILED, REFUSED = 1, 2, 3  # ours: a part of the work is missing; "you can mend this"; no reliable pulse
INTERRUPTED, TERMINATED = 130, 143  # the shell's for Ctrl-C and SIGTERM
# Names of `methods.METHODS` and `video.FINDERS`, here as text so that --help loads neither; a test compares them.
METHODS = ("green", "ica", "chrom", "pos", "lgi", "pbv", "omit", "network")
FINDERS = ("haar", "lbp")
# What the reader can mend: ours and the computer's. Any other is a bug, and shows its traceback.
EXPECTED = (ValueError, OSError, NotImplementedError, FloatingPointError)


def data(arguments: argparse.Namespace) -> int:
    from rppg_lab.datasets import made

    names, known = arguments.only or list(made.SAMPLES), made.known_samples()
    if unknown := sorted(set(names) - set(known)):
        raise ValueError(f"there is no sample set {', '.join(unknown)}: choose from {', '.join(known)}")
    for name in names:
        path = made.sample(name, remake=arguments.remake)
        print(f"{name:17} {path.stat().st_size / 1e6:5.0f} MB  {path}  ({known[name].about})")
    return 0


def train(arguments: argparse.Namespace) -> int:
    # A thread that waits for another shall not turn round on a core that could make people. Read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from rppg_lab import experiment

    print(experiment.run(experiment.load_settings(arguments.params), fresh=arguments.fresh))
    return 0


def read(arguments: argparse.Namespace) -> int:
    from rppg_lab import reading, video

    try:
        if arguments.figure is not None:
            reading.check_figure(arguments.figure)
        found = reading.read_file(
            arguments.video,
            method=arguments.method,
            box=arguments.box,
            times=arguments.times,
            fs=arguments.fs,
            rotate=arguments.rotate,
            every=arguments.every,
            finder=video.get_finder(arguments.finder),
            weights=arguments.weights,
        )
        for write, path in ((reading.write_figure, arguments.figure), (reading.write_wave, arguments.wave)):
            if path is not None and found.wave is not None:
                write(found, path)
            elif path is not None:
                print(f"rppg-lab: {path} is not written: there is no wave", file=sys.stderr)
    except EXPECTED as error:
        if arguments.json:  # one object, whatever happens; what to mend is told below as well
            print(reading.to_json(reading.nothing_read(arguments.method, _one_line(error))))
        raise
    print(reading.to_json(found) if arguments.json else reading.in_words(found))
    return 0 if found.reliable else REFUSED


def record(arguments: argparse.Namespace) -> int:
    from rppg_lab import camera

    path = camera.record(
        arguments.file, seconds=arguments.seconds, camera=arguments.camera, overwrite=arguments.overwrite
    )
    print(f"Recorded: {path} ({path.stat().st_size / 1e6:.0f} MB). Now: rppg-lab read {path}")
    return 0


def prepare(arguments: argparse.Namespace) -> int:
    from rppg_lab import preparing

    done = preparing.prepare(
        arguments.folder,
        arguments.out,
        preparing.Choices(
            size=arguments.size,
            enlarge=arguments.enlarge,
            every=arguments.every,
            smooth=arguments.smooth,
            box=arguments.box,
            finder=arguments.finder,
            rotate=arguments.rotate,
            delay=arguments.delay,
            subject=arguments.subject,
            even=not arguments.true_clock,
        ),
        processes=arguments.processes,
        fresh=arguments.fresh,
    )
    print(done)
    return SOME_FAILED if done.failed else 0


def progress(arguments: argparse.Namespace) -> int:
    from rppg_lab import checks

    print(checks.progress_report())
    return 0


def reset(arguments: argparse.Namespace) -> int:
    from rppg_lab.checks import progress, resetting

    done = resetting.reset(arguments.lessons)
    for fresh, kept in done:
        print(f"{fresh} is fresh." + (f" What you had is kept: {kept.name}." if kept else ""))
    if arguments.forget:
        count = progress.forget(fresh.name[:2] for fresh, _ in done)
        print(f"Forgotten: your progress in {count} exercise{'s' * (count != 1)}.")
    print("If one is open in JupyterLab, take there: File, Reload Notebook from Disk.")
    return 0


def collect(arguments: argparse.Namespace) -> int:
    from rppg_lab.checks import collecting

    done = collecting.collect(
        arguments.folder,
        arguments.out,
        processes=arguments.processes,
        time_limit=arguments.time_limit,
        memory_gb=arguments.memory,
    )
    print(done)
    return SOME_FAILED if done.unreadable else 0


def version(arguments: argparse.Namespace) -> int:
    print(f"rppg-lab {rppg_lab.__version__}")
    return 0


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _box(text: str) -> str | tuple[float, ...]:
    if text == "whole":
        return text
    try:
        x, y, w, h = map(float, text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither x,y,w,h (four numbers) nor whole") from None
    return x, y, w, h


def _options_of_the_video(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--every",
        type=int,
        default=30,
        metavar="FRAMES",
        help="look for the face in every so many-th frame (default: 30)",
    )
    one.add_argument(
        "--finder",
        default=FINDERS[0],
        metavar="NAME",
        help=f"what looks for it: {' or '.join(FINDERS)}, or the file of a cascade of your own (.xml); default: haar",
    )
    one.add_argument(
        "--rotate",
        type=int,
        choices=(0, 90, 180, 270),
        default=0,
        help="turn the picture clockwise, on top of the turn that a phone has noted in the file",
    )


def make_parser() -> argparse.ArgumentParser:
    """Every command with its options; a command is a function above of the same name."""
    parser = argparse.ArgumentParser(prog="rppg-lab", description="The program of rPPG Lab, beside its lessons.")
    parser.add_argument("--traceback", action="store_true", help="show where in the code an error arose")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(run, summary: str) -> argparse.ArgumentParser:
        command = commands.add_parser(run.__name__, help=summary, description=summary[0].upper() + summary[1:] + ".")
        command.set_defaults(run=run, stopped="Stopped. The same command goes on where it stopped.")
        return command

    one = add(data, "make the sample data that is missing, and say where it is")
    one.add_argument("--only", action="append", metavar="NAME", help="this set alone; may be given several times")
    one.add_argument("--remake", action="store_true", help="make it anew even if it is there")

    one = add(train, "train and test as a params file says, or show the finished run of the same settings")
    one.description += (
        " In the params file, data_path, validation_path and test_path each name a file or a sample of the course; "
        "the data_path endless:wide makes new people for every epoch while the one before is trained on. Interrupted, "
        "the same command goes on after the last finished epoch."
    )
    one.add_argument("params", type=Path, metavar="PARAMS", help="the settings, a JSON file")
    one.add_argument("--fresh", action="store_true", help="start from nothing even if such a run exists")

    one = add(read, "read the heart rate from a video, or say that there is no reliable pulse")
    one.description += (
        " Exit status: 0 a reading, 3 no reliable pulse, 2 a video or an option that cannot be used. Not a medical "
        "device: how sure it is was measured on made videos."
    )
    one.add_argument("video", type=Path, metavar="VIDEO", help="a video file, or a folder of pictures")
    one.add_argument(
        "--method",
        type=str.lower,
        choices=METHODS,
        default="pos",
        help="what makes a wave of the colours (default: pos); network: one that was trained on made faces, takes some "
        "seconds to start, and is held to evidence of its own",
    )
    one.add_argument(
        "--box",
        type=_box,
        metavar="X,Y,W,H",
        help="where the face is, in pixels, as tight as a finder draws it, if it stays there; or the word whole, for a "
        "picture that is all face and a little around it. Default: the face is found and followed",
    )
    _options_of_the_video(one)
    one.add_argument("--times", type=Path, metavar="FILE", help="when each frame was taken: a CSV file, seconds")
    one.add_argument("--fs", type=float, metavar="HZ", help="frames a second, for a folder, or a file that lies")
    one.add_argument("--weights", type=Path, metavar="FILE", help="another network than the package's")
    one.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    one.add_argument("--figure", type=Path, metavar="FILE", help="save a picture of how good the reading is (.png, …)")
    one.add_argument("--wave", type=Path, metavar="FILE", help="save the pulse wave as CSV: time_s, bvp")
    one.set_defaults(stopped="Stopped. Nothing was read.")

    one = add(record, "record a face with this computer's camera, for `read`")
    one.description += (
        " A video of a face is personal data, and a pulse can be read from it: record only yourself or somebody who "
        "agreed, and delete the file when you are done; it stays on this computer. Look into the camera and sit "
        "still, with light on the face and none behind it. The first second is not kept: the camera still adjusts. "
        "Stopped by Ctrl-C, 10 s or more are kept, fewer are not. Exit status: 0 recorded, 2 not (no camera, or the "
        "file exists), 130 stopped before there were 10 s."
    )
    one.add_argument(
        "file", type=Path, metavar="FILE", help="the file to write, NAME.mkv: lossless, so some hundred megabytes"
    )
    one.add_argument("--seconds", type=float, default=20.0, metavar="S", help="how long, from 10 on (default: 20)")
    one.add_argument("--camera", type=int, default=0, metavar="N", help="which camera, counted from 0 (default: 0)")
    one.add_argument("--overwrite", action="store_true", help="replace the file if it exists")
    one.set_defaults(stopped="Stopped. Nothing was kept.")

    one = add(prepare, "turn a folder of videos with pulse files into one HDF5 file of recordings")
    one.description += (
        " Each video needs a pulse file: NAME.csv beside NAME.mp4, or BVP.csv in a folder with one video; a column of "
        "times in seconds (time or timestamp) and one of the wave (bvp, ppg, wave or pulse). The times of the frames "
        "are taken from NAME_times.csv or frames_timestamp.csv if there is one, on the pulse file's clock; else from "
        "the video, and a pulse file whose times lie elsewhere is taken to start with it. The recording is the part "
        "that both cover. "
        "Interrupted, the same command goes on where it stopped. Exit status: 0 all is in the file, 1 some videos are "
        "not (each is named with its reason), 2 nothing could be done."
    )
    one.add_argument("folder", type=Path, metavar="FOLDER", help="the videos, in it or in folders below")
    one.add_argument("out", type=Path, metavar="OUT.h5", help="the file to write; it appears when it is complete")
    one.add_argument("--size", type=int, default=64, help="width and height of the crops in pixels (default: 64)")
    one.add_argument(
        "--enlarge",
        type=float,
        default=1.5,
        metavar="FACTOR",
        help="side of the crop over that of the found face (default: 1.5); 1 is the face alone",
    )
    one.add_argument(
        "--smooth",
        type=int,
        default=5,
        metavar="SEARCHES",
        help="the box is the median of so many searches, an odd number (default: 5); 1 smooths nothing",
    )
    one.add_argument(
        "--box",
        choices=("tracked", "fixed", "whole"),
        default="tracked",
        help="tracked: the box follows the face (default); fixed: the middle of all that was found, for the whole "
        "video; whole: no search, the picture is a crop already",
    )
    _options_of_the_video(one)
    one.add_argument(
        "--delay",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how much later the pulse file's clock shows the same beat than the video's (default: 0)",
    )
    one.add_argument(
        "--subject",
        choices=("folder", "name", "each"),
        default="folder",
        help="who is in a video: folder, the first one below FOLDER (default; a video in FOLDER itself is a person of "
        "its own); name, up to the first _ or -; each, in every video somebody else",
    )
    one.add_argument(
        "--true-clock",
        action="store_true",
        help="keep every frame at its own time; else a video more than half a frame off an even clock gets frames on "
        "one, each a mixture of its two neighbours",
    )
    one.add_argument("--processes", type=int, metavar="N", help="how many at once (default: one per core, up to 8)")
    one.add_argument("--fresh", action="store_true", help="start anew, also what an interrupted run has finished")

    add(progress, "show which exercises are done, which are open, and what failed most")

    one = add(reset, "give fresh copies of lessons' notebooks; what you had is kept beside them")
    one.description += (
        " A notebook in work/ that you have edited stays there as NAME_kept_DATE_TIME.ipynb. What you have solved "
        "stays solved, unless you say --forget. Exit status: 0, or 2 when nothing could be done."
    )
    one.add_argument("lessons", nargs="+", metavar="NN", help="the number of a lesson, as in: 07 08")
    one.add_argument("--forget", action="store_true", help="forget your progress in these lessons as well")

    one = add(collect, "grade the notebooks of a class into csv files")
    one.description += (
        " FOLDER holds a folder for each learner, or files NAME.ipynb or NAME_10_....ipynb. Written are "
        "exercise_10.2.csv for each exercise (learner, file, state, name of the misconception, text), summary.csv "
        "(learner by exercise; of several answers the best), and nbgrader.csv (the columns of `nbgrader export`, one "
        "point for each exercise passed). States: PASS, TODO, FAIL, MISSING (not in the notebook), ERROR (could not "
        "be tried, the text says why). A notebook is not run as a whole: of each exercise the last answer in it, and "
        "the imports, definitions and values that it uses. Each is tried in a process of its own, which is ended "
        "when its time is over, and judged in another: nothing a notebook prints or writes can make it pass. It is no "
        "prison: learners' code runs with your rights, so collect what strangers send on an account, or in a "
        "container, that holds nothing else. Run again, it grades all anew. Exit status: 0 all was read, 1 some "
        "notebooks were not (each is named), 2 nothing could be done."
    )
    one.add_argument("folder", type=Path, metavar="FOLDER", help="where the learners' notebooks are")
    one.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: grades in FOLDER)")
    one.add_argument("--processes", type=int, metavar="N", help="how many at once (default: one per core, up to 8)")
    one.add_argument(
        "--time-limit", type=float, default=60.0, metavar="S", help="seconds for one exercise (default: 60)"
    )
    one.add_argument(
        "--memory",
        type=float,
        default=2.0,
        metavar="GB",
        help="for one process, beside what the libraries take (default: 2); held on Linux, not on Windows or macOS",
    )
    one.set_defaults(stopped="Stopped. No file was changed; the same command begins anew.")

    add(version, "print the version")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 2 for a mistake that the reader can mend, 130 for Ctrl-C.

    `prepare` returns 1 when some videos could not be prepared, `read` 3 when it found no reliable pulse.

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
        print(f"\n{options.stopped}", file=sys.stderr)
        return INTERRUPTED
    except EXPECTED as error:
        if options.traceback:
            traceback.print_exc()
        print(f"rppg-lab: {_one_line(error)}", file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
