"""What docs/security.md claims to be tested is tested: every test it names exists."""

import re

import pytest
from local_cluster import REPOSITORY

TEXT = (REPOSITORY / "docs" / "security.md").read_text()
PYTHON = {file.name: file.read_text() for folder in ("Deploy", "EndToEnd")
          for file in (REPOSITORY / "Tests" / folder).glob("test_*.py")}
# Two files may have one name, in two folders.
for _file in (REPOSITORY / "Tests" / "Deploy").glob("test_*.py"):
    PYTHON[f"Tests/Deploy {_file.name}"] = _file.read_text()
SWIFT = "\n".join(file.read_text() for file in (REPOSITORY / "Tests").rglob("*Tests.swift"))


@pytest.mark.parametrize("file, test", sorted(set(re.findall(r"`((?:Tests/Deploy )?test_\w+\.py)::(\w+)`", TEXT))))
def test_a_python_test_exists(file: str, test: str):
    assert file in PYTHON, f"docs/security.md names {file}"
    names = re.findall(r"^(?:async )?def (test_\w+)\(", PYTHON[file], re.MULTILINE)
    if test not in names and not file.startswith("Tests/Deploy "):
        names += re.findall(r"^(?:async )?def (test_\w+)\(", (REPOSITORY / "Tests/EndToEnd" / file).read_text(), re.MULTILINE)
    assert test in names, f"docs/security.md names {file}::{test}"


@pytest.mark.parametrize("suite, test", sorted(set(re.findall(r"`(\w+Tests)/(\w+)`", TEXT))))
def test_a_swift_test_exists(suite: str, test: str):
    assert re.search(rf"struct {suite}\b", SWIFT), f"docs/security.md names the suite {suite}"
    assert re.search(rf"func {test}\(", SWIFT), f"docs/security.md names {suite}/{test}"


def test_every_defence_has_a_test():
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    tables = re.findall(r"\| threat \| defence \| shown by \|\n\| --- \| --- \| --- \|\n((?:\|.*\n)+)", TEXT)
    assert len(tables) >= 6 and rows
    for row in "".join(tables).splitlines():
        assert len(row.split(" | ")) == 3 and re.search(r"`[^`]*(::|Tests/)[^`]*`", row.split(" | ")[2]), row
