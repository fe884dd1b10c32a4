"""`python lab.py bundle`: pack the course for computers without internet. Standard library only, as lab.py is.

How such a folder is recognised and installed from stands in lab.py, which is all that the other computer needs.
"""

import argparse
import filecmp
import fnmatch
import hashlib
import json
import os
import platform
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path

import lab

PYTHONS = [f"3.{minor}" for minor in range(lab.OLDEST[1], lab.NEWEST[1] + 1)]
SAMPLES_GB, WHEELS_GB = 1.5, 0.5  # the sample data; the wheels of one system for one Python

# pip's options choose wheels for another computer, but it asks *this* one which requirements that one has, as in
# `pywinpty; os_name == "nt"` (pip #11664). So its answer is replaced, and the rest is pip itself.
PIP_ELSEWHERE = """
import json, runpy, sys
from pip._vendor.packaging import markers
there = json.loads(sys.argv.pop(1))
if not callable(getattr(markers, "default_environment", None)):
    sys.exit("This pip cannot choose for another computer.")
markers.default_environment = there.copy
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""
SAMPLE_PATHS = "from rppg_lab.datasets import made; print(*map(made.sample, made.SAMPLES), sep='\\n')"


def wheel_tags(system: str) -> list:
    """What the platforms of a system's wheels may be called, the newest first."""
    family, _, machine = lab.SYSTEMS[system]
    if family == "win32":
        return ["win_amd64"]
    if family == "darwin":
        return ["macosx_14_0_arm64"]  # pip knows the older ones; PyTorch needs this one
    names = [f"manylinux_2_{minor}" for minor in range(28, 4, -1)]  # PyTorch needs 2.28, and pip asks for each (#10760)
    return [f"{name}_{machine}" for name in [*names, "manylinux2014", "manylinux2010", "manylinux1", "linux"]]


def markers(system: str, python: str) -> dict:
    """What a requirement may ask about a computer: the environment markers of a system and a full version of Python."""
    platform_name, system_name, machine = lab.SYSTEMS[system]
    return {
        "sys_platform": platform_name,
        "platform_system": system_name,
        "platform_machine": machine,
        "os_name": "nt" if platform_name == "win32" else "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "implementation_version": python,
        "platform_release": "",
        "platform_version": "",
    }


def requirements() -> list:
    """All that installing the course for learning and testing asks for, and what building it asks for."""
    found = tomllib.loads((lab.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = found["project"]
    return [*found["build-system"]["requires"], *project["dependencies"], *project["optional-dependencies"]["test"]]


def project_files() -> list:
    """The project's files, relative to its folder: what git tracks, without git what .gitignore does not name."""
    if (lab.ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=str(lab.ROOT), stdout=subprocess.PIPE)
        if listed.returncode == 0:
            names = [os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
            return [Path(name) for name in names if (lab.ROOT / name).is_file()]
    print(f"Without git nobody can tell what in {lab.ROOT} is yours: take it out of the bundle.", flush=True)
    lines = (lab.ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    ignored = [".git", *(line.strip("/ ") for line in lines)]
    found = []
    for folder, folders, files in os.walk(lab.ROOT):
        for names in (folders, files):
            names[:] = [name for name in names if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)]
        found += [(Path(folder) / name).relative_to(lab.ROOT) for name in files]
    return found


def sample_files(python: Path) -> list:
    """The files of the sample data and no others; what is missing is made."""
    command = [str(python), "-X", "utf8", "-c", SAMPLE_PATHS]
    made = subprocess.run(command, cwd=str(lab.ROOT), stdout=subprocess.PIPE)
    if made.returncode != 0:
        raise lab.Stop(lab.NO_DATA)
    return [Path(line) for line in made.stdout.decode("utf-8").splitlines()]


def copy_file(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all, unless it is there already."""
    if target.exists() and filecmp.cmp(str(source), str(target)):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copy2(str(source), str(part))
    os.replace(part, target)


def check_bundle_folder(folder: Path, asked: dict) -> None:
    """Raise lab.Stop if a bundle cannot be made in this folder, or would spoil what is there."""
    if lab.is_bundle():
        raise lab.Stop("This folder is a bundle itself: copy it as it is, or make another where it came from.")
    if folder == lab.ROOT or lab.ROOT in folder.parents:
        raise lab.Stop(f"{folder} is inside the project: choose a folder outside of it.")
    if folder.exists() and not folder.is_dir():
        raise lab.Stop(f"{folder} is a file: choose another name.")
    if (folder / lab.BUNDLE).exists():
        found = lab.read_json(folder / lab.BUNDLE)
        if {key: found.get(key) for key in asked} != asked:
            raise lab.Stop(
                f"{folder} holds a bundle of another course, system or Python: delete it, or choose another."
            )
    elif folder.exists() and any(folder.iterdir()):
        raise lab.Stop(f"{folder} is not empty: choose a new folder.")
    there = next(parent for parent in [folder, *folder.parents] if parent.exists())
    needed = SAMPLES_GB + WHEELS_GB * len(asked["systems"]) * len(asked["pythons"])
    free = shutil.disk_usage(there).free / 1e9 + sum(path.stat().st_size for path in folder.rglob("*")) / 1e9
    if free < needed:
        raise lab.Stop(
            f"The bundle needs {needed:.1f} GB and {there} has {free:.1f} free: make room, then run this again."
        )


def download_wheels(python: Path, folder: Path, systems: list, pythons: list) -> None:
    """Fetch the wheels for each system and Python; what is there already is kept."""
    wheels = folder / lab.WHEELS
    wheels.mkdir(exist_ok=True)
    for wheel in wheels.iterdir():
        if not zipfile.is_zipfile(str(wheel)):  # cut off: the directory of a zip file is its end
            wheel.unlink()
    linux = any(lab.SYSTEMS[system][0] == "linux" for system in systems)
    torch = lab.cpu_options() if linux else []
    for system in systems:
        tags = [word for tag in wheel_tags(system) for word in ("--platform", tag)]
        for version in pythons:
            print(f"Wheels for {system} with Python {version}", flush=True)
            abi = "cp" + version.replace(".", "")
            options = [*tags, "--implementation", "cp", "--abi", abi, "--only-binary=:all:", "--dest", wheels]
            options += torch if lab.SYSTEMS[system][0] == "linux" else []
            for micro in (0, 99):  # some packages differ between 3.11.4 and 3.11.5: take what either end needs
                full = f"{version}.{micro}"
                pip = [python, "-c", PIP_ELSEWHERE, json.dumps(markers(system, full)), "download"]
                words = ["--python-version", full, *options, "-c", lab.ROOT / "constraints.txt", *requirements()]
                lacking = f"There is no {{}} for {system} with Python {version}: leave that one out."
                lab.run_pip(pip, words, folder / "bundle.log", lacking)


def make_bundle(folder: Path, systems: list, pythons: list, data: bool) -> None:
    """Make of `folder` a copy of the project from which lab.py installs without internet.

    It is the project, with `wheels/`, with `data/` as the course itself would make it, and with `bundle.json`: what it
    was made for and, written last, the digest of every wheel. Without those digests it is not used.
    """
    course = hashlib.sha256(b"".join((lab.ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")))
    asked = {"systems": sorted(set(systems)), "pythons": sorted(set(pythons)), "course": course.hexdigest()}
    check_bundle_folder(folder, asked)
    python = lab.prepare()
    samples = sample_files(python) if data else []
    folder.mkdir(parents=True, exist_ok=True)
    lab.write_bytes(folder / lab.BUNDLE, json.dumps(asked).encode())
    print(f"Copying the project to {folder}", flush=True)
    for name in project_files():
        copy_file(lab.ROOT / name, folder / name)
    for path in samples:
        copy_file(path, folder / "data" / path.name)
    download_wheels(python, folder, asked["systems"], asked["pythons"])
    digests = {wheel.name: lab.file_digest(wheel) for wheel in sorted((folder / lab.WHEELS).glob("*.whl"))}
    lab.write_bytes(folder / lab.BUNDLE, json.dumps({**asked, "wheels": digests}, indent=1).encode())
    (folder / "bundle.log").unlink(missing_ok=True)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e9
    print(f"\nReady, {size:.1f} GB: copy all of {folder} to a computer without internet, and run python lab.py in it.")


def main(arguments: list) -> int:
    """The command line. Raise lab.Stop with what is wrong and the remedy."""
    here, version = lab.this_system(), ".".join(platform.python_version_tuple()[:2])
    parser = argparse.ArgumentParser(
        prog="python lab.py bundle",
        description="Pack the course into a folder from which `python lab.py` installs without internet: the project "
        "as git tracks it (no work, runs or videos of yours), the packages it needs, and the made sample data. Without "
        "git every file in the project's folder is packed that .gitignore does not name. The folder may be carried on "
        "a stick; copy it to the computer's own disk before you run lab.py in it. "
        "Interrupted, the same command goes on where it stopped; a bundle that is not finished is not used.",
    )
    default = lab.ROOT.parent / "rppg-lab-bundle"
    parser.add_argument("folder", nargs="?", type=Path, default=default, metavar="FOLDER", help=f"default: {default}")
    parser.add_argument(
        "--for",
        dest="systems",
        action="extend",
        nargs="+",
        choices=sorted(lab.SYSTEMS),
        metavar="SYSTEM",
        help=f"{', '.join(sorted(lab.SYSTEMS))}; several are possible (default: this computer's, {here})",
    )
    parser.add_argument(
        "--python",
        dest="pythons",
        action="extend",
        nargs="+",
        choices=PYTHONS,
        metavar="VERSION",
        help=f"the Pythons there: {', '.join(PYTHONS)} (default: this one, {version})",
    )
    parser.add_argument("--no-data", dest="data", action="store_false", help="they make the sample data themselves")
    options = parser.parse_args(arguments)
    if not options.systems and here is None:
        parser.error("there is no bundle for a computer like this one: say --for which")
    folder = Path(os.path.abspath(options.folder))  # without "..", and not resolve(): see lab.ROOT
    make_bundle(folder, options.systems or [here], options.pythons or [version], options.data)
    return 0
