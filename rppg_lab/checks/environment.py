"""Whether this computer can run the course, and what to do where it cannot."""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from rppg_lab import folders
from rppg_lab.datasets import made
from rppg_lab.processes import default_count

PACKAGE = "rppg-lab"
SAMPLES_GB, RUNS_GB = 1.5, 0.5  # what is needed on disk: the sample data, and what the lessons train
MEMORY_NEEDED = 4.0  # GB, a system that calls itself 4 GB reports a little less
MEMORY_ROOM = 0.9
CORES_WANTED = 2
GB = 1e9

GOOD, MIND, BAD = "good", "mind", "BAD"
SETUP = "close Jupyter and type in the project's folder: python lab.py setup"


class Finding(NamedTuple):
    """One thing looked at. state: GOOD, MIND (works, but …) or BAD. says: what was found, and the remedy."""

    what: str
    state: str
    says: str


def inspect_environment() -> list[Finding]:
    """Look at Python, the packages, disk, memory, processor and sample data; takes a fraction of a second."""
    looks: tuple[Callable[[], Finding], ...] = (_python, _packages, _disk, _memory, _processor, _samples)
    return [look() for look in looks]


def environment_report() -> str:
    """What `inspect_environment` found, a line each.

    What is good is said without numbers, so that the report of every computer on which all is well is the same.
    """
    lines = [f"{one.state:4}  {one.what}: {one.says}" for one in inspect_environment()]
    troubles = sum(line.startswith(BAD) for line in lines)
    end = "This computer is ready." if not troubles else "Mend what is BAD before you go on."
    return "\n".join([*lines, end])


def _python() -> Finding:
    wanted = importlib.metadata.metadata(PACKAGE)["Requires-Python"]
    here = ".".join(map(str, sys.version_info[:3]))
    if SpecifierSet(wanted).contains(here, prereleases=True):
        return Finding("Python", GOOD, "a version that the course was tested with")
    return Finding("Python", BAD, f"this is {here}, the course needs {wanted}; install 3.12 and start with that one")


def _packages() -> Finding:
    wrong = []
    for text in importlib.metadata.requires(PACKAGE) or ():
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} is {version}, needed is {requirement.specifier}")
    if wrong:
        return Finding("Packages", BAD, f"{'; '.join(wrong)}; {SETUP}")
    return Finding("Packages", GOOD, "all there, in versions that fit")


def _disk() -> Finding:
    folder = folders.data_folder()
    there = next(one for one in (folder, *folder.parents) if one.exists())
    free = shutil.disk_usage(there).free / GB
    needed = RUNS_GB + (SAMPLES_GB if _missing_samples() else 0.0)
    if free >= needed:
        return Finding("Disk", GOOD, "enough room for the data and for what you will train")
    remedy = f"empty the bin, or set {folders.DATA_VARIABLE} to a folder on another disk"
    return Finding("Disk", BAD, f"{free:.1f} GB free, {needed:g} GB needed; {remedy}")


def _memory() -> Finding:
    size = memory_bytes()
    if size is None:
        return Finding("Memory", MIND, f"its size cannot be read here; {MEMORY_NEEDED:g} GB are needed")
    if size / GB < MEMORY_NEEDED * MEMORY_ROOM:
        return Finding(
            "Memory", MIND, f"{size / GB:.1f} GB, {MEMORY_NEEDED:g} GB are wanted; close what you do not use"
        )
    return Finding("Memory", GOOD, f"{MEMORY_NEEDED:g} GB or more")


def _processor() -> Finding:
    if default_count() < CORES_WANTED:
        return Finding("Processor", MIND, "one core only: everything works, and takes up to twice the time")
    return Finding("Processor", GOOD, f"{CORES_WANTED} cores or more")


def _samples() -> Finding:
    missing = _missing_samples()
    if missing:
        return Finding(
            "Sample data", MIND, f"{', '.join(missing)} not made yet; {SETUP} (or wait when a lesson makes it)"
        )
    return Finding("Sample data", GOOD, "made")


def _missing_samples() -> list[str]:
    return [name for name in made.SAMPLES if not (folders.data_folder() / f"{name}.h5").exists()]


def memory_bytes() -> int | None:
    """The memory of this computer, or of the container that this process is confined to; None where unknown."""
    if os.name == "nt":
        return _windows_memory()
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None
    limit = Path("/sys/fs/cgroup/memory.max")  # on a hub each user gets a part of a large computer
    text = limit.read_text(encoding="ascii").strip() if limit.is_file() else "max"
    return min(size, int(text)) if text.isdigit() else size


def _windows_memory() -> int | None:
    class Status(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong)] + [
            (name, ctypes.c_ulonglong)
            for name in ("total", "free", "total_page", "free_page", "total_virtual", "free_virtual", "free_extended")
        ]

    status = Status(length=ctypes.sizeof(Status))
    return status.total if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else None
