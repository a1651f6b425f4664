"""The Makefile: what `make` would run, without running it; and what it says where it cannot."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="no make here")


def make(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", "PYTHON=python3", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def copy(tmp_path) -> Path:
    """A folder with the build files and an environment that looks ready."""
    for name in ("Makefile", "pyproject.toml", "setup.py"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    for path in ROOT.glob("requirements*.lock"):
        shutil.copyfile(path, tmp_path / path.name)
    return tmp_path


def report(copy: Path, *arguments: str) -> str:
    """The line that `make report` would run, on one line."""
    done = make("-n", "report", *arguments, cwd=copy)
    assert done.returncode == 0, done.stderr
    text = re.sub(r"\\\n\s*", "", done.stdout)
    return re.sub(r" +", " ", next(line for line in text.splitlines() if "fpp report" in line))


def test_make_alone_explains_itself():
    done = make()
    assert done.returncode == 0
    for target in ("help", "env", "report", "test", "quick", "lab", "site", "wheelhouse", "clean"):
        assert re.search(rf"^  {target} +\S", done.stdout, re.MULTILINE), target
    for variable in ("BOOK", "AS_OF", "COMPARE_TO", "QUARTER", "NB"):
        assert f"  {variable}=" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((), "--book 'sample' --as-of 2009-11-30 --compare-to '2009-05-31'"),
        (("AS_OF=2010-03-31",), "--book 'sample' --as-of '2010-03-31'"),
        (("COMPARE_TO=2009-08-31",), "--as-of 2009-11-30 --compare-to '2009-08-31'"),
        (("BOOK=my book",), "--book 'my book' --quarter latest"),
        (("BOOK=x", "QUARTER=FY2010Q2"), "--book 'x' --quarter 'FY2010Q2'"),
        (("BOOK=x", "QUARTER=FY2010Q2", "COMPARE_TO=2009-03-31"), "'FY2010Q2' --compare-to"),
        (("NB=10-backlog-growth 20-coverage-rate",),
         "--notebook '10-backlog-growth' --notebook '20-coverage-rate'"),
        (("OUT=/tmp/packs", "ARGS=--edition outside"), "--out '/tmp/packs' --edition outside"),
    ],
)  # fmt: skip
def test_variables_become_options(copy, arguments, options):
    assert options in report(copy, *arguments)


def test_a_new_date_is_not_compared_with_the_sample_s_own(copy):
    assert "--compare-to" not in report(copy, "AS_OF=2010-03-31")


def test_the_environment_is_made_from_hashes_and_compiled(copy):
    lines = make("-n", "env", cwd=copy).stdout
    assert re.search(r"pip install --quiet --require-hashes -r requirements-build\.lock", lines)
    assert re.search(
        r"uv pip install .*--compile-bytecode.* --require-hashes -r requirements\.lock", lines
    )
    assert not re.search(r"(pip|uv) [^\n]*install(?![^\n]*(--require-hashes|--no-deps))", lines)


def test_the_environment_is_made_again_when_the_lock_changes(copy):
    for name in (".locked", ".ready"):
        (copy / ".venv").mkdir(exist_ok=True)
        (copy / ".venv" / name).touch()
    assert "requirements.lock" not in make("-n", "env", cwd=copy).stdout
    lock = copy / "requirements.lock"
    later = (copy / ".venv" / ".ready").stat().st_mtime + 10
    lock.touch()
    os.utime(lock, (later, later))
    assert "-m venv --clear .venv" in make("-n", "env", cwd=copy).stdout


@pytest.mark.parametrize("named", ["", "false"])  # none found, and one that does not fit
def test_without_a_fitting_python_it_says_what_to_do(copy, named):
    done = make("env", f"PYTHON={named}", cwd=copy)
    assert done.returncode != 0
    assert "Python 3.11 or later with venv is needed" in done.stderr
    assert not (copy / ".venv").exists()


def test_the_bytecode_switch_of_the_machine_is_off_inside(copy):
    (copy / "probe.mk").write_text(
        "include Makefile\nprobe:\n\t@echo [$$PYTHONDONTWRITEBYTECODE]\n", encoding="utf-8"
    )
    done = subprocess.run(
        ["make", "-f", "probe.mk", "probe"],
        cwd=copy,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_the_lab_is_the_command_s_own(copy):
    assert (
        ".venv-lab/bin/fpp lab notebooks --no-browser"
        in make("-n", "lab", "ARGS=--no-browser", cwd=copy).stdout
    )


# -- a company's mirror ------------------------------------------------------------------------


def as_pip():
    spec = importlib.util.spec_from_file_location("as_pip", ROOT / ".ci" / "as_pip.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_set_for_pip_reaches_uv(tmp_path):
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://mirror.example/pypi\nproxy = http://proxy.example:3128\n"
        "cert = /etc/company.pem\ntrusted-host = mirror.example\n"
        "[install]\nfind-links = wheels\n    more wheels\n",
        encoding="utf-8",
    )
    show = (
        "import os; print({k: v for k, v in os.environ.items() if k in os.environ['ASK'].split()})"
    )
    asked = (
        "UV_DEFAULT_INDEX UV_INDEX UV_FIND_LINKS UV_INSECURE_HOST SSL_CERT_FILE "
        "HTTPS_PROXY UV_HTTP_TIMEOUT"
    )
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "as_pip.py", sys.executable, "-c", show],
        env={"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "PIP_TIMEOUT": "99", "ASK": asked,
             "UV_DEFAULT_INDEX": "https://own.example", "HOME": str(tmp_path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = ast.literal_eval(done.stdout)
    assert found["UV_DEFAULT_INDEX"] == "https://own.example", "uv's own setting stands"
    assert found["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert found["SSL_CERT_FILE"] == "/etc/company.pem"
    assert found["UV_INSECURE_HOST"] == "mirror.example"
    assert found["UV_HTTP_TIMEOUT"] == "99"
    assert found["UV_FIND_LINKS"].startswith("wheels,")


@pytest.mark.parametrize("uv", [["uv", "pip", "install"], ["uv", "pip", "compile"], ["uvx"]])
def test_a_machine_without_an_index_asks_none(uv, tmp_path):
    """uv has no variable for it, so that the option itself is among the arguments."""
    show = tmp_path / uv[0]
    show.write_text("#!/bin/sh\necho $*\n", encoding="utf-8")
    show.chmod(0o755)
    for value, option in (("1", ["--no-index"]), ("0", [])):
        done = subprocess.run(
            [sys.executable, ROOT / ".ci" / "as_pip.py", show, *uv[1:], "one"],
            env={"PIP_NO_INDEX": value, "PIP_CONFIG_FILE": os.devnull, "PATH": os.environ["PATH"]},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.split() == [*uv[1:], *option, "one"]


def test_without_settings_nothing_is_added():
    assert as_pip().as_uv({}, {}) == {}
    given = as_pip().as_uv({"extra-index-url": "https://a.example https://b.example"}, {})
    assert given["UV_INDEX"] == "https://a.example https://b.example"
    assert given["UV_INDEX_STRATEGY"] == "unsafe-best-match"
