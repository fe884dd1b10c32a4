"""The part of a notebook that one exercise needs: its definition, and what it uses, by name.

Of all statements above it, only those are taken that give a name which the exercise uses, and what these use in turn:
imports, constants, functions, classes. A training, a figure or a print that it does not need is left out, so that
thirty notebooks of lesson 11 are tried in seconds and not in an hour.
"""

from __future__ import annotations

import ast
import json
import re
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

LARGEST = 50 * 2**20  # bytes of a notebook: pictures in the outputs are all that makes one large
PYTHON_MAGICS = ("%%time", "%%capture", "%%prun")  # the rest of their cell is run as if they were not there
DECORATED = re.compile(r"^[ \t]*@.*\bexercise\(\s*[\"'](\d\d\.\d+)[\"']", re.MULTILINE)


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement of a notebook.

    cell: of its code cell, counted from 1. binds: the names it gives; changes: those whose value it may change; uses:
    those it, or a function in it, looks up. exercise: the number it answers; the node is without that decorator, which
    nothing needs to be tried.
    """

    node: ast.stmt
    cell: int
    binds: frozenset[str]
    changes: frozenset[str]
    uses: frozenset[str]
    exercise: str | None = None


def read_cells(path: Path) -> list[str]:
    """The code cells of a notebook. Raises ValueError for what is no notebook, OSError for what cannot be read."""
    if path.stat().st_size > LARGEST:
        raise ValueError(f"larger than {LARGEST / 2**20:.0f} MB")
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        return [source if isinstance(source, str) else "".join(source) for source in sources]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"not a notebook, or only a part of one ({type(error).__name__})") from None


def numbers_in(cells: Sequence[str]) -> list[str]:
    """The exercises that are answered in some cells, in their order, found without a look at the code as code."""
    return list(dict.fromkeys(number for cell in cells for number in DECORATED.findall(cell)))


def statements(cells: Sequence[str]) -> tuple[list[Statement], dict[int, str]]:
    """Every statement of the code cells, and of each cell that is not Python why: its number → what is wrong."""
    found, wrong = [], {}
    for number, cell in enumerate(cells, start=1):
        try:
            found += [_statement(node, number) for node in _parse(cell).body]
        except (SyntaxError, ValueError, RuntimeError, MemoryError) as error:
            line = getattr(error, "lineno", None)
            wrong[number] = f"line {line}: {error.msg}" if isinstance(error, SyntaxError) and line else str(error)
    return found, wrong


def needed(everything: Sequence[Statement], number: str) -> list[Statement]:
    """What must run for one exercise, in order; the last answers it. Empty when the exercise is not answered.

    Of an exercise that is answered several times the last counts.
    """
    at = max((i for i, one in enumerate(everything) if one.exercise == number), default=None)
    if at is None:
        return []
    above, chosen, names = everything[:at], {everything[at]}, {"*", *everything[at].uses}
    modules = {name for one in above if isinstance(one.node, ast.Import | ast.ImportFrom) for name in one.binds}
    while True:
        # What is called of a module or set in it (a figure, a seed, a rehearsal) is not what the exercise is made of.
        more = {one for one in above if one not in chosen and (one.binds | one.changes - modules) & names}
        if not more:
            return [one for one in everything[: at + 1] if one in chosen]
        chosen |= more
        names.update(*(one.uses for one in more))


def _parse(cell: str) -> ast.Module:
    """A cell as Jupyter reads it: `%matplotlib`, `!pip` and `f?` are calls, which no exercise needs."""
    try:
        return ast.parse(cell)
    except SyntaxError:
        first, _, rest = cell.lstrip().partition("\n")
        if first.startswith(PYTHON_MAGICS):
            cell = f"pass\n{rest}"
        return ast.parse(TransformerManager().transform_cell(cell))


def _statement(node: ast.stmt, cell: int) -> Statement:
    exercise = _take_exercise(node)
    table = symtable.symtable(ast.unparse(node), "cell", "exec")
    names = [(one, symbol) for one in _tables(table) for symbol in one.get_symbols()]
    binds = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
    uses = {s.get_name() for one, s in names if s.is_referenced() and (one is table or s.is_global())}
    defines = isinstance(node, ast.FunctionDef | ast.ClassDef)
    changes = set() if defines else {name for inner in ast.walk(node) for name in _changed(inner)}
    if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
        binds.add("*")
    return Statement(node, cell, frozenset(binds), frozenset(changes), frozenset(uses), exercise)


def _take_exercise(node: ast.stmt) -> str | None:
    """The number that a definition is decorated with, which it is then no more; None for any other statement."""
    for decorator in getattr(node, "decorator_list", ()):
        match decorator:
            case ast.Call(func=ast.Attribute(attr="exercise") | ast.Name(id="exercise"), args=[ast.Constant(str(n))]):
                node.decorator_list.remove(decorator)
                return n
    return None


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _changed(node: ast.AST) -> Iterator[str]:
    """The name of what a statement changes without giving it a name: `table["a"] = 1`, `things.append(1)`."""
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
        target: ast.AST = node
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        target = node.value.func
        if not isinstance(target, ast.Attribute):
            return
    else:
        return
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id
