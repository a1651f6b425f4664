"""Every file of a pack out of its pages; done in a process of its own, within the pack's limits.

What renders is imported there, by the process that kernels are forked from, and not by the run.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

from fpp_analysis import fonts
from fpp_analysis.context import Context
from fpp_analysis.errors import FppWarning
from fpp_analysis.loading import hold
from fpp_analysis.numbers import day_in_words
from fpp_analysis.report import files
from fpp_analysis.report.payloads import Page, union_of_evidence
from fpp_analysis.report.standing import FIGURES

PACK = "pack"


def of_page(page: Page, paper: str) -> dict[str, bytes]:
    """The files that one page gives by itself, by their path in the pack."""
    from fpp_analysis.report import pdf

    made = files.data_files(page) | files.pictures(page)
    return made | {f"{page.name}.pdf": pdf.render([page], paper=paper)}


def rendered(pages: Sequence[Page]) -> dict[str, bytes]:
    """Each page as HTML, the way into them, and, where there are several, all in one file."""
    from fpp_analysis.report import html

    spoken = speaking(pages)
    silent = [page for page in pages if page not in spoken]
    made = {"index.html": html.index(spoken, silent, title=_title(pages))}
    for before, page, after in zip([None, *spoken[:-1]], spoken, [*spoken[1:], None], strict=True):
        made[f"{page.name}.html"] = html.render([page], home=True, around=(before, after))
    if len(spoken) > 1:
        made[f"{PACK}.html"] = html.render(spoken, title=_title(pages))
    return {file: text.encode() for file, text in made.items()}


def as_tables(pages: Sequence[Page], asked: Mapping[str, str]) -> dict[str, bytes]:
    """What can be computed with: the workbook, and every figure in one file.

    Where notebooks were asked of a book's snapshot, the contracts behind the figures are in it.
    """
    from fpp_analysis.report import contract_sheet, workbook

    parts = None
    if "book" in asked:
        hold(asked["book"])
        parts = contract_sheet.parts_of(Context.of(**asked), union_of_evidence(pages))
    spoken = speaking(pages)
    book = workbook.render(spoken, title=_title(pages), parts=parts)
    return {"workbook.xlsx": book, FIGURES: files.figures_csv(union_of_evidence(spoken))}


def on_paper(pages: Sequence[Page], paper: str) -> dict[str, bytes]:
    """The pages as one document, where there are several; warns of letters that no font has."""
    from fpp_analysis.report import pdf

    words = [
        str(said) for page in pages for block in page.blocks
        for name, said in block.items() if name != "svg"
    ]  # fmt: skip
    if unknown := fonts.missing("".join(words)):
        names = ", ".join(f"{ch} (U+{ord(ch):04X})" for ch in unknown[:10])
        warnings.warn(FppWarning(f"no font here has: {names}; paper shows boxes"), stacklevel=2)
    spoken = speaking(pages)
    several = len(spoken) > 1
    return {f"{PACK}.pdf": pdf.render(spoken, paper=paper, title=_title(pages))} if several else {}


def as_slides(pages: Sequence[Page], pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """The pages as slides, with the pictures of their charts."""
    from fpp_analysis.report import slides

    made = slides.render(speaking(pages), title=_title(pages), pictures=pictures)
    return {"slides.pptx": made}


def speaking(pages: Sequence[Page]) -> Sequence[Page]:
    """The pages that say something; all where none does."""
    return [page for page in pages if page.speaks] or pages


def _title(pages: Sequence[Page]) -> str:
    stamp = pages[0].stamp
    return f"{stamp.programme[:1].upper()}{stamp.programme[1:]}, {day_in_words(stamp.as_of)}"
