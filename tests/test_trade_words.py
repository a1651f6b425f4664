"""A book's own words for a machine, a module and a kW reach every text, and nothing else."""

from __future__ import annotations

from fpp_analysis.wording.trade import said, speaker

WORDS = {"machine": ("turbine", "turbines"), "module": ("module", "modules"), "kw": ("MW", "MW")}


def test_capitals_plurals_and_whole_words():
    say = speaker(WORDS)
    assert say("Machines: 3 machines of each machine, per kW-year") == (
        "Turbines: 3 turbines of each turbine, per MW-year"
    )
    assert say("machinery, modules, MkW") == "machinery, modules, MkW"
    assert speaker({"machine": ("machine", "machines")})("Machines") == "Machines"


def test_texts_are_said_and_rows_queries_and_names_stay():
    block = {
        "kind": "table",
        "id": "machines",
        "title": "Machines by customer",
        "columns": [
            {"name": "machines", "label": "Machines", "kind": "text"},
            {"name": "line", "label": "Line", "kind": "words"},
        ],
        "rows": [["Machines Ltd", "new machines"]],
        "shown": [["Machines Ltd", "New machines"]],
        "query": "fpp table machines",
        "paragraphs": [["No machines; ", {"shown": "3", "evidence": "machines-3"}]],
    }
    told = said(block, speaker(WORDS))
    assert told["title"] == "Turbines by customer"
    assert [column["label"] for column in told["columns"]] == ["Turbines", "Line"]
    assert told["rows"] == [["Machines Ltd", "new turbines"]]
    assert told["shown"] == [["Machines Ltd", "New turbines"]]
    assert told["paragraphs"] == [["No turbines; ", {"shown": "3", "evidence": "machines-3"}]]
    quoted = {"paragraphs": [{"runs": ["9 machines"], "notes": [{"words": ["Machines: 9"]}]}]}
    assert said(quoted, speaker(WORDS)) == {
        "paragraphs": [{"runs": ["9 machines"], "notes": [{"words": ["Turbines: 9"]}]}]
    }
    same = ("kind", "id", "query")
    assert [told[key] for key in same] == [block[key] for key in same]
