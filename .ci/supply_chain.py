"""What is installed, for those who must know: the licences page and the bill of materials.

Both are made from requirements.lock (names, versions, hashes) and from what the installed
packages say of themselves (licence), with nothing that depends on the day or the machine.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
import uuid
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
SPDX = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "mit license": "MIT",
    "mit": "MIT",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "isc license (iscl)": "ISC",
}

INTRODUCTION = """\
# Licences

<!-- Made by `make licences` from requirements.lock; do not edit. -->

The project is under the MIT licence (LICENSE). On Linux it installs these packages, unchanged,
each under its own licence; a report contains none of them but the DejaVu fonts that matplotlib
brings (Bitstream Vera licence), as subsets in the PDF.

"""


def locked() -> list[tuple[str, str, list[str]]]:
    """Name, version and hashes of each package of the lock that this platform installs."""
    blocks = re.split(r"^(?=[a-z0-9])", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)
    rows = []
    for block in blocks[1:]:
        requirement = Requirement(block.split(" \\")[0].split("\n")[0])
        if requirement.marker is None or requirement.marker.evaluate():
            version = next(iter(requirement.specifier)).version
            hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", block)
            rows.append((requirement.name, version, hashes))
    return rows


def licence(name: str) -> str:
    """The licence as an SPDX expression where the package gives one, else in its own words."""
    data = importlib.metadata.metadata(name)
    if expression := data.get("License-Expression"):
        return expression
    classified = [
        c.rsplit(" :: ", 1)[-1]
        for c in data.get_all("Classifier") or []
        if c.startswith("License :: ")
    ]
    named = data.get("License") or ""
    words = [w for w in classified if w != "OSI Approved"] or [named.strip().split("\n")[0]]
    return " AND ".join(sorted({SPDX.get(w.lower(), w) for w in words})) or "not stated"


def stated(words: str) -> dict[str, Any]:
    """A licence as CycloneDX holds it: an SPDX expression where it is one, else a name."""
    is_expression = re.fullmatch(r"[\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)*", words)
    return {"expression": words} if is_expression else {"license": {"name": words}}


def licences() -> str:
    """The page: every package of the lock, its version and licence."""
    rows = [(name, version, licence(name)) for name, version, _ in locked()]
    head = "| package | version | licence |\n| --- | --- | --- |\n"
    return INTRODUCTION + head + "".join(f"| {n} | {v} | {lic} |\n" for n, v, lic in rows)


def sbom() -> dict[str, Any]:
    """CycloneDX 1.6. The serial number is made from the content, so that equal locks agree."""
    project = importlib.metadata.metadata("fpp_analysis")
    components = [
        {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name}@{version}",
            "licenses": [stated(licence(name))],
            "externalReferences": [
                {
                    "type": "distribution",
                    "url": f"pkg:pypi/{name}@{version}",
                    "hashes": [{"alg": "SHA-256", "content": digest} for digest in hashes],
                }
            ],
        }
        for name, version, hashes in locked()
    ]
    own = {
        "type": "application",
        "bom-ref": "fpp_analysis",
        "name": "fpp_analysis",
        "version": project["Version"],
        "licenses": [{"license": {"id": "MIT"}}],
    }
    content = json.dumps([own, components], sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {"component": own},
        "components": components,
        "dependencies": [{"ref": "fpp_analysis", "dependsOn": [c["bom-ref"] for c in components]}],
    }


def main(what: str) -> None:
    """Write one of the two."""
    if what == "licences":
        path, text = ROOT / "docs/licences.md", licences()
    else:
        path, text = ROOT / "dist/sbom.cdx.json", json.dumps(sbom(), indent=2) + "\n"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1])
