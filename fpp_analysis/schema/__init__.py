"""The field dictionary and all that is made of it: types, rules, validation, error texts."""

from fpp_analysis.schema.currencies import minor_of
from fpp_analysis.schema.fields import MODULES_OF, TABLES, Field, Table
from fpp_analysis.schema.raw import RawBook, RawTable
from fpp_analysis.schema.settings import BookSettings, settings_as_dict, settings_from_dict
from fpp_analysis.schema.validate import ValidBook, revalidated, validate

__all__ = [
    "MODULES_OF",
    "TABLES",
    "BookSettings",
    "Field",
    "RawBook",
    "RawTable",
    "Table",
    "ValidBook",
    "minor_of",
    "revalidated",
    "settings_as_dict",
    "settings_from_dict",
    "validate",
]
