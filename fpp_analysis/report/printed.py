"""What the cells of a run print, of which there is mostly nothing: then none is looked for."""

from __future__ import annotations

from ipykernel.iostream import OutStream


class Printed(OutStream):
    """Sends what was written.

    A kernel asks for that several times a cell, and each time waits for the thread that sends.
    """

    def flush(self) -> None:
        """Have what was written sent, where something was."""
        if self._flush_pending:
            super().flush()  # type: ignore[no-untyped-call]
