"""Run a uv command with the settings that pip has on this machine.

python .ci/as_pip.py .venv/bin/uv pip install ...

A company's mirror, proxy and certificates are set once, for pip: in pip.conf, in the file that
PIP_CONFIG_FILE names, or in PIP_... variables. uv has names of its own for them; one that is
set already stands.
"""

import ast
import os
import subprocess
import sys

NAMES = {
    "index-url": ("UV_DEFAULT_INDEX",),
    "extra-index-url": ("UV_INDEX",),
    "find-links": ("UV_FIND_LINKS",),
    "trusted-host": ("UV_INSECURE_HOST",),
    "cert": ("SSL_CERT_FILE",),
    "proxy": ("HTTP_PROXY", "HTTPS_PROXY"),
    "default-timeout": ("UV_HTTP_TIMEOUT",),
    "timeout": ("UV_HTTP_TIMEOUT",),
}
LISTS = {"UV_FIND_LINKS": ","}
"""uv separates most lists by blanks, as pip does, but these."""


def settings() -> dict[str, str]:
    """What `pip config list` says, by its names without section; later lines win, as for pip."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    found = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in ("global", "install", ":env:"):
            found[key] = str(ast.literal_eval(value))
    return found


def as_uv(found: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """The same settings by uv's names, less those that are given already."""
    made = {}
    for key, names in NAMES.items():
        for name in names:
            if found.get(key) and not given.get(name):
                made[name] = LISTS.get(name, " ").join(found[key].split())
    if "UV_INDEX" in made:  # pip looks at all indexes and takes the best
        made["UV_INDEX_STRATEGY"] = given.get("UV_INDEX_STRATEGY") or "unsafe-best-match"
    return made


def without_index(command: list[str]) -> list[str]:
    """A command of uv that looks at no index: of this setting alone uv has no variable."""
    at = 3 if command[1] == "pip" else 1
    return [*command[:at], "--no-index", *command[at:]]


if __name__ == "__main__":
    found, command = settings(), sys.argv[1:]
    if found.get("no-index", "0").lower() in ("1", "true", "yes", "on"):
        command = without_index(command)
    environment = {**os.environ, **as_uv(found, dict(os.environ))}
    sys.exit(subprocess.run(command, env=environment, check=False).returncode)
