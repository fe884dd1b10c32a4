"""Build the notebooks from the lessons; lessons/README.md says how a lesson is written.

    python lessons/build.py            every lesson that is not current (or: build.py 11 12 glossary)
    python lessons/build.py --check    write nothing; name what is not current and exit with 1
    python lessons/build.py --force    execute again even what is current

`lessons/NN_topic.py` becomes `notebooks/NN_topic.ipynb`, the learner's copy with stubs and without outputs, and
`solutions/NN_topic.ipynb`, worked and executed. jupytext reads the source, nbclient executes, nbformat writes.
`lessons/glossary.md` becomes `glossary.ipynb`, the same in both folders, so that the lessons can link to it.
"""

import argparse
import ast
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path

import glossary
import nbformat
from lesson_run import PACKAGE, PROJECT, execute, output_text
from lesson_source import CHECKED_BY_NBVAL, NOTEBOOK_METADATA, SOLUTION, Cell, Lesson, LessonError, place, read_lesson
from nbformat import NotebookNode

LARGEST_NOTEBOOK = 1_500_000  # bytes: more is slow to open, and its differences cannot be read
SHORTEST_TELLING_LINE = 12  # characters: a shorter line of a solution gives nothing away
TELLS_NOTHING = re.compile(r"(import|from|def|class)\s|@|return \w+$|(with )?[\w.]+\(\):?$|\"\"\"|'''")


# ---------------------------------------------------------------------------------------------------------------- make


def learner_notebook(lesson: Lesson) -> NotebookNode:
    """The learner's copy: stubs, no outputs, no execution counts."""
    return _notebook((cell, cell.stub, cell.tags) for cell in lesson.cells)


def worked_notebook(lesson: Lesson) -> NotebookNode:
    """The worked copy, not yet executed. Its exercises are tagged for nbval: a check must go on saying PASS."""
    return _notebook(
        (cell, cell.worked, sorted({*cell.tags, CHECKED_BY_NBVAL}) if cell.exercise else cell.tags)
        for cell in lesson.cells
    )


def _notebook(cells: Iterable[tuple[Cell, str, Iterable[str]]]) -> NotebookNode:
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    notebook = nbformat.v4.new_notebook(
        metadata=deepcopy(NOTEBOOK_METADATA),
        nbformat_minor=5,
        cells=[
            make[cell.kind](source, id=cell.id, metadata={"tags": list(tags)} if tags else {})
            for cell, source, tags in cells
        ],
    )
    nbformat.validate(notebook)
    return notebook


def leaks(lesson: Lesson, texts: Mapping[str, str]) -> list[str]:
    """Lines of the lesson's solutions that can be read in `texts` (a name for each text -> the text).

    White space is ignored. A line tells nothing if it is shorter than 12 characters, an import, the first line of a
    def, a class or a docstring, a decorator, `return name`, or a call without arguments (`with torch.no_grad():`).
    A trailing comment and the code before it count apart.
    """
    squeezed = {name: _squeeze(text) for name, text in texts.items()}
    return [
        f"{place(lesson.path, line)}: a line of the solution of Exercise {number} can be read in {name}: {telling}"
        for number, cell in lesson.exercises.items()
        for line, telling in _telling_lines(cell)
        for name, text in squeezed.items()
        if _squeeze(telling) in text
    ]


def _telling_lines(cell: Cell) -> Iterator[tuple[int, str]]:
    for block in SOLUTION.finditer(cell.source):
        first = cell.line + cell.source.count("\n", 0, block.start("lines"))
        for number, text in enumerate(block["lines"].splitlines(), start=first):
            for part in text.split("  #"):
                telling = part.strip().lstrip("# ")
                if len(telling) >= SHORTEST_TELLING_LINE and not TELLS_NOTHING.match(telling):
                    yield number, telling


def _squeeze(text: str) -> str:
    return "".join(text.split())


def texts_of(notebook: NotebookNode) -> dict[str, str]:
    """Everything one can read in a notebook: for each cell its source, and its text outputs if it has any."""
    texts = {}
    for cell in notebook.cells:
        texts[f"cell {cell.id}"] = cell.source
        if output := output_text(cell):
            texts[f"the output of cell {cell.id}"] = output
    return texts


# ---------------------------------------------------------------------------------------------------- what it rests on


def modules_behind(lesson: Lesson, root: Path, also: Iterable[str] = ()) -> dict[str, Path]:
    """The package's modules that a lesson, or a module of `also`, imports, however indirectly: name -> file.

    Read from the source, so that imports inside functions, which only worker processes may reach, count too.
    """
    code = "\n".join(cell.worked for cell in lesson.cells if cell.kind == "code")
    found: dict[str, Path] = {}
    waiting = [*also, *_imports(code, package="")]
    while waiting:
        name = waiting.pop()
        file = _module_file(root, name)
        if name in found or file is None:
            continue
        found[name] = file
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        waiting += _imports(file.read_text(encoding="utf-8"), package)
    return found


@cache
def _imports(code: str, package: str) -> set[str]:
    """Every module that code may import: `from a.b import c` can mean a, a.b and a.b.c; not all of them need exist."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return {".".join(parts[:n]) for name in names if (parts := name.split(".")) for n in range(1, len(parts) + 1)}


def _module_file(root: Path, name: str) -> Path | None:
    if name.split(".")[0] != PACKAGE:
        return None
    path = root.joinpath(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def fingerprint(lesson: Lesson, root: Path, also: Iterable[str] = ()) -> str:
    """A hash of all that the outputs rest on: the lesson's code, the modules behind it, and the files they mention.

    `also` names modules that the last execution loaded in a way that cannot be read from the source. A file of the
    package that is not Python (a table, weights) counts if a module behind the lesson mentions it or its folder.
    The lesson's markdown does not count: to correct a sentence is no reason to train a network again.
    """
    code = [[cell.worked, cell.tags] for cell in lesson.cells if cell.kind == "code"]
    modules = {name: file.read_text(encoding="utf-8") for name, file in modules_behind(lesson, root, also).items()}
    mentioned = "\n".join([*(source for source, _ in code), *modules.values()])
    tables = {
        name.as_posix(): hashlib.sha256((root / PACKAGE / name).read_bytes().replace(b"\r\n", b"\n")).hexdigest()
        for name in _files_beside_modules(root / PACKAGE)
        if any(re.search(rf"\b{re.escape(part)}\b", mentioned) for part in name.parts)
    }
    return _digest([code, modules, tables])


def _files_beside_modules(package: Path) -> list[Path]:
    names = (file.relative_to(package) for file in package.rglob("*") if file.is_file())
    return [name for name in names if name.suffix not in {".py", ".pyc"} and not str(name).startswith(".")]


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _digest_of_outputs(notebook: NotebookNode) -> str:
    return _digest([[cell.execution_count, cell.outputs] for cell in notebook.cells if cell.cell_type == "code"])


def stored_solution(path: Path) -> NotebookNode | None:
    """The solution on disk, or None if there is none that can be read."""
    try:
        return nbformat.read(path, as_version=4)
    except (FileNotFoundError, nbformat.reader.NotJSONError):
        return None


def why_execute(lesson: Lesson, stored: NotebookNode | None, root: Path) -> str | None:
    """Why the stored outputs cannot stay, or None if they can."""
    if stored is None:
        return "missing or unreadable"
    record = stored.metadata.get(PACKAGE, {})
    if record.get("inputs") != fingerprint(lesson, root, record.get("modules", ())):
        return "its code, or a module it imports, changed since it was executed"
    if record.get("outputs") != _digest_of_outputs(stored):
        return "its outputs were changed by hand"
    return None


# ------------------------------------------------------------------------------------------------------------- command


def solution_notebook(lesson: Lesson, root: Path, *, force: bool = False, progress: bool = True) -> NotebookNode:
    """The solution with its outputs: those on disk where they still hold, else executed now."""
    path = root / "solutions" / f"{lesson.name}.ipynb"
    stored = stored_solution(path)
    notebook = worked_notebook(lesson)
    if not force and why_execute(lesson, stored, root) is None:
        notebook.metadata[PACKAGE] = stored.metadata[PACKAGE]
        code = [[cell for cell in book.cells if cell.cell_type == "code"] for book in (stored, notebook)]
        for old, new in zip(*code, strict=True):
            new.outputs, new.execution_count = old.outputs, old.execution_count
        return notebook

    before = fingerprint(lesson, root)
    run = execute(lesson, notebook, path.parent, progress=progress)
    if fingerprint(lesson, root) != before:
        raise LessonError(f"{lesson.name}: a module it imports was edited while it ran; build it again")
    for number, cell in lesson.exercises.items():
        told = next(output_text(done) for done in run.notebook.cells if done.id == cell.id)
        if not re.search(r"^PASS\b", told, re.MULTILINE):
            raise LessonError(f"{lesson.name}: the solution of Exercise {number} does not pass its own check:\n{told}")
    unseen = sorted(set(run.modules) - set(modules_behind(lesson, root)))
    run.notebook.metadata = notebook.metadata | {
        PACKAGE: {
            "inputs": fingerprint(lesson, root, unseen),
            "modules": unseen,
            "outputs": _digest_of_outputs(run.notebook),
        }
    }
    nbformat.validate(run.notebook)
    return run.notebook


def not_current(lessons: Iterable[Lesson], root: Path) -> dict[Path, str]:
    """The notebooks that are not what their lessons would make of them -> why. Executes and writes nothing."""
    found: dict[Path, str] = {}
    for lesson in lessons:
        learner, solution = _products(lesson, root)
        if not learner.is_file():
            found[learner] = "missing"
        elif learner.read_text(encoding="utf-8") != _text(learner_notebook(lesson)):
            found[learner] = "differs from its source"
        if reason := why_execute(lesson, stored_solution(solution), root):
            found[solution] = reason
        elif solution.read_text(encoding="utf-8") != _text(solution_notebook(lesson, root)):
            found[solution] = "differs from its source"
    return found


def glossary_notebooks(root: Path) -> dict[Path, NotebookNode]:
    """What the glossary's two notebooks should be; empty if the course has none. Raises LessonError for a bad one."""
    source = glossary.source(root)
    if not source.is_file():
        return {}
    lessons = [read_lesson(file) for file in lesson_files(root)]
    notebook = glossary.glossary_notebook(source, lessons)
    texts = {f"{place(source, 1)}, {name}": text for name, text in texts_of(notebook).items()}
    if told := [leak for lesson in lessons for leak in leaks(lesson, texts)]:
        raise LessonError("\n".join(told))
    return {root / folder / f"{glossary.NAME}.ipynb": notebook for folder in ("notebooks", "solutions")}


def glossary_not_current(root: Path) -> dict[Path, str]:
    """Those of the glossary's notebooks that are not what its source would make of them -> why."""
    return {
        path: "differs from its source" if path.is_file() else "missing"
        for path, notebook in glossary_notebooks(root).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != _text(notebook)
    }


def without_source(root: Path) -> list[Path]:
    """Notebooks whose lesson was renamed or is gone."""
    sources = {file.stem for file in (*lesson_files(root), glossary.source(root)) if file.is_file()}
    books = [*(root / "notebooks").glob("*.ipynb"), *(root / "solutions").glob("*.ipynb")]
    return sorted(book for book in books if book.stem not in sources)


def _products(lesson: Lesson, root: Path) -> tuple[Path, Path]:
    return root / "notebooks" / f"{lesson.name}.ipynb", root / "solutions" / f"{lesson.name}.ipynb"


def _text(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def write(path: Path, notebook: NotebookNode) -> None:
    content = _text(notebook).encode()
    if len(content) > LARGEST_NOTEBOOK:
        raise LessonError(
            f"{path.parent.name}/{path.name} would be {len(content) / 1e6:.1f} MB, more than "
            f"{LARGEST_NOTEBOOK / 1e6:.1f}; show fewer or smaller figures"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def lesson_files(root: Path = PROJECT) -> list[Path]:
    """The sources of all lessons, in order."""
    return sorted((root / "lessons").glob("[0-9][0-9]_*.py"))


def _chosen(names: list[str], root: Path) -> list[Lesson]:
    files = {file.stem[:2]: file for file in lesson_files(root)}
    if len(files) < len(lesson_files(root)):
        raise LessonError(f"two lessons have the same number: {', '.join(file.stem for file in lesson_files(root))}")
    if unknown := sorted(set(names) - set(files)):
        raise LessonError(f"no lesson {', '.join(unknown)}; there are: {', '.join([*files, glossary.NAME])}")
    chosen = [file for number, file in files.items() if not names or number in names]
    lessons = [read_lesson(file) for file in chosen]
    told = [leak for lesson in lessons for leak in leaks(lesson, texts_of(learner_notebook(lesson)))]
    if told:
        raise LessonError("\n".join(told))
    return lessons


def _check(lessons: list[Lesson], root: Path, *, with_glossary: bool, everything: bool) -> int:
    stale = not_current(lessons, root) | (glossary_not_current(root) if with_glossary else {})
    for path, reason in stale.items():
        print(f"{path.parent.name}/{path.name} is not current: {reason}")
    if stale:
        names = {path.stem if path.stem == glossary.NAME else path.stem[:2] for path in stale}
        print(f"mend with: python lessons/build.py {' '.join(sorted(names))}")
    strays = without_source(root) if everything else []
    for path in strays:
        print(f"{path.parent.name}/{path.name} has no lesson: delete it")
    return 1 if stale or strays else 0


def _build(lessons: list[Lesson], root: Path, *, with_glossary: bool, force: bool) -> None:
    for lesson in lessons:
        learner, solution = _products(lesson, root)
        begun = time.perf_counter()
        reason = "asked for" if force else why_execute(lesson, stored_solution(solution), root)
        notebook = solution_notebook(lesson, root, force=force)
        write(solution, notebook)
        write(learner, learner_notebook(lesson))
        done = f"executed in {time.perf_counter() - begun:.0f} s ({reason})" if reason else "outputs are current"
        print(f"{lesson.name}: {done}", flush=True)
    if with_glossary:
        for path, notebook in glossary_notebooks(root).items():
            write(path, notebook)


def main(arguments: list[str] | None = None, root: Path = PROJECT) -> int:
    parser = argparse.ArgumentParser(description="Build the notebooks from the lessons.")
    parser.add_argument(
        "lessons", nargs="*", metavar="NN", help="which lessons, by number, or glossary; all without it"
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="write nothing; name what is not current, exit with 1")
    mode.add_argument("--force", action="store_true", help="execute again even what is current")
    options = parser.parse_args(arguments)
    everything = not options.lessons
    with_glossary = everything or glossary.NAME in options.lessons
    numbers = [name for name in options.lessons if name != glossary.NAME]
    try:
        lessons = _chosen(numbers, root) if everything or numbers else []
        if options.check:
            return _check(lessons, root, with_glossary=with_glossary, everything=everything)
        _build(lessons, root, with_glossary=with_glossary, force=options.force)
    except LessonError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; what was finished before is kept", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
