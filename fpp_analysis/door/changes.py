from __future__ import annotations


def with_changes(tables, wanted):
    return tables
