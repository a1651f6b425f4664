"""Mutation testing: does a test fail when one operator, number or argument of a module changes?

    python -m tests.mutation fiscal schedule
    python -m tests.mutation schedule --only 120,121     # some mutants again
    python -m tests.mutation exact --write               # and its row of docs/mutation.md

Every mutant is one change of the syntax tree. It runs the module's own tests in a forked
process in which the changed module takes the place of the real one; a failure or a time-out
kills it. Texts of errors, annotations and docstrings are not changed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from tests import measured

ROOT = Path(__file__).parent.parent
PAGE = "mutation.md"
LIMIT = 90  # seconds for the tests of one mutant
TESTS = {
    "fiscal": ["tests/test_fiscal.py"],
    "schedule": ["tests/test_schedule.py", "tests/test_hand_cases.py"],
    "exact": ["tests/test_exact.py"],
    "kernels": [
        "tests/test_terms.py::test_halves_go_away_from_zero_among_rises_and_falls",
        "tests/test_terms.py::test_amounts_too_fine_for_a_float_are_exact",
        "tests/test_schedule.py",
        "tests/test_hand_cases.py",
        "tests/test_reference.py::test_every_table_agrees_with_the_reference_on_random_books",
    ],
    "measures.spans": [
        "tests/test_hand_cases.py",
        "tests/test_reference.py::test_every_table_agrees_with_the_reference_on_random_books",
    ],
}
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
NAMES = {"minimum": "maximum", "maximum": "minimum", "min": "max", "max": "min"}
NAMES |= {"any": "all", "all": "any"}
SKIPPED = (ast.Raise, ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Mutant:
    """One change: where, what it was, what it became, and the changed tree."""

    number: int
    line: int
    before: str
    after: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    paths = list(_sites(tree, ()))
    number = 0
    for path in paths:
        for change in _changes(_at(tree, path)):
            changed = copy.deepcopy(tree)
            node = _at(changed, path)
            before = ast.unparse(node)
            _replace(changed, path, change)
            after = ast.unparse(_at(changed, path))
            ast.fix_missing_locations(changed)
            number += 1
            yield Mutant(number, getattr(node, "lineno", 0), before, after, changed)


Path_ = tuple[tuple[str, int | None], ...]


def _sites(node: ast.AST, path: Path_) -> Iterator[Path_]:
    """The paths of all nodes that may change, in the order of the source."""
    if isinstance(node, SKIPPED) or _is_literal_type(node):
        return
    if path:
        yield path
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        if isinstance(value, ast.AST):
            yield from _sites(value, (*path, (name, None)))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, ast.AST) and not _is_docstring(node, name, i, item):
                    yield from _sites(item, (*path, (name, i)))


def _is_literal_type(node: ast.AST) -> bool:
    """`Literal["a"]` and `TypeVar("T", "A")` are annotations in other clothes."""
    if isinstance(node, ast.Subscript):
        return getattr(node.value, "id", "") == "Literal"
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TypeVar"


def _is_docstring(node: ast.AST, name: str, i: int, item: ast.AST) -> bool:
    return (
        name == "body"
        and isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and isinstance(item, ast.Expr)
        and isinstance(item.value, ast.Constant)
        and isinstance(item.value.value, str)
    )


def _at(tree: ast.AST, path: Path_) -> ast.AST:
    node: ast.AST = tree
    for name, i in path:
        node = getattr(node, name) if i is None else getattr(node, name)[i]
    return node


def _replace(tree: ast.AST, path: Path_, new: ast.AST) -> None:
    parent = _at(tree, path[:-1])
    name, i = path[-1]
    if i is None:
        setattr(parent, name, new)
    else:
        getattr(parent, name)[i] = new


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """What a node may become."""
    if isinstance(node, ast.Compare | ast.BinOp | ast.BoolOp | ast.AugAssign):
        yield from _operator_changes(node)
    elif isinstance(node, ast.UnaryOp):
        yield copy.deepcopy(node.operand)
    elif isinstance(node, ast.Constant):
        yield from _constant_changes(node.value)
    elif isinstance(node, ast.Call):
        yield from _call_changes(node)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return(ast.Constant(None))


def _operator_changes(
    node: ast.Compare | ast.BinOp | ast.BoolOp | ast.AugAssign,
) -> Iterator[ast.AST]:
    operator = node.ops[0] if isinstance(node, ast.Compare) else node.op
    if type(operator) not in SWAPS or isinstance(getattr(node, "left", None), ast.JoinedStr):
        return
    new = copy.deepcopy(node)
    swapped = SWAPS[type(operator)]()
    if isinstance(new, ast.Compare):
        new.ops[0] = swapped  # type: ignore[call-overload]
    else:
        new.op = swapped  # type: ignore[assignment]
    yield new


def _constant_changes(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str) and value:
        yield ast.Constant(value + "x")


def _call_changes(node: ast.Call) -> Iterator[ast.AST]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in NAMES:
        new = copy.deepcopy(node)
        if isinstance(new.func, ast.Attribute):
            new.func.attr = NAMES[name]
        elif isinstance(new.func, ast.Name):
            new.func.id = NAMES[name]
        yield new
    if name == "where" and len(node.args) == 3:
        yield ast.Call(node.func, [node.args[0], node.args[2], node.args[1]], node.keywords)
    if name == "clip" and len(node.args) == 3:
        yield copy.deepcopy(node.args[0])


class _Finder(MetaPathFinder, Loader):
    """Gives one module from a changed tree; every other comes as always."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name != self.name:
            return None
        return ModuleSpec(name, self, origin=str(self.path))

    def create_module(self, _: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self.path)
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)  # noqa: S102


def _run_tests(name: str, path: Path, tree: ast.Module, tests: list[str]) -> None:
    """In the forked process: the tests with the changed module; exit 0 where all pass."""
    import pytest

    os.setsid()
    os.environ.pop(measured.WRITE, None)  # a mutant's tests are no proof to be written down
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    sys.meta_path.insert(0, _Finder(name, path, tree))
    try:
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:doctest", "-p", "no:xdist"]
        base = f"--basetemp=/tmp/mutation-{os.getpid()}"
        code = pytest.main(["-o", "addopts=--import-mode=importlib", base, *options, *tests])
    except BaseException:  # noqa: BLE001 - whatever a mutant raises, it is killed
        code = 1
    os._exit(0 if code == 0 else 1)


def start_tests(module: str, mutant: Mutant) -> int:
    """Start a mutant's tests; the process id."""
    name = f"fpp_analysis.{module}"
    path = ROOT / "fpp_analysis" / (module.replace(".", "/") + ".py")
    pid = os.fork()
    if pid == 0:
        _run_tests(name, path, mutant.tree, TESTS[module])
    return pid


def survivors(module: str, only: set[int], processes: int) -> tuple[int, list[Mutant]]:
    """How many mutants there are, and those that no test notices."""
    path = ROOT / "fpp_analysis" / (module.replace(".", "/") + ".py")
    source = path.read_text(encoding="utf-8")
    if f"fpp_analysis.{module}" in sys.modules:
        sys.exit(f"{module}: imported here already, so that no mutant would take its place")
    unchanged = Mutant(0, 0, "", "", ast.parse(source))
    if os.waitpid(start_tests(module, unchanged), 0)[1]:
        sys.exit(f"{module}: its tests fail without any change")
    waiting = [m for m in mutants(source) if not only or m.number in only]
    total, alive = len(waiting), []
    running: dict[int, tuple[Mutant, float]] = {}
    while waiting or running:
        while waiting and len(running) < processes:
            mutant = waiting.pop(0)
            running[start_tests(module, mutant)] = (mutant, time.monotonic())
        for pid in list(running):
            done, status = os.waitpid(pid, os.WNOHANG)
            mutant, started = running[pid]
            if not done and time.monotonic() - started > LIMIT:
                os.killpg(pid, signal.SIGKILL)
                done, status = os.waitpid(pid, 0)
            if done:
                del running[pid]
                if status == 0:
                    alive.append(mutant)
                    sys.stderr.write(f"  survives: {_told(mutant)}\n")
        time.sleep(0.02)
    return total, alive


def _told(mutant: Mutant) -> str:
    return f"{mutant.number}, line {mutant.line}: {mutant.before!r} → {mutant.after!r}"


def row(module: str, total: int, alive: int) -> tuple[str, int, int, str]:
    """A module's row of docs/mutation.md."""
    killed = total - alive
    return f"`{module}`", total, killed, f"{killed / max(total, 1):.1%}"


def main() -> None:
    """Mutate the modules named, print the score of each and, where asked, write it down."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="+", choices=list(TESTS))
    parser.add_argument("--only", default="", help="numbers of mutants, by comma")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", action="store_true", help="the scores into docs/mutation.md")
    options = parser.parse_args()
    if options.write and options.only:
        parser.error("--write is of all mutants: leave --only out")
    only = {int(n) for n in options.only.split(",") if n}
    for name in ("pandas", "pyarrow.compute", "pytest", "hypothesis.strategies"):
        import_module(name)  # once, before the forks
    for module in options.modules:
        total, alive = survivors(module, only, options.processes)
        _, _, killed, score = cells = row(module, total, len(alive))
        print(f"{module}: {killed} of {total} mutants killed, {score}")  # noqa: T201
        if options.write:
            measured.write(PAGE, *cells)


if __name__ == "__main__":
    main()
