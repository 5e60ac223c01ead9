"""What is measured: a schema, the documents that it refers to, and one instance, each in a file without white space."""

import dataclasses
import importlib.util
import json
import pathlib
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass
class Subject:
    """One schema with one instance; formats are asserted where the schema is ours."""

    name: str
    uri: str
    resources: list[pathlib.Path]
    instance: pathlib.Path
    formats: bool


def subjects(folder: pathlib.Path) -> list[Subject]:
    common = ROOT / "schemas/common/1.json"
    examples = [
        ("header", "header", "examples/valid/referral-full.json", None),
        ("referral", "referral", "examples/valid/full.json", "body"),
    ]
    found = []
    for name, schema, example, member in examples:
        base = ROOT / "schemas" / schema
        document = json.loads((base / example).read_text())
        instance = write(folder / f"{name}.json", document[member] if member else document)
        found.append(
            Subject(name, f"urn:simpul:schema:{schema}/1", [base / "1.json", common], instance, formats=True)
        )
    found.append(large(folder))
    return found


def large(folder: pathlib.Path) -> Subject:
    """Vega-Lite's schema, 1.9 MB with 458 definitions full of alternatives, as the package altair carries it. It is written
    for draft-07; what it uses means the same in 2020-12. References are made URI references, which not all of them are."""
    package = pathlib.Path(importlib.util.find_spec("altair").origin).parent
    schema = json.loads(next(package.glob("vegalite/v*/schema/vega-lite-schema.json")).read_text())
    schema |= {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:example:large"}
    references(schema)
    return Subject(
        "large",
        "urn:example:large",
        [write(folder / "large-schema.json", schema)],
        write(folder / "large.json", CHART),
        formats=False,
    )


def references(value: object) -> None:
    if isinstance(value, list):
        for element in value:
            references(element)
    elif isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            value["$ref"] = urllib.parse.quote(value["$ref"], safe="#/")
        for element in value.values():
            references(element)


def write(path: pathlib.Path, document: object) -> pathlib.Path:
    path.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
    return path


CHART = {
    "description": "Referrals by month and kind",
    "data": {"url": "data/referrals.csv", "format": {"type": "csv"}},
    "width": 600,
    "height": 300,
    "transform": [
        {"filter": "datum.region == '17.09'"},
        {"calculate": "datum.closed - datum.opened", "as": "days"},
        {"aggregate": [{"op": "mean", "field": "days", "as": "mean_days"}], "groupby": ["month", "kind"]},
    ],
    "layer": [
        {
            "mark": {"type": "bar", "opacity": 0.7, "tooltip": True, "cornerRadius": 4},
            "encoding": {
                "x": {
                    "timeUnit": "month",
                    "field": "month",
                    "type": "ordinal",
                    "title": "Month",
                    "axis": {"labelAngle": -45, "grid": False},
                },
                "y": {
                    "aggregate": "mean",
                    "field": "mean_days",
                    "type": "quantitative",
                    "scale": {"domain": [0, 20], "nice": True},
                },
                "color": {
                    "field": "kind",
                    "type": "nominal",
                    "scale": {"domain": ["shelter", "medical"], "range": ["#e7ba52", "#1f77b4"]},
                    "legend": {"title": "Kind", "orient": "right"},
                },
            },
        },
        {
            "mark": {"type": "line", "point": {"filled": False, "fill": "white"}, "strokeWidth": 2},
            "encoding": {
                "x": {"timeUnit": "month", "field": "month", "type": "ordinal"},
                "y": {"aggregate": "max", "field": "mean_days", "type": "quantitative"},
                "color": {"value": "firebrick"},
                "tooltip": [{"field": "mean_days", "type": "quantitative", "format": ".2f"}],
            },
        },
    ],
    "resolve": {"scale": {"y": "shared"}},
    "config": {"view": {"stroke": None}, "axis": {"labelFontSize": 12, "titleFontSize": 14}},
}
