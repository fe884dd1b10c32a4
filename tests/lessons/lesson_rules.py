"""What a machine can check of a lesson: the parts it must have, what it must not contain, and how nbval takes it."""

import ast
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from glossary import Entry
from lesson_run import CELL_SECONDS, SANITISE, kernel_environment, output_text
from lesson_source import Lesson
from nbformat import NotebookNode

HINTS = ["Hint 1: a question", "Hint 2: a pointer", "Hint 3: an outline"]
DIFFICULTY = "easy|easy to middling|middling|harder|hard"
SELF_QUESTIONS = 3
SHORTEST_ALTERNATIVE = 40  # characters: less does not tell what a figure shows

FORBIDDEN_CODE = {
    r"\bchdir\(": "changes the working folder",
    r"(?<![\w.])input\(": "waits for the keyboard",
    r"\b(urllib|requests|httpx|aiohttp|socket|wget|urlopen|urlretrieve)\b": "reaches for the network",
    r"\b(simplefilter|filterwarnings|catch_warnings)\b": "hides warnings",
    r"\b(subprocess|os\.system|get_ipython)\b": "leaves Python",
}
ABSOLUTE_STRING = re.compile(r"(/|~/?|[A-Za-z]:[\\/])\w[\w.-]*[\\/]")


def missing_parts(lesson: Lesson, solution: NotebookNode) -> list[str]:
    """What a lesson lacks of the parts every lesson has; `solution` is its executed notebook."""
    header = lesson.cells[0]
    missing = []

    def demand(holds: object, what: str) -> None:
        if not holds:
            missing.append(f"{lesson.name}: {what}")

    demand(
        header.kind == "markdown" and re.match(r"# .*\?\s*$", header.source, re.MULTILINE), "a question as its title"
    )
    opening = header.source + (lesson.cells[1].source if lesson.cells[1].kind == "markdown" else "")
    demand(
        re.search(r"what you will be able to do", opening, re.IGNORECASE), "'What you will be able to do' at the top"
    )
    demand(re.search(r"\byou need\b", opening, re.IGNORECASE), "'What you need first' at the top")
    demand(re.search(r"\d+ ?min(utes?)?\b", opening), "the minutes it takes, at the top")
    demand(compute_seconds(lesson) is not None, "'… seconds of compute' at the top")

    for number, cell in lesson.exercises.items():
        above = [near.source for near in lesson.cells[: lesson.cells.index(cell)] if near.kind == "markdown"]
        _, heading, task = "\n\n".join(above).rpartition(f"\n## Exercise {number}: ")
        demand(heading, f"a heading '## Exercise {number}: …' above the exercise")
        title = task.partition("\n")[0]
        rated = re.fullmatch(rf".+ \((?:{DIFFICULTY}), \d+ minutes\)", title)
        demand(not heading or rated, f"how hard Exercise {number} is and its minutes: '({DIFFICULTY}, 8 minutes)'")
        expected = re.search(r"^\*You should see:\* \S", task, re.MULTILINE)
        demand(not heading or expected, f"'*You should see:* …' under the heading of Exercise {number}")
        hints = _collapsed(task)
        demand(not heading or [hint for hint, _ in hints] == HINTS, f"{HINTS} in <details> at Exercise {number}")
        asked = hints and "?" in hints[0][1]
        demand(not hints or asked, f"a question in the first hint of Exercise {number}")

    for cell, below in zip(solution.cells, [*solution.cells[1:], None], strict=True):
        if shows_figure(cell):
            told = below.source if below is not None and below.cell_type == "markdown" else ""
            told = re.split(r"^#", told, maxsplit=1, flags=re.MULTILINE)[0].strip()  # a new section is no description
            demand(len(told) >= SHORTEST_ALTERNATIVE, f"a text alternative below cell {cell.id}")

    last = [cell.source for cell in lesson.cells if cell.kind == "code"][-1].strip()
    progress = f'checks.show_progress("{lesson.path.stem[:2]}")'
    demand(last == progress, f"{progress} as its last code cell")

    text = "\n".join(cell.source for cell in lesson.cells if cell.kind == "markdown")
    demand(re.search(r"^#+ .*what you found", text, re.IGNORECASE | re.MULTILINE), "a section 'What you found'")
    questions = re.split(r"^#+ .*\bquestions?\b.*$", text, flags=re.IGNORECASE | re.MULTILINE)
    answers = [summary for summary, _ in _collapsed(questions[-1])] if len(questions) > 1 else []
    demand(answers == ["Answer"] * SELF_QUESTIONS, "three questions to ask yourself, each with its Answer in <details>")
    demand(re.search(r"^#+ .*\bread on\b", text, re.IGNORECASE | re.MULTILINE), "a section 'Where to read on'")
    return missing


NOT_PROSE = re.compile(
    r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]*\$|<details>.*?</details>|\]\([^)]*\)"  # code, formulas, hints, targets
    r"|^## Where to read on$.*|^#+ [^\n]*$|^\|[^\n]*$",  # titles of papers, headings, tables
    re.MULTILINE | re.DOTALL,
)


def prose(text: str) -> str:
    """The markdown with all that is not running text blanked out, each character by one space."""
    return NOT_PROSE.sub(lambda found: re.sub(r"\S", " ", found[0]), text)


def first_uses(text: str, entries: Iterable[Entry]) -> dict[str, tuple[int, int]]:
    """Where in a lesson's markdown each word of the glossary is first used: the entry's name -> begin and end.

    Of spellings that begin at one place the longest counts, so that a `zero padding` is no `padding`.
    """
    meant: dict[str, str | None] = {}
    for entry in entries:
        meant |= dict.fromkeys(map(_key, entry.spellings), entry.name) | dict.fromkeys(map(_key, entry.elsewhere))
    endings: dict[str, list[str]] = {}  # by first letter: one list of all words would be searched at each place
    for word in sorted((word for entry in entries for word in (*entry.spellings, *entry.elsewhere)), key=len)[::-1]:
        endings.setdefault(word[0].lower(), []).append(re.escape(word[1:]).replace(r"\ ", r"\s+"))
    pattern = "|".join(f"[{re.escape(a + a.upper())}](?:{'|'.join(words)})" for a, words in endings.items())
    first: dict[str, tuple[int, int]] = {}
    for found in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", prose(text)):
        if name := meant[_key(" ".join(found[0].split()))]:
            first.setdefault(name, found.span())
    return first


def _key(word: str) -> str:
    return word[0].lower() + word[1:]


def unlinked(lesson: Lesson, entries: Iterable[Entry]) -> list[str]:
    """Words of the glossary whose first use in a lesson is no link to their entry; links to no entry, and repeated."""
    entries = list(entries)
    text = "\n\n".join(cell.source for cell in lesson.cells if cell.kind == "markdown")
    links = [link for link in re.findall(r"\]\((glossary[^)]*)\)", text) if link != "glossary.ipynb"]
    told = [f"leads to no entry: {link}" for link in links if link not in {entry.link for entry in entries}]
    told += [f"more than one link: {link}" for link in sorted(set(links)) if links.count(link) > 1]
    for name, (begin, end) in first_uses(text, entries).items():
        link = next(entry.link for entry in entries if entry.name == name)
        if not (text[:begin].endswith("[") and text[end:].startswith(f"]({link})")):
            where = " ".join(text[max(0, begin - 30) : end + 20].split())
            told.append(f"the first use of {name!r} is no link: … {where} … should have [{text[begin:end]}]({link})")
    return [f"{lesson.name}: {line}" for line in told]


def _collapsed(text: str) -> list[tuple[str, str]]:
    """What is folded away: summary and text of each `<details>`; one that is open from the start does not count."""
    return re.findall(r"<details><summary>(.*?)</summary>\s*(.+?)</details>", text, re.DOTALL)


def compute_seconds(lesson: Lesson) -> int | None:
    """How long the lesson says that it computes."""
    found = re.search(r"(\d+) ?(?:s|seconds?) of compute", "\n".join(cell.source for cell in lesson.cells[:2]))
    return int(found[1]) if found else None


def shows_figure(cell: NotebookNode) -> bool:
    return any(mime.startswith("image/") for output in cell.get("outputs", ()) for mime in output.get("data", ()))


def forbidden_code(lesson: Lesson) -> list[str]:
    """Code that no lesson may contain: network, keyboard, another folder, hidden warnings, absolute paths."""
    found = []
    for cell in lesson.cells:
        if cell.kind != "code":
            continue
        for pattern, what in FORBIDDEN_CODE.items():
            if re.search(pattern, cell.source):
                found.append(f"{lesson.where(cell.id)} {what}")
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and ABSOLUTE_STRING.match(node.value):
                found.append(f"{lesson.where(cell.id)} names an absolute path: {node.value}")
    return found


@dataclass(frozen=True)
class Validation:
    passed: bool
    report: str
    seconds: dict[str, float]  # cell id -> how long it ran


def validate_with_nbval(path: Path, solution: NotebookNode, scratch: Path) -> Validation:
    """Execute a stored solution with nbval in a process of its own, and compare the cells tagged for it."""
    report = scratch / "nbval.xml"
    command = [sys.executable, "-m", "pytest", str(path), "--nbval-lax", "--nbval-current-env"]
    command += [f"--nbval-cell-timeout={CELL_SECONDS}", f"--nbval-sanitize-with={SANITISE}", f"--junitxml={report}"]
    command += [
        "-q",
        "--color=no",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "no:hypothesispytest",
        "-o",
        "addopts=",
    ]
    environment = {
        name: value
        for name, value in kernel_environment(scratch, path.parent.parent).items()
        if not name.startswith(("PYTEST_", "COV_"))
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", errors="replace")
    code = [cell for cell in solution.cells if cell.cell_type == "code"]
    seconds = {}
    if report.is_file():
        for case in ElementTree.parse(report).iter("testcase"):
            number = int(case.attrib["name"].removeprefix("Cell "))
            seconds[code[number].id] = float(case.attrib["time"])
    passed = done.returncode == 0
    return Validation(passed, done.stdout + done.stderr, seconds)


def verdicts(notebook: NotebookNode, word: str) -> list[str]:
    """The lines of a notebook's outputs that begin with PASS, TODO or FAIL."""
    lines = [line.strip() for cell in notebook.cells for line in output_text(cell).splitlines()]
    return [line for line in lines if re.match(rf"{word}\b", line)]


def slowest(name: str, seconds: dict[str, float], cells: int = 3) -> str:
    """One line for the reader of a test run: what a notebook took, and its slowest cells."""
    ranking = sorted(seconds.items(), key=lambda item: -item[1])[:cells]
    return f"{name}: {sum(seconds.values()):.1f} s; slowest: " + ", ".join(
        f"{cell} {took:.1f} s" for cell, took in ranking
    )
