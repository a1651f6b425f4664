"""Every file of a pack out of its pages; done in a process of its own, within the pack's limits.

What renders is imported there, by the process that kernels are forked from, and not by the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from fpp_analysis.context import Stamp
from fpp_analysis.numbers import day_in_words
from fpp_analysis.report import files
from fpp_analysis.report.contract_sheet import Parts
from fpp_analysis.report.payloads import Page, union_of_evidence
from fpp_analysis.report.standing import FIGURES

PACK = "pack"


def of_page(page: Page, paper: str) -> dict[str, bytes]:
    """The files that one page gives by itself, by their path in the pack."""
    from fpp_analysis.report import pdf

    made = files.data_files(page) | files.pictures(page)
    return made | {f"{page.name}.pdf": pdf.render([page], paper=paper)}


def rendered(
    pages: Sequence[Page],
    stamp: Stamp,
    paper: str,
    parts: Parts | None = None,
    done: Mapping[str, bytes] = {},
) -> dict[str, bytes]:
    """Every file of a pack by its path, but for the manifest and those of its pages, `done`."""
    from fpp_analysis.report import front, html, pdf, slides, workbook

    title = f"{stamp.programme[:1].upper()}{stamp.programme[1:]}, {day_in_words(stamp.as_of)}"
    spoken = [page for page in pages if page.speaks] or list(pages)
    silent = [page for page in pages if page not in spoken]
    pages, around, made = spoken, html.neighbours(spoken), {}
    with ThreadPoolExecutor(1) as pool:  # typst compiles without holding the others
        several = len(pages) > 1
        whole = pool.submit(pdf.render, pages, paper=paper, title=title) if several else None
        made["index.html"] = front.render(pages, silent, title=title, stamp=stamp).encode()
        if several:
            made[f"{PACK}.html"] = html.render(pages, title=title).encode()
        for page in pages:
            made[f"{page.name}.html"] = html.render(
                [page], home=True, around=around[page.name]
            ).encode()
            if f"{page.name}.pdf" not in done:
                made |= of_page(page, paper)
        made["workbook.xlsx"] = workbook.render(pages, title=title, parts=parts)
        made["slides.pptx"] = slides.render(pages, title=title, pictures={**done, **made})
        made[FIGURES] = files.figures_csv(union_of_evidence(pages))
        return made | ({f"{PACK}.pdf": whole.result()} if whole else {})
