"""The shape of the house: who may import whom, what no module may do, what an import costs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from fpp_analysis.report import fingerprint

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "fpp_analysis"
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if "_shipped" not in p.parts)

# A module may import from its own row and from earlier ones.
ROWS = (
    ("errors", "exact", "arrays", "nearest", "listed", "limited"),
    ("fiscal", "intervals", "parts"),
    ("schema",),
    ("numbers", "fonts"),
    ("door",),
    ("sources",),
    ("schedule", "kernels", "amendments", "aside"),
    ("book", "loading", "history", "proposing"),
    ("measures", "instalments"),
    ("metrics", "forecast", "export", "queries"),
    ("checks", "quality"),
    ("disclosures", "sample"),
    ("evidence",),
    ("claims", "diff"),
    ("tie",),
    ("charts",),
    ("context",),
    ("outside",),
    ("tables", "wording"),
    ("drafts",),
    ("display",),
    ("report",),
    ("commands", "cli"),
)
ROW_OF = {room: number for number, row in enumerate(ROWS) for room in row}

# Longer than 400 lines, each with the reason.
LONG: dict[str, str] = {
    "schedule.py": "one normal form: splitting it would part the segments from what reads them",
    "book.py": "one value and its views",
}
MOST_LINES = 400


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    """The room of a module: the first name inside the package, "" for the package itself."""
    return [*module.split("."), ""][1]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


NAMES = {name_of(path) for path in MODULES}


def imports(path: Path, *, of_types: bool = True) -> set[str]:
    """Modules of the package that a module imports, wherever in its text."""
    found = set()
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree(path)):
        if (
            not of_types
            and isinstance(node, ast.If)
            and ast.unparse(node.test).endswith("TYPE_CHECKING")
        ):
            skipped.update(inner for part in node.body for inner in ast.walk(part))
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found.update(a.name for a in node.names if a.name.startswith("fpp_analysis"))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the room"
            if (node.module or "").startswith("fpp_analysis"):
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    found.add(inner if inner in NAMES else node.module)
    return found


def at_import(path: Path) -> set[str]:
    """Modules of the package that are imported as soon as the module is."""
    found = set()
    for node in tree(path).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fpp_analysis"):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in NAMES else node.module)
        elif isinstance(node, ast.Import):
            found.update(a.name for a in node.names if a.name.startswith("fpp_analysis"))
    return found


def libraries(path: Path) -> set[str]:
    """Top-level names of everything that a module imports, wherever in its text."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def identify(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


each_module = pytest.mark.parametrize("path", MODULES, ids=identify)


@each_module
def test_every_module_stands_in_a_room(path):
    assert room(name_of(path)) in {*ROW_OF, ""}, "add the room to ROWS and to ARCHITECTURE.md"


@each_module
def test_imports_go_one_way(path):
    own = room(name_of(path))
    if own == "":
        allowed = {"book", "loading", "measures", "metrics", "forecast"}  # the public face
    else:
        allowed = {name for name, row in ROW_OF.items() if row <= ROW_OF[own]}
    wrong = {m for m in imports(path, of_types=False) if room(m) not in allowed | {""}}
    assert not wrong, f"{identify(path)} imports from a later row: {sorted(wrong)}"


def test_charts_and_measures_do_not_know_each_other():
    for path in MODULES:
        own = room(name_of(path))
        other = {"charts": "measures", "measures": "charts"}.get(own)
        assert not [m for m in imports(path) if room(m) == other], identify(path)


def test_nothing_imports_report_but_the_command_line():
    for path in MODULES:
        if room(name_of(path)) in ("commands", "cli", "report"):
            continue
        assert not [m for m in imports(path) if room(m) == "report"], identify(path)


def test_only_report_starts_notebooks():
    heavy = {"papermill", "nbconvert", "nbclient", "jupyter_client", "typst", "nbformat"}
    for path in MODULES:
        if room(name_of(path)) == "report":
            continue
        names = libraries(path)
        assert not names & heavy, f"{identify(path)}: {names & heavy}"


def test_no_import_goes_round_in_a_circle():
    graph = {name_of(path): at_import(path) for path in MODULES}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join((*way[way.index(name) :], name))
        if name in done:
            return
        for other in sorted(graph.get(name, ())):
            if other != "fpp_analysis":
                visit(other, (*way, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())


@each_module
def test_a_module_begins_by_saying_what_it_is_for(path):
    text = ast.get_docstring(tree(path))
    assert text, "no docstring"
    first = text.splitlines()[0]
    assert first.endswith((".", "?")), f"no sentence: {first!r}"


@each_module
def test_modules_stay_short(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES or identify(path) in LONG, f"{lines} lines: is it one room?"


def test_the_list_of_long_modules_is_true():
    for name in LONG:
        lines = len((PACKAGE / name).read_text(encoding="utf-8").splitlines())
        assert lines > MOST_LINES, f"{name} has {lines} lines: take it off the list"


def test_no_drawer_for_everything():
    drawers = {"utils", "util", "helpers", "common", "misc"}
    assert not [path for path in MODULES if path.stem in drawers]


# -- what no module may do -------------------------------------------------------------------

CLOCK = re.compile(
    r"(.*\.)?(date|datetime|Timestamp)\.(today|now|utcnow)"
    r"|time\.(time|time_ns|localtime|gmtime|strftime|ctime)"
)
# The run log and the time limits are about this run, not about the book.
CLOCK_ROOMS = {"report", "commands"}
UNSAFE = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "pickle",
    "marshal",
    "shelve",
    "dill",
    "joblib",
    "os.system",
    "os.popen",
}


def calls(path: Path) -> list[tuple[str, ast.Call]]:
    return [
        (ast.unparse(node.func), node)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
    ]


@each_module
def test_no_print(path):
    assert not [n for n, _ in calls(path) if n in ("print", "pprint", "pprint.pprint")]


@each_module
def test_no_wall_clock(path):
    if room(name_of(path)) in CLOCK_ROOMS:
        return
    clocks = [name for name, _ in calls(path) if CLOCK.fullmatch(name)]
    assert not clocks, "a date is an argument"


# It hands values between its own two processes; tests/test_limited.py: nothing that acts is taken.
PICKLED = {"limited.py"}


@each_module
def test_nothing_that_runs_what_it_reads(path):
    unsafe = UNSAFE - {"pickle"} if str(path.relative_to(PACKAGE)) in PICKLED else UNSAFE
    called = {name for name, _ in calls(path) if name in unsafe}
    assert not called | (libraries(path) & unsafe)
    for name, call in calls(path):
        keywords = {k.arg: ast.unparse(k.value) for k in call.keywords}
        assert keywords.get("shell") in (None, "False"), f"{name}: no shell"
        assert keywords.get("allow_pickle") in (None, "False"), f"{name}: no pickle"
        if name.endswith("yaml.load"):
            assert "Safe" in ast.unparse(call), "yaml only with a safe loader"
        assert name not in ("yaml.unsafe_load", "yaml.full_load", "read_pickle", "pd.read_pickle")


NOT_TEXT = {"os.open", "Image.open", "tarfile.open", "archive.open", "Deck.open"}


def is_binary(name: str, call: ast.Call) -> bool:
    """Whether `open(path, mode)`, `os.fdopen(fd, mode)` or `path.open(mode)` has a "b"."""
    position = 1 if name in ("open", "os.fdopen", "gzip.open") else 0
    modes = call.args[position : position + 1]
    modes += [k.value for k in call.keywords if k.arg == "mode"]
    return any("b" in str(mode.value) for mode in modes if isinstance(mode, ast.Constant))


@each_module
def test_every_text_file_has_its_encoding(path):
    for name, call in calls(path):
        opens = name == "open" or name.endswith((".open", ".fdopen"))
        if name in NOT_TEXT or (opens and is_binary(name, call)):
            continue
        if opens or name.endswith((".read_text", ".write_text")):
            named = [k for k in call.keywords if k.arg == "encoding"]
            assert named, f"line {call.lineno}: {name} without encoding"


# -- what an import costs --------------------------------------------------------------------


def loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nsys.stdout.write('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.split())


def test_importing_the_package_costs_numpy_and_pandas_only():
    base = loaded_by("import numpy, pandas")
    own = loaded_by("import fpp_analysis")
    extra = {name.split(".")[0] for name in own - base} - set(sys.stdlib_module_names)
    extra = {name for name in extra if not name.startswith(("__editable__", "_"))}
    assert extra == {"fpp_analysis"}
    assert len(own - base) < 120, "start-up has grown"


def test_the_command_line_starts_without_pandas():
    """`fpp --help` of a shell completion or a typo must not wait for a library."""
    extra = {name.split(".")[0] for name in loaded_by("import fpp_analysis.errors")}
    assert not extra & {"matplotlib", "nbformat"}


# -- what makes a pack stale -----------------------------------------------------------------


def test_a_list_that_the_package_reads_makes_a_pack_stale_like_its_code(tmp_path, monkeypatch):
    room = tmp_path / "schema"
    room.mkdir()
    monkeypatch.setattr(fingerprint.resources, "files", lambda _: tmp_path)
    seen = set()
    for text in ("", "low = 1", "low = 2"):
        (room / "fields.toml").write_text(text, encoding="utf-8")
        seen.add(fingerprint.of_package())
    assert len(seen) == 3


# -- the page that describes it --------------------------------------------------------------


def test_the_architecture_page_lists_every_module():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    block = page.split("<!-- tree -->")[1]
    listed, folders = set(), []
    for line in block.splitlines():
        match = re.fullmatch(r"( *)([\w.]+/?)(?:  +(.*))?", line)
        if not match or line.startswith("```"):
            continue
        depth = len(match[1]) // 2
        folders = folders[:depth]
        if match[2].endswith("/"):
            folders.append(match[2])
            continue
        assert match[3], f"{match[2]} has no clause"
        listed.add("".join(folders) + match[2])
    there = {str(p.relative_to(ROOT)) for p in MODULES if p.name != "__init__.py"}
    assert listed == there


def test_the_architecture_page_gives_the_rows_of_this_test():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", page, re.MULTILINE)
    assert [tuple(re.findall(r"`(\w+)`", cell)) for _, cell in rows] == list(ROWS)
