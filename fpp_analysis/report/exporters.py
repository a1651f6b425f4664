"""Executed notebooks as files for `jupyter nbconvert`: `--to fpp_html` and `--to fpp_pdf`."""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import Exporter

from fpp_analysis.report import html, pdf
from fpp_analysis.report.payloads import read_page


class HtmlExporter(Exporter):
    """An executed notebook as one HTML file: `jupyter nbconvert --to fpp_html`."""

    file_extension = ".html"
    output_mimetype = "text/html"
    export_from_notebook = "HTML (report)"
    _render = staticmethod(html.render)

    def from_notebook_node(  # type: ignore[override]  # text or bytes, as nbconvert's own
        self, nb: Any, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str | bytes, dict[str, Any]]:
        """The file's content and nbconvert's resources."""
        converted, found = super().from_notebook_node(nb, resources, **kw)
        name = found.get("metadata", {}).get("name", "report")
        return self._render([read_page(converted, name)]), found


class PdfExporter(HtmlExporter):
    """An executed notebook as a PDF: `jupyter nbconvert --to fpp_pdf`."""

    file_extension = ".pdf"
    output_mimetype = "application/pdf"
    export_from_notebook = "PDF (report)"
    _render = staticmethod(pdf.render)  # type: ignore[assignment]
