"""Small changes to a piece of Python, one at a time: what a slip of a learner would make of it.

Left alone: annotations, decorators, docstrings, messages, `raise`, `strict=`, types of numbers, defaults written as
numbers, and the calls of `_check…` helpers.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow, ast.MatMult)  # whose operands may be taken the wrong way round
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
FUNCTIONS = {  # functions and methods that are taken one for another
    "min": ("max",), "max": ("min",), "minimum": ("maximum",), "maximum": ("minimum",),
    "argmin": ("argmax",), "argmax": ("argmin",), "any": ("all",), "all": ("any",),
    "mean": ("sum", "median"), "sum": ("mean",), "median": ("mean",), "std": ("var",), "var": ("std",),
    "ptp": ("std", "max"), "floor": ("ceil",), "ceil": ("floor",), "round": ("floor", "ceil"),
    "log": ("log10",), "log10": ("log",), "sqrt": ("square",), "zeros": ("ones",), "ones": ("zeros",),
    "sorted": ("reversed",), "deepcopy": ("copy",), "train": ("eval",), "eval": ("train",),
}  # fmt: skip
DECLARED = ("annotation", "returns", "decorator_list", "bases")
ROUNDING = 1e-6  # smaller numbers only guard against rounding, and may be any
EITHER_WAY = {
    "corrcoef",
    "wave_correlation",
    "min",
    "max",
    "minimum",
    "maximum",
    "clip",
    "isinstance",
    "where",
}  # whose arguments nobody swaps, or may
CONVERSIONS = {  # which change how a value is held, not what it is
    "array", "asarray", "astype", "bool", "dict", "double", "float", "int", "item", "list", "numpy", "str", "tolist",
    "tuple", "Path",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A changed piece of code: `before` and `after` are the statements in which it differs, `node` is all of it."""

    before: str
    after: str
    node: ast.stmt


def mutants(node: ast.stmt, modules: set[str], numbers: set[str], unreached: set[int]) -> list[Mutant]:
    """Every mutant of a function, a class or an assignment.

    modules, numbers: the global names that stand for modules, and for numbers. unreached: lines that never ran. They
    are left alone, and so is the question whether to run them.
    """
    text = ast.unparse(node)
    found: dict[str, Mutant] = {}
    for changed in _Changes(node, modules, numbers, unreached):
        new = ast.unparse(ast.fix_missing_locations(changed))
        if new != text and new not in found:
            found[new] = Mutant(*_difference(text, new), copy.deepcopy(changed))
    return list(found.values())


def _difference(old: str, new: str) -> tuple[str, str]:
    """The statements in which two texts differ, each as one line."""
    one, other = old.splitlines(), new.splitlines()
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return tuple(" ⏎ ".join(line.strip() for line in lines) for lines in (one, other))


class _Changes:
    """Iterate over a tree that is changed in one place; the change is taken back before the next."""

    def __init__(self, node: ast.stmt, modules: set[str], numbers: set[str], unreached: set[int]):
        self.tree = copy.deepcopy(node)
        self.modules, self.numbers, self.unreached = modules, numbers, unreached
        self.bound = [one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
        self.bound += [one.arg for one in ast.walk(node) if isinstance(one, ast.arg)]

    def __iter__(self) -> Iterator[ast.stmt]:
        return self._below(self.tree)

    def _below(self, parent: ast.AST) -> Iterator[ast.stmt]:
        for name, value in ast.iter_fields(parent):
            if name in DECLARED or (name == "keywords" and isinstance(parent, ast.ClassDef)):
                continue
            if name == "test" and self._undecided(parent):
                continue
            if isinstance(value, list):
                for i, child in enumerate(value):
                    if not isinstance(child, ast.AST) or self._left_alone(child):
                        continue
                    if name.endswith("defaults") and not isinstance(child, ast.Name):
                        continue  # a number there is for callers who say nothing, and the exercise says it
                    for new in () if self._undecided(child) else self._instead(child):
                        value[i : i + 1] = new if isinstance(new, list) else [new]
                        yield self.tree
                        value[i : i + (len(new) if isinstance(new, list) else 1)] = [child]
                    if not _is_negative_number(child):
                        yield from self._below(child)
            elif isinstance(value, ast.AST) and not self._left_alone(value):
                for new in self._instead(value):
                    if not isinstance(new, list):
                        setattr(parent, name, new)
                        yield self.tree
                setattr(parent, name, value)
                if not _is_negative_number(value):
                    yield from self._below(value)

    def _undecided(self, node: ast.AST) -> bool:
        """Whether a choice always fell in the same way."""
        return isinstance(node, ast.If) and any(map(self._never_ran, [*node.body[:1], *node.orelse[:1]]))

    def _left_alone(self, node: ast.AST) -> bool:
        match node:
            case ast.Call(func=ast.Attribute(attr="append"), args=[ast.JoinedStr()]):
                return True
            case ast.Raise() | ast.JoinedStr() | ast.Expr(value=ast.Constant()) | ast.keyword(arg="strict" | "dtype"):
                return True
            case ast.Assign(value=ast.Call(func=called)) | ast.Expr(value=ast.Call(func=called)):
                name = getattr(called, "id", getattr(called, "attr", ""))
                return name.startswith(("_check", "_refuse")) or self._never_ran(node)
        return self._never_ran(node)

    def _never_ran(self, node: ast.AST) -> bool:
        return isinstance(node, ast.stmt) and node.lineno in self.unreached

    def _instead(self, node: ast.AST) -> Iterator[ast.AST | list[ast.AST]]:
        """What may stand in a node's place; a list takes several places, or none."""
        match node:
            case ast.BinOp(right=ast.Constant(value=float(value))) if 0 < abs(value) < ROUNDING:
                pass
            case ast.BinOp(left=left, op=op, right=right):
                if type(op) in ARITHMETIC:
                    yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
                yield left
                yield right
                if isinstance(op, ORDERED):
                    yield ast.BinOp(right, op, left)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
                yield from (ast.Constant(-value + 1), ast.Constant(-value - 1), ast.Constant(value))
            case ast.UnaryOp(operand=operand):
                yield operand
            case ast.Compare(left=left, ops=[op], comparators=comparators):
                for other in COMPARISONS[type(op)]:
                    yield ast.Compare(left, [other()], comparators)
            case ast.BoolOp(op=op, values=values):
                yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
                for i in range(len(values)):
                    rest = values[:i] + values[i + 1 :]
                    yield rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
            case ast.Constant(value=bool(value)):
                yield ast.Constant(not value)
            case ast.Constant(value=int(value)):
                yield from (ast.Constant(value + 1), ast.Constant(value - 1), ast.Constant(value * 2))
            case ast.Constant(value=float(value)) if value == 0 or abs(value) >= ROUNDING:
                yield from (ast.Constant(value * 2), ast.Constant(0.0 if value else 1.0))
            case ast.Name(id=name, ctx=ast.Load()) if name in self.numbers:
                yield ast.BinOp(node, ast.Mult(), ast.Constant(2))
            case ast.Attribute(value=value, attr="T"):
                yield value
            case ast.IfExp(test=test, body=body, orelse=other):
                yield from (body, other, ast.IfExp(test, other, body))
            case ast.Call():
                yield from self._call(node)
            case ast.keyword():
                yield []
            case ast.Subscript(value=value, slice=index, ctx=ast.Load()):
                if not isinstance(index, ast.Tuple):
                    yield value
                if isinstance(index, ast.Name):
                    yield ast.Subscript(value, ast.BinOp(index, ast.Add(), ast.Constant(1)), ast.Load())
            case ast.Slice(lower=lower, upper=upper, step=step):
                yield ast.Slice(_plus(lower, 1) if lower else ast.Constant(1), upper, step)
                yield ast.Slice(lower, _plus(upper, -1) if upper else ast.Constant(-1), step)
                if lower:
                    yield ast.Slice(None, upper, step)
                if upper:
                    yield from (ast.Slice(lower, _plus(upper, 1), step), ast.Slice(lower, None, step))
                if step:
                    yield ast.Slice(lower, upper, None)
            case ast.Tuple(elts=[ast.Constant(value=one), ast.Constant(value=other), *_]) if one == other:
                pass
            case ast.Tuple(elts=[first, second, *rest], ctx=ast.Load()):
                yield ast.Tuple([second, first, *rest], ast.Load())
            case ast.Dict(keys=keys, values=values) if len(keys) > 1:
                for i in range(len(keys)):
                    yield ast.Dict(keys[:i] + keys[i + 1 :], values[:i] + values[i + 1 :])
            case ast.comprehension(target=target, iter=over, ifs=ifs, is_async=is_async):
                for i in range(len(ifs)):
                    yield ast.comprehension(target, over, ifs[:i] + ifs[i + 1 :], is_async)
                yield ast.comprehension(target, _without_first(over), ifs, is_async)
            case ast.stmt():
                yield from self._statement(node)

    def _call(self, node: ast.Call) -> Iterator[ast.AST]:
        called, arguments = node.func, node.args
        name = getattr(called, "id", getattr(called, "attr", ""))
        for other in FUNCTIONS.get(name, ()):
            alone = isinstance(called, ast.Name)
            new = ast.Name(other, ast.Load()) if alone else ast.Attribute(called.value, other, ast.Load())
            yield ast.Call(new, [node], []) if other == "reversed" else ast.Call(new, arguments, node.keywords)
        if name == "range" and len(arguments) == 1:
            yield ast.Call(called, [ast.Constant(1), *arguments], [])
        if name == "range":
            *before, end = arguments[:2]
            yield from (ast.Call(called, [*before, _plus(end, by), *arguments[2:]], []) for by in (1, -1))
        if name in CONVERSIONS:
            return
        if len(arguments) >= 2 and not any(isinstance(one, ast.Starred) for one in arguments):
            if name not in EITHER_WAY:
                yield ast.Call(called, [arguments[1], arguments[0], *arguments[2:]], node.keywords)
            yield ast.Call(called, arguments[:-1], node.keywords)
        if len(arguments) == 1 and not isinstance(arguments[0], ast.Starred | ast.GeneratorExp):
            yield arguments[0]
        if isinstance(called, ast.Attribute) and _root(called) not in self.modules:
            yield called.value

    def _statement(self, node: ast.stmt) -> Iterator[ast.AST | list[ast.AST]]:
        nothing = ast.Pass()
        match node:
            case ast.Assign(targets=[ast.Name(id=name) | ast.Tuple(elts=[ast.Name(id=name), *_])]):
                if self.bound.count(name) > 1:
                    yield nothing
            case ast.AugAssign(target=target, op=op, value=value):
                yield nothing
                yield ast.Assign([target], value, lineno=node.lineno)
                if type(op) in ARITHMETIC:
                    yield ast.AugAssign(target, ARITHMETIC[type(op)](), value)
            case ast.Assign() | ast.Expr() | ast.For() | ast.Break() | ast.Continue():
                yield nothing
                if isinstance(node, ast.For):
                    yield ast.For(node.target, _without_first(node.iter), node.body, node.orelse, lineno=node.lineno)
                if isinstance(node, ast.Break | ast.Continue):
                    yield ast.Continue() if isinstance(node, ast.Break) else ast.Break()
            case ast.With(body=body):
                yield list(body)
            case ast.If(test=test, body=body, orelse=other):
                yield ast.If(ast.UnaryOp(ast.Not(), test), body, other)
                yield list(body)
                yield list(other) or nothing
            case ast.While(test=test, body=body, orelse=other):
                yield nothing
                yield ast.If(test, body, other)


def _is_negative_number(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)


def _plus(node: ast.expr, by: int) -> ast.expr:
    return ast.BinOp(node, ast.Add() if by > 0 else ast.Sub(), ast.Constant(abs(by)))


def _without_first(over: ast.expr) -> ast.expr:
    listed = ast.Call(ast.Name("list", ast.Load()), [over], [])
    return ast.Subscript(listed, ast.Slice(ast.Constant(1), None, None), ast.Load())


def _root(node: ast.expr) -> str:
    """The first name of a chain like `torch.nn.functional`; "" if it does not begin with a name alone."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
