"""The field dictionary and all that is made of it: types, rules, validation, error texts."""

from fpp_analysis.schema.currencies import minor_of as minor_of
from fpp_analysis.schema.fields import MODULES_OF as MODULES_OF, TABLES as TABLES
from fpp_analysis.schema.findings import ValidBook as ValidBook
from fpp_analysis.schema.raw import RawBook as RawBook, RawTable as RawTable
from fpp_analysis.schema.settings import (
    BookSettings as BookSettings,
    settings_as_dict as settings_as_dict,
    settings_from_dict as settings_from_dict,
)
from fpp_analysis.schema.validate import revalidated as revalidated, validate as validate
