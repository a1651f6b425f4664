"""The pages are true: made pages are fresh, links lead somewhere, commands and codes exist."""

from __future__ import annotations

import doctest
import importlib.util
import re
import shlex
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import click
import pytest
import yaml

from fpp_analysis.cli import cli
from fpp_analysis.errors import EXIT_CODES, FppError
from fpp_analysis.report.pack import notebooks_folder
from fpp_analysis.report.shelf import entries
from tests import measured

ROOT = Path(__file__).resolve().parent.parent
GROUPS = ("test", "lab", "soak")
LOCKS = ("requirements", *(f"requirements-{group}" for group in GROUPS))


@cache
def tracked() -> list[Path]:
    """Files under version control; outside a checkout, all that would be."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip("not a checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


@cache
def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def pages() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md"]


def script(path: str):
    """A script of the project that is no part of the package, as a module."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def generator():
    return script("docs/generate.py")


@pytest.mark.parametrize("name", sorted(generator().PAGES))
def test_a_made_page_says_what_the_code_says(name):
    made = generator().PAGES[name]()
    assert (ROOT / name).read_text(encoding="utf-8") == made, "stale: run make docs"


# -- links -----------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """The ids of a page: its headings, as forges make them, and explicit ones."""
    found = set(re.findall(r'<a id="([^"]+)"', text))
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        plain = re.sub(r"[`*]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading))
        found.add(re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-"))
    return found


def without_code(text: str) -> str:
    return re.sub(
        r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    )


def test_every_link_leads_somewhere():
    broken = []
    for page in pages():
        for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text_of(page))):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            path = (page.parent / name).resolve() if name else page
            if not path.exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
            elif anchor and path.suffix == ".md" and anchor not in anchors(text_of(path)):
                broken.append(f"{page.relative_to(ROOT)}: no heading for {target}")
    assert not broken


def test_every_page_can_be_reached_from_the_index():
    index = text_of(ROOT / "docs/README.md")
    listed = {(ROOT / "docs" / t.partition("#")[0]).resolve()
              for t in re.findall(r"\]\(([^)\s]+)\)", index)}  # fmt: skip
    missing = [p.name for p in pages() if p.parent == ROOT / "docs" and p.resolve() not in listed]
    assert [name for name in missing if name != "README.md"] == []


def test_the_site_has_every_page_of_the_index():
    nav = set(re.findall(r"([\w-]+\.md)$", text_of(ROOT / "mkdocs.yml"), re.MULTILINE))
    pages_ = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert pages_ <= nav
    assert nav - pages_ == {"index.md", *(f"{name}.md" for name in script("docs/site.py").OWN)}


def test_a_dead_link_of_the_site_is_found(tmp_path, monkeypatch):
    site = script("docs/site.py")
    monkeypatch.setattr(site, "SITE", tmp_path)
    (tmp_path / "a.html").write_text(
        '<p id="x"><a href="b.html#y">b</a><a href="#x"><img src="gone.png"><a href="c.html">'
        '<a href="https://example.org/none">', encoding="utf-8",
    )  # fmt: skip
    (tmp_path / "b.html").write_text("<p id=z>", encoding="utf-8")
    assert site.dead_links() == [
        "a.html: c.html", "a.html: gone.png", "a.html: no place for b.html#y",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "DECISIONS.md"])
def test_files_that_pages_name_exist(name):
    """`path/with.suffix` in backquotes is a promise."""
    missing = []
    for word in re.findall(r"`([\w./-]+/[\w.-]+\.(?:py|md|toml|csv|ipynb|yml|lock))`",
                           text_of(ROOT / name)):  # fmt: skip
        if word.startswith(("reports/", "DIR/", "book/")):
            continue
        if not (ROOT / word).exists() and not (ROOT / "fpp_analysis" / word).exists():
            missing.append(word)
    assert not missing


# -- commands --------------------------------------------------------------------------------


def blocks(text: str) -> list[tuple[str, str]]:
    """The code blocks of a page: language and content."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return list(found)


def shell_lines() -> list[tuple[str, str]]:
    """Lines of code blocks that call make or fpp, with the page."""
    found = []
    for page in pages():
        if page.name in ("command-line.md", "CHANGELOG.md"):
            continue
        for language, code in blocks(text_of(page)):
            if language not in ("", "sh", "bash", "text", "console"):
                continue
            for line in code.replace("\\\n", " ").splitlines():
                bare = re.sub(r"^\$ ", "", line.strip())
                bare = re.sub(r"^(?:\S*[/\\])?(fpp|make)(?=\s|$)", r"\1", bare)
                if re.match(r"(fpp|make)(\s|$)", bare):
                    found.append((str(page.relative_to(ROOT)), bare))
    return found


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", text_of(ROOT / "Makefile"), re.MULTILINE))


def test_commands_in_pages_exist_with_their_options():
    wrong = []
    context = click.Context(cli, info_name="fpp")
    for page, line in shell_lines():
        words = shlex.split(re.sub(r"\s+#.*$|[|>].*$", "", line).replace("[", "").replace("]", ""))
        if words[0] == "make":
            unknown = [w for w in words[1:] if "=" not in w and w not in make_targets()]
            if unknown:
                wrong.append(f"{page}: make {unknown}")
            continue
        if len(words) < 2 or words[1].startswith("-"):
            continue
        command = cli.get_command(context, words[1])
        if command is None:
            wrong.append(f"{page}: {line}")
            continue
        options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
        given = [w.partition("=")[0] for w in words[2:] if w.startswith("--")]
        wrong += [f"{page}: {line}: {o}" for o in given if o not in {*options, "--help"}]
    assert not wrong


def test_the_readme_shows_the_two_commands_and_the_windows_way():
    text = text_of(ROOT / "README.md")
    assert re.search(r"^make report$", text, re.MULTILINE)
    assert re.search(r"^make test$", text, re.MULTILINE)
    assert "requirements.lock" in text
    assert "not tested on Windows" in text
    assert "requirements-lab.lock" in text
    assert re.search(r"^uvx --from ", text, re.MULTILINE)


def test_the_readme_lists_the_notebooks():
    listed = re.findall(r"^\| `(\d\d-[a-z-]+)` \|", text_of(ROOT / "README.md"), re.MULTILINE)
    order = [one.name for one in entries(notebooks_folder()) if one.order is not None]
    assert listed == order, "in the order of a pack"
    others = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} - set(listed)
    assert {name for name in others if f"`{name}`" not in text_of(ROOT / "README.md")} == set()


def test_every_make_target_is_explained():
    named = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    assert named == make_targets()
    text = text_of(ROOT / "Makefile").replace("\\\n", " ")
    phony = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split()
    assert set(phony) == named


@pytest.mark.parametrize(
    "name",
    [
        ".pre-commit-config.yaml", "CITATION.cff", "mkdocs.yml",
        *(str(path.relative_to(ROOT)) for path in (ROOT / ".github").rglob("*.yml")),
    ],
)  # fmt: skip
def test_files_for_hosted_services_are_read_and_call_what_exists(name):
    text = text_of(ROOT / name)
    assert yaml.safe_load(text)
    called = re.findall(r"(?:run: |&& )make ([a-z ]+)", text)
    assert {word for words in called for word in words.split()} <= make_targets()
    for path in re.findall(r"\.venv/bin/python ((?:docs|tests)/[\w./]+)", text):
        assert (ROOT / path).is_file(), path


# -- exit codes ------------------------------------------------------------------------------


def subclasses(kind: type) -> set[type]:
    return {kind} | {inner for child in kind.__subclasses__() for inner in subclasses(child)}


def test_every_exit_code_that_can_happen_is_documented():
    codes = {kind.exit_code for kind in subclasses(FppError)}
    assert codes <= set(EXIT_CODES)
    table = text_of(ROOT / "README.md").split("<!-- exit codes -->")[1]
    rows = dict(re.findall(r"^\| (\d+) \| ([^|]+) \|$", table, re.MULTILINE))
    assert {int(code): meaning.strip() for code, meaning in rows.items()} == EXIT_CODES


def test_every_long_proof_has_its_row():
    """`make soak` writes it, see tests/conftest.py."""
    page = text_of(ROOT / "docs/reliability.md")
    files = [path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")]
    long = {str(file) for file in files if re.search(r"mark\.soak\b", text_of(ROOT / file))}
    assert long == set(re.findall(r"^\| `(tests/\S+)` \|", page, re.MULTILINE))
    for file in sorted(long):
        row = f"| `{file}` | of it | 9 of 9 | "
        assert row in measured.with_row(page, f"`{file}`", "of it", "9 of 9")


# -- places and addresses --------------------------------------------------------------------


def test_no_index_address_and_no_machine_path_in_any_file():
    """A stranger's clone must name neither the machine nor the mirror it was written on."""
    places = re.compile(r"(?<![\w.])/(?:w" + r"ork|r" + r"oot|f" + r"arm|home/[a-z]+)/")
    # the names of pip's settings may stand; with a value they are an address, but in a lock file
    named = r"(?:index" + r"-url|find" + r"-links)"
    index = re.compile(
        r"https?://[^\s\"]*/sim" + rf"ple\b|{named}[\s=\"']*(?:/|\w+://(?!\S+\.example))"
    )
    lock = re.compile(named)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if places.search(line)
        or index.search(line)
        or (path.suffix == ".lock" and lock.search(line))
    ]
    assert not found


# -- versions --------------------------------------------------------------------------------


@cache
def project() -> dict:
    return tomllib.loads(text_of(ROOT / "pyproject.toml"))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str]) -> set[str]:
    """Their packages, without the project itself (a group that holds another)."""
    return {normal(re.match(r"[\w.-]+", line)[0]) for line in requirements} - {"fpp-analysis"}


def locked(name: str) -> dict[str, set[str]]:
    """Package → versions (several where they differ by Python) in a lock file."""
    found: dict[str, set[str]] = {}
    for package, version in re.findall(
        r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)", text_of(ROOT / f"{name}.lock"), re.MULTILINE
    ):
        found.setdefault(normal(package), set()).add(version)
    return found


@pytest.mark.parametrize("name", [*LOCKS, "requirements-build", "requirements-site"])
def test_every_locked_package_has_hashes(name):
    blocks = re.split(
        r"^(?=[\w.-]+(?:\[[\w,]+\])?==)", text_of(ROOT / f"{name}.lock"), flags=re.MULTILINE
    )
    assert len(blocks) > 1
    for block in blocks[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block.splitlines()[0]
        assert " @ " not in block.splitlines()[0]


def test_locks_hold_what_the_project_asks_for():
    dependencies = names(project()["project"]["dependencies"])
    extras = project()["project"]["optional-dependencies"]
    assert dependencies <= set(locked("requirements"))
    for group, wanted in extras.items():
        assert names(wanted) | dependencies <= set(locked(f"requirements-{group}")), group
    assert names(project()["dependency-groups"]["build"]) == set(locked("requirements-build"))
    assert names(project()["dependency-groups"]["site"]) <= set(locked("requirements-site"))


def test_locks_agree_with_each_other():
    base = locked("requirements")
    for name in LOCKS[1:]:
        other = locked(name)
        assert {p: v for p, v in base.items() if other.get(p) != v} == {}, name


def test_test_and_lab_tools_stay_out_of_the_reporting_environment():
    base = set(locked("requirements"))
    assert not base & {"pytest", "hypothesis", "mypy", "ruff", "jupyterlab"}
    # it builds a grammar at import and doubles the start of every process that reads notebooks
    for name in ("requirements", "requirements-test"):
        assert "rfc3987-syntax" not in locked(name)


def test_conda_uses_the_same_lock_and_the_same_python():
    text = text_of(ROOT / "environment.yml")
    assert re.search(r"^ +- -r requirements\.lock$", text, re.MULTILINE)
    python = re.search(r"^  - python (\S+)$", text, re.MULTILINE)[1]
    assert python == project()["project"]["requires-python"]
    versions = re.findall(r"^  - (?!python|pip)(\S+)", text.split("dependencies:")[1], re.MULTILINE)
    assert versions == [], "versions stand in the lock alone"


def test_the_version_is_said_once():
    import fpp_analysis

    assert fpp_analysis.__version__ == project()["project"]["version"]
    assert f"## {fpp_analysis.__version__}" in text_of(ROOT / "CHANGELOG.md")
    assert f"\nversion: {fpp_analysis.__version__}\n" in text_of(ROOT / "CITATION.cff")


def test_every_dependency_has_its_reason():
    text = text_of(ROOT / "DECISIONS.md")
    section = text.split("## Dependencies")[1].split("\n## ")[0]
    rows = {normal(n) for n in re.findall(r"^\| `([\w.-]+)", section, re.MULTILINE)}
    extras = project()["project"]["optional-dependencies"]
    wanted = names(project()["project"]["dependencies"])
    for group in extras.values():
        wanted |= names(group)
    for group in project()["dependency-groups"].values():
        wanted |= names(group)
    assert rows == wanted


def test_the_licences_page_lists_the_reporting_environment():
    text = text_of(ROOT / "docs/licences.md")
    rows = dict(re.findall(r"^\| (\S+) \| (\d\S*) \| \S.* \|$", text, re.MULTILINE))
    versions = locked("requirements")
    assert names(project()["project"]["dependencies"]) <= set(rows)
    assert {name: v for name, v in rows.items() if v not in versions.get(name, ())} == {}
    assert "not stated" not in text


def test_the_bill_of_materials_names_every_package_with_its_hashes():
    bill = script(".ci/supply_chain.py").sbom()
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    found = {c["name"]: c["version"] for c in bill["components"]}
    assert names(project()["project"]["dependencies"]) <= set(found)
    assert {n: v for n, v in found.items() if v not in locked("requirements")[normal(n)]} == {}
    for component in bill["components"]:
        assert component["purl"] == f"pkg:pypi/{component['name']}@{component['version']}"
        assert component["externalReferences"][0]["hashes"]
        assert component["licenses"]
    references = {c["bom-ref"] for c in bill["components"]}
    assert set(bill["dependencies"][0]["dependsOn"]) == references
    assert script(".ci/supply_chain.py").sbom() == bill, "the same lock, the same bill"


@pytest.mark.parametrize("name", ["tutorial.md"])
def test_the_examples_of_a_page_run(name):
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    done = doctest.testfile(
        str(ROOT / "docs" / name), module_relative=False, optionflags=options, encoding="utf-8"
    )
    assert done.attempted > 0
    assert done.failed == 0
