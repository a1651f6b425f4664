"""Build the site of docs/ in build/site: `make site`.

The pages as they are, the project's own pages, and a sample pack of either edition; then every
link of every built page is followed, on the disk alone. Ends with 1 where one is dead.
"""

import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
PAGES, SITE = ROOT / "build" / "docs", ROOT / "build" / "site"
OWN = ("ARCHITECTURE", "CHANGELOG", "CONTRIBUTING", "DECISIONS", "SECURITY")
DATES = ("--as-of", "2009-11-30", "--compare-to", "2009-05-31")
EDITIONS = ("inside", "outside")
_LINK = re.compile(r"\[([^\]]*)\]\(((?!\w+:)[^)\s#]+)(#[^)\s]*)?\)")


def sources() -> None:
    """The pages side by side; a link to a file that is not on the site becomes its name."""
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(ROOT / "docs", PAGES, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for name in OWN:
        shutil.copyfile(ROOT / f"{name}.md", PAGES / f"{name}.md")
    (PAGES / "README.md").rename(PAGES / "index.md")
    for path in PAGES.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        path.write_text(_LINK.sub(_here, text), encoding="utf-8")
    listed = "".join(f"- [{name} edition](packs/{name}/index.html)\n" for name in EDITIONS)
    with (PAGES / "index.md").open("a", encoding="utf-8") as index:
        index.write(f"\n## A pack to look at\n\nOf the synthetic sample book:\n\n{listed}")


def _here(found: re.Match[str]) -> str:
    words, target, anchor = found[1], found[2].removeprefix("../").removeprefix("docs/"), found[3]
    target = "index.md" if target == "README.md" else target
    known = (PAGES / target).is_file() or target.removesuffix(".md") in OWN
    return f"[{words}]({target}{anchor or ''})" if known else f"{words} (`{target}`)"


def packs() -> None:
    """A pack of either edition, as files: a link into a hidden folder is followed."""
    for edition in EDITIONS:
        out = ROOT / "build" / "packs" / edition
        line = ["-m", "fpp_analysis.cli", "report", *DATES, "--edition", edition, "--out", str(out)]
        subprocess.run([sys.executable, *line], check=True, cwd=ROOT)
        (made,) = (path for path in out.iterdir() if not path.name.startswith("."))
        shutil.copytree(made, SITE / "packs" / edition)


def dead_links() -> list[str]:
    """Links and sources of the built pages that lead nowhere on the disk."""
    dead = []
    ids: dict[Path, set[str]] = {}
    for page in SITE.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r"""\s(?:href|src)=["']?([^"'\s>]+)""", text):
            name, _, anchor = unquote(unescape(link)).partition("#")
            if re.match(r"\w+:|//", name) or page.name == "404.html":
                continue
            path = (page.parent / name.split("?")[0]).resolve() if name else page
            path = path / "index.html" if path.is_dir() else path
            if not path.is_file():
                dead.append(f"{page.relative_to(SITE)}: {link}")
            elif anchor and path.suffix == ".html":
                if path not in ids:
                    there = path.read_text(encoding="utf-8")
                    ids[path] = set(re.findall(r"""\s(?:id|name)=["']?([^"'\s>]+)""", there))
                if anchor not in {unescape(one) for one in ids[path]}:
                    dead.append(f"{page.relative_to(SITE)}: no place for {link}")
    return sorted(set(dead))


def main() -> None:
    """Build, and follow every link."""
    builder, *options = sys.argv[1:]
    sources()
    shutil.rmtree(SITE, ignore_errors=True)
    subprocess.run([builder, "build", "--config-file", "mkdocs.yml"], check=True, cwd=ROOT)
    if "--no-packs" not in options:
        packs()
    dead = dead_links()
    print(*dead, sep="\n")
    print(
        f"{SITE.relative_to(ROOT)}: {len(list(SITE.rglob('*.html')))} pages, {len(dead)} dead links"
    )
    sys.exit(bool(dead))


if __name__ == "__main__":
    main()
