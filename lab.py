"""rPPG Lab: the way in. `python lab.py --help` says what it can do.

Standard library only. The whole file must parse on Python 3.6, so that an old Python meets a sentence and not a
SyntaxError.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).absolute().parent  # not resolve(), which turns a drive letter of Windows into a network path
OLDEST, NEWEST = (3, 11), (3, 13)
DOWNLOADS = "https://www.python.org/downloads/"


def python_sentence(version, found):
    """What to tell a Python of this version that cannot run the course, or None. `found` are better ones' commands."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return None
    remedy = f"run `{found[0]} lab.py`" if found else f"install Python 3.12 from {DOWNLOADS}"
    return "The course needs Python {}.{} to {}.{}, this is {}.{}: {}.".format(*OLDEST, *NEWEST, *version[:2], remedy)


def better_pythons():
    """The commands on this computer that start a Python the course can use (a shim that starts nothing is left out)."""
    names = ["python3.12", "python3.13", "python3.11"]
    commands = [[name] for name in names if shutil.which(name)]
    if shutil.which("py"):  # the launcher of Windows
        commands += [["py", name.replace("python", "-")] for name in names]
    works = [c for c in commands if subprocess.call([*c, "-c", ""], stderr=subprocess.DEVNULL) == 0]
    return [" ".join(command) for command in works]


# Before the functions below: their annotations mean nothing to an old Python.
if python_sentence(sys.version_info, []):
    sys.exit(python_sentence(sys.version_info, better_pythons()))

NOTEBOOKS = ROOT / "notebooks"
WORK = ROOT / "work"
COPIED = ".copied.json"  # in WORK: the digest of every notebook as it was copied
STAMP = "rppg-lab.json"  # in the environment: what was installed there last
TORCH_CPU = "https://download.pytorch.org/whl/cpu"
NEEDED_GB, NEEDED_GB_GPU = (
    4,
    10,
)  # environment, pip's temporary files, sample data; PyTorch for a GPU is huge
BUNDLE, WHEELS = "bundle.json", "wheels"  # what makes a copy of the project a bundle; lab_bundle.py packs it
PATIENCE = 10.0  # seconds given to a stopped program before it is told again, each time less politely

HELP = """\
commands:
  (none)      open the course: install what it needs, make the sample data, copy the notebooks, start JupyterLab
  setup       the same, but stop before JupyterLab
  bundle      pack all of it for computers without internet; more: python lab.py bundle --help
  test        run every test; what follows goes to pytest, as in: python lab.py test -m "not course"
  reset       a fresh notebook, the old one kept: python lab.py reset 07
  data, train, record, read, prepare, progress, collect, version
              the course's own program, elsewhere called `rppg-lab`; each has a --help, as in: python lab.py data --help

The notebooks you work in are in work/, and nothing ever writes over one that you have edited. Everything is installed
into the active virtual or conda environment (not conda's `base`), or else into .venv beside this file.
"""


class Stop(Exception):
    """One plain sentence for the reader: what is wrong, and the remedy."""


# ---------------------------------------------------------------- running other programs


def run(command: list, **options) -> int:
    """Run a program to its end and return its exit status.

    A terminal sends Ctrl-C to the program as well, so it is waited for, told again if it does not end, and only then
    the KeyboardInterrupt goes on. Whichever way this function is left, the program is no more.
    """
    child = subprocess.Popen([str(word) for word in command], **options)
    before = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    louder = [child.terminate, child.kill]
    if os.name != "nt":
        louder.insert(0, lambda: child.send_signal(signal.SIGINT))
    interrupted = False
    try:
        while True:
            try:
                status = child.wait(PATIENCE if interrupted and louder else None)
                break
            except KeyboardInterrupt:
                interrupted = True
            except subprocess.TimeoutExpired:
                louder.pop(0)()
    finally:
        signal.signal(signal.SIGTERM, before)
    if interrupted:
        raise KeyboardInterrupt
    return status


# ---------------------------------------------------------------- the environment


def python_in(prefix: Path) -> Path | None:
    """The Python of an environment (the second name on Windows is conda's), or None if it has none."""
    names = ["Scripts/python.exe", "python.exe"] if os.name == "nt" else ["bin/python"]
    return next((prefix / name for name in names if (prefix / name).exists()), None)


def choose_environment(environ: dict, prefix: str, base_prefix: str) -> Path:
    """The active environment if there is one, else `.venv` beside this file, whether it exists already or not."""
    if prefix != base_prefix:
        return Path(prefix)
    active = [environ.get("VIRTUAL_ENV")]
    if environ.get("CONDA_DEFAULT_ENV", "base") != "base":
        active.append(environ.get("CONDA_PREFIX"))
    return next((Path(p) for p in active if p and python_in(Path(p))), ROOT / ".venv")


def has_nvidia_gpu() -> bool:
    return bool(shutil.which("nvidia-smi")) or Path("/proc/driver/nvidia").exists()


def check_computer(system: str, machine: str, pointer_bits: int) -> None:
    """Raise Stop on a computer for which PyTorch has no file."""
    if (system, machine) == ("darwin", "x86_64"):
        raise Stop(
            "PyTorch is no longer made for Intel Macs, nor for an Intel Python on another Mac: on Apple silicon "
            f"install the universal Python from {DOWNLOADS} and run this with it."
        )
    if pointer_bits < 64:
        raise Stop(f"PyTorch needs a 64-bit Python and this is a 32-bit one: install the other from {DOWNLOADS}.")


def make_environment(prefix: Path) -> None:
    """Create the virtual environment, or fill in a half-made one."""
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise Stop(
            "This Python cannot make a virtual environment: on Debian or Ubuntu `sudo apt install python3-venv`, "
            f"elsewhere install Python from {DOWNLOADS}, then run this again."
        )
    needed = NEEDED_GB_GPU if has_nvidia_gpu() else NEEDED_GB
    free = shutil.disk_usage(prefix.parent).free / 1e9
    if free < needed:
        raise Stop(f"The course needs {needed} GB and this disk has {free:.1f} free: make room, then run this again.")
    print(f"Making an environment in {prefix}", flush=True)
    if run([sys.executable, "-m", "venv", prefix]) != 0:
        raise Stop(f"The environment could not be made (the reason is above): delete {prefix}, then run this again.")


def check_environment(prefix: Path) -> str:
    """The version of the environment's own Python. Raise Stop if it does not start or cannot run the course."""
    try:
        answer = subprocess.check_output([str(python_in(prefix)), "-c", "import sys; print(*sys.version_info[:3])"])
    except (OSError, subprocess.CalledProcessError) as error:
        raise Stop(f"The Python in {prefix} no longer starts: delete that folder, then run this again.") from error
    version = [int(number) for number in answer.split()]
    sentence = python_sentence(version, [])
    if sentence:
        raise Stop(f"{sentence[:-1]}, and leave or delete the environment {prefix}.")
    return ".".join(map(str, version))


def fingerprint(version: str) -> str:
    """Changes when pip has to run again: other dependencies, a moved project (it is installed editable), or Python."""
    digest = hashlib.sha256(f"{ROOT}\n{version}\n".encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def read_json(path: Path) -> dict:
    """The dict stored in a file of ours; {} if there is none or it is damaged, which only costs doing things again."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)  # mkstemp's file is for its owner alone
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def constraints_for(python: Path) -> str:
    """The tested versions of what is not installed yet: in a reader's own environment, what is there stays as it is."""
    names = "import importlib.metadata as m; print(*{d.metadata['Name'] for d in m.distributions()}, sep='\\n')"
    installed = subprocess.check_output([str(python), "-c", names], universal_newlines=True).split()
    have = {normal_name(name) for name in installed}
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if normal_name(line.split("==")[0]) not in have) + "\n"


def normal_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def can_reach(url: str, seconds: float = 5.0) -> bool:
    try:
        urllib.request.urlopen(url, timeout=seconds).close()
    except (OSError, ValueError):  # ValueError: an odd proxy setting
        return False
    return True


def torch_options() -> list:
    """pip's options for PyTorch on this computer."""
    return cpu_options() if sys.platform.startswith("linux") and not has_nvidia_gpu() else []


def cpu_options() -> list:
    """pip's options for PyTorch's CPU build on Linux, where the ordinary one brings gigabytes for a GPU."""
    if can_reach(TORCH_CPU + "/torch/"):
        return ["--extra-index-url", TORCH_CPU]
    print(f"{TORCH_CPU} cannot be reached: taking PyTorch from the ordinary index, where it may be larger.", flush=True)
    return []


def pip_sentence(log: str, log_file: Path, lacking: str | None = None) -> str:
    """What a failed pip means, from what it logged; `lacking` is said of a package without a file that fits."""
    missing = re.search(r"No matching distribution found for ([^\s;]+)", log)
    if lacking and missing:
        return lacking.format(missing[1])
    if re.search(r"No space left on device|not enough space on the disk", log):
        return f"The disk is full (pip also needs room in {tempfile.gettempdir()}): make room, then run this again."
    if re.search(r"NewConnectionError|NameResolutionError|Connect(ion)?Timeout|ReadTimeout|ProxyError|SSLError", log):
        return "The package index cannot be reached: check the network, run this again; it goes on where it stopped."
    return f"pip failed (the reason is in its last lines above, all of it in {log_file}): see Trouble in README.md."


def run_pip(command: list, words: list, log_file: Path, lacking: str | None = None) -> None:
    """Run a command of pip, which logs to a new file, and raise Stop with what its failure means."""
    write_bytes(log_file, b"")  # pip only ever adds to it
    if run([*command, "--no-input", "--disable-pip-version-check", "--log", log_file, *words], cwd=str(ROOT)) != 0:
        raise Stop(pip_sentence(log_file.read_text(encoding="utf-8", errors="replace"), log_file, lacking))


def install(prefix: Path, version: str, test: bool) -> None:
    """Install the course, editable, with the tested versions; nothing is done if that is what was done last."""
    python, stamp, wanted = python_in(prefix), read_json(prefix / STAMP), fingerprint(version)
    if stamp.get("fingerprint") == wanted and (stamp.get("test") or not test):
        return
    test = bool(test or stamp.get("test"))
    if run([python, "-c", "import pip"], stderr=subprocess.DEVNULL) != 0 and run([python, "-m", "ensurepip"]) != 0:
        raise Stop(f"The environment {prefix} has no pip: add it (`conda install pip`), then run this again.")
    print(f"Installing the course into {prefix} (minutes the first time)", flush=True)
    constraints, log_file = ROOT / "constraints.txt", prefix / "rppg-lab-install.log"
    if prefix != ROOT / ".venv":
        constraints = prefix / "rppg-lab-constraints.txt"
        write_bytes(constraints, constraints_for(python).encode())
    words = [*(offline_options() if is_bundle() else torch_options()), "-c", constraints]
    lacking = f"The bundle has no {{}} that fits this computer: {HOW_ELSE}." if is_bundle() else None
    run_pip([python, "-m", "pip", "install"], [*words, "-e", ".[test]" if test else "."], log_file, lacking)
    write_bytes(prefix / STAMP, json.dumps({"fingerprint": wanted, "test": test}).encode())


def prepare(test: bool = False) -> Path:
    """Make or reuse the environment, and return its Python."""
    check_computer(sys.platform, platform.machine(), sys.maxsize.bit_length() + 1)
    prefix = choose_environment(dict(os.environ), sys.prefix, sys.base_prefix)
    if is_bundle():
        check_bundle(check_environment(prefix) if python_in(prefix) else platform.python_version())
    if python_in(prefix) is None:
        make_environment(prefix)
    install(prefix, check_environment(prefix), test)
    return python_in(prefix)


# ---------------------------------------------------------------- a room without internet

# How each system names itself: sys.platform, platform.system(), platform.machine().
SYSTEMS = {
    "linux-x86_64": ("linux", "Linux", "x86_64"),
    "linux-aarch64": ("linux", "Linux", "aarch64"),
    "macos-arm64": ("darwin", "Darwin", "arm64"),
    "windows-amd64": ("win32", "Windows", "AMD64"),
}
HOW_ELSE = f"make one that does (`python lab.py bundle --help`), or delete {BUNDLE} to install from the internet"


def this_system() -> str | None:
    """The name in SYSTEMS of this computer, or None if it has none."""
    here = (sys.platform, platform.system(), platform.machine())
    return next((name for name, names in SYSTEMS.items() if names == here), None)


def is_bundle() -> bool:
    return (ROOT / BUNDLE).exists()


def check_bundle(version: str) -> None:
    """Raise Stop if the bundle that this folder is was not finished, or not made for this computer and Python."""
    found, system, python = read_json(ROOT / BUNDLE), this_system(), ".".join(version.split(".")[:2])
    if "wheels" not in found:  # they are written down last
        raise Stop(
            "This bundle is unfinished or damaged: run the same `python lab.py bundle` again where it was made (it "
            "goes on where it stopped), and copy the whole folder anew."
        )
    if system not in found["systems"] or python not in found["pythons"]:
        made_for = "{} with Python {}".format(" and ".join(found["systems"]), " or ".join(found["pythons"]))
        here = f"{system or platform.platform()} with Python {python}"
        raise Stop(f"This bundle was made for {made_for}, and this is {here}: {HOW_ELSE}.")


def offline_options() -> list:
    """pip's options for installing from the bundle alone. Raise Stop if a wheel did not survive its journey."""
    for name, expected in read_json(ROOT / BUNDLE)["wheels"].items():
        wheel = ROOT / WHEELS / name
        if not wheel.exists() or file_digest(wheel) != expected:
            raise Stop(f"{wheel} is missing or damaged: copy the folder of the bundle again, all of it.")
    return ["--no-index", "--find-links", ROOT / WHEELS]


def file_digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---------------------------------------------------------------- what the course needs

NO_DATA = "The sample data could not be made (the reason is above)."


def make_data(python: Path) -> None:
    if run([python, "-m", "rppg_lab.cli", "data"], cwd=str(ROOT)) != 0:
        raise Stop(NO_DATA)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def copy_notebooks(source: Path, work: Path) -> list:
    """Copy new notebooks, and newer ones over unedited ones. Return the names of edited ones with a newer original."""
    work.mkdir(exist_ok=True)
    copied = read_json(work / COPIED)
    outdated = []
    for original in sorted(source.glob("*.ipynb")):
        name, content, copy = original.name, original.read_bytes(), work / original.name
        if copy.exists():
            there = digest(copy.read_bytes())
            if there not in (copied.get(name), digest(content)):  # edited
                if copied.get(name) != digest(content):
                    outdated.append(name)
                continue
        if not copy.exists() or there != digest(content):
            write_bytes(copy, content)
        copied[name] = digest(content)
    write_bytes(work / COPIED, json.dumps(copied, indent=1).encode())
    return outdated


def setup_work() -> None:
    try:
        outdated = copy_notebooks(NOTEBOOKS, WORK)
    except PermissionError as error:
        raise Stop(f"{WORK} cannot be written to: copy the project to a folder of your own, run it there.") from error
    if outdated:
        print("There is a newer {}; your edited copy stays: rename it to get the new one.".format(", ".join(outdated)))


# ---------------------------------------------------------------- JupyterLab


def on_a_hub(environ: dict) -> bool:
    return any(name.startswith("JUPYTERHUB_") for name in environ)


def can_show_a_browser(environ: dict) -> bool:
    """Whether a browser opened here would appear before the reader."""
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return False
    return not sys.platform.startswith("linux") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def start_page(work: Path) -> str:
    first = sorted(path.name for path in work.glob("00_*.ipynb"))[:1]
    return "/lab/tree/" + first[0] if first else "/lab"


def check_port(port: int) -> None:
    with socket.socket() as probe:
        if os.name != "nt":  # where it would let two programs share one port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Stop(f"Port {port} is taken or not allowed: choose another, or leave --port out.") from error


def jupyter_command(python: Path, page: str, port: int | None, browser: bool) -> list:
    """JupyterLab on this computer alone, at the start page. Quiet: its address is all that it prints."""
    command = [python, "-m", "jupyterlab", f"--ServerApp.root_dir={WORK}", f"--LabApp.default_url={page}"]
    command += ["--ServerApp.ip=127.0.0.1", "--Application.log_level=WARN"]
    command += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += ["--LanguageServerManager.autodetect=False"]  # it would look for node first, which takes seconds
    command += ["--ServerApp.answer_yes=True"]  # one Ctrl-C ends it, without a question
    if port is not None:
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        command += ["--no-browser"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command += ["--allow-root"]
    return command


def open_course(python: Path, port: int | None, browser: bool) -> int:
    page = start_page(WORK)
    if on_a_hub(dict(os.environ)):
        kernel = ["--user", "--name", "rppg-lab", "--display-name", "rPPG Lab"]
        status = run([python, "-m", "ipykernel", "install", *kernel])
        first = WORK / Path(page).name
        print(f"This hub's JupyterLab is the one to use: in its file browser open {first}, with the kernel `rPPG Lab`.")
        return status
    if port is not None:
        check_port(port)
    browser = browser and can_show_a_browser(dict(os.environ))
    print("JupyterLab starts. Ctrl-C in this window ends it.")
    if os.environ.get("SSH_CONNECTION"):
        print("Over ssh, bring the port of the address below to your own computer: ssh -L PORT:127.0.0.1:PORT")
    sys.stdout.flush()
    try:
        # In ROOT, not in WORK: a reader's notebook folder may hold a `token.py`, which must not become the library's.
        status = run(jupyter_command(python, page, port, browser), cwd=str(ROOT))
    except KeyboardInterrupt:
        print("\nThe course is closed.")
        return 0
    if status != 0:
        raise Stop("JupyterLab ended with an error (the reason is above): run this again, or see Trouble in README.md.")
    return 0


def run_tests(python: Path, arguments: list) -> int:
    """The style, then every test. All are run even if one fails; the exit status is the first that is not 0."""
    ruff = [python, "-m", "ruff"]
    pytest = [python, "-m", "pytest", "-n", "2", "--dist", "loadscope"]
    commands = [[*ruff, "check", "."], [*ruff, "format", "--check", "."], [*pytest, *arguments]]
    statuses = [run(command, cwd=str(ROOT)) for command in commands]
    return next((status for status in statuses if status != 0), 0)


# ---------------------------------------------------------------- the command line


def port_number(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise ValueError
    return number


port_number.__name__ = "port number"  # argparse's message names it


def go(arguments: list) -> int:
    parser = argparse.ArgumentParser(
        prog="python lab.py",
        usage="python lab.py [--no-browser] [--port N]\n       python lab.py COMMAND ...",
        description="A course that teaches remote photoplethysmography by building it.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    parser.add_argument("--port", type=port_number, metavar="N", help="JupyterLab's port (if not given: a free one)")
    command = arguments[0] if arguments and not arguments[0].startswith("-") else None
    rest = arguments[1:]
    options = parser.parse_args([] if command else arguments)
    if command == "setup" and rest:
        parser.error("setup takes no arguments")

    if command == "bundle":
        import lab_bundle

        return lab_bundle.main(rest)
    if command not in (None, "setup", "test"):
        try:
            return run([prepare(), "-m", "rppg_lab.cli", *arguments])
        except KeyboardInterrupt:
            return 130
    python = prepare(test=command == "test")
    make_data(python)
    if command == "test":
        return run_tests(python, rest)
    setup_work()
    if command == "setup":
        print("Ready: `python lab.py` opens the course.")
        return 0
    return open_course(python, options.port, not options.no_browser)


def main(arguments: list) -> int:
    try:
        return go(arguments)
    except Stop as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\nThe computer refused ({error}): if the disk is full make room, then run this again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on where it stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.modules["lab"] = sys.modules["__main__"]  # what lab_bundle.py imports: this file, and not a second copy of it
    sys.exit(main(sys.argv[1:]))
