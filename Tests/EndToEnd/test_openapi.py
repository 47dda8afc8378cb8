"""The HTTP API as docs/openapi.yaml describes it: schemathesis makes up requests, good and bad ones, and looks at the answers."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.auth import post
from harness.naming import fresh
from harness.node import REPOSITORY, Node, clean_environment
from harness.operators import OPERATOR, PASSWORD, operator_token

pytest.importorskip("schemathesis", reason="pip install -r Tests/requirements.txt")


@pytest.fixture(scope="module")
def described(martlet: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node of its own, with no limit on attempts, and an operator."""
    node = Node("described", tmp_path_factory.mktemp("described") / "node", environment={
        "MARTLET_REGISTRATIONS": "off", "MARTLET_FAILED_LOGINS": "off", "MARTLET_OPERATORS": OPERATOR})
    try:
        assert post(node, "register", {"name": OPERATOR, "password": PASSWORD})[0] == 201
        yield node
    finally:
        node.close()


def _hold_to_description(node: Node, directory: Path, paths: str, *options: str) -> None:
    """The same requests each time: no randomness, no memory of earlier runs, one after another."""
    run = subprocess.run(
        [str(Path(sys.executable).with_name("schemathesis")), "run", str(REPOSITORY / "docs" / "openapi.yaml"),
         "--url", node.http, "--include-path-regex", paths, "--phases", "examples,coverage,fuzzing",
         "--generation-deterministic", "--workers", "1", "--request-timeout", "10",
         "--suppress-health-check", "all", "--no-color", *options],
        cwd=directory, env=clean_environment(), capture_output=True, text=True, timeout=280)
    assert run.returncode == 0, (run.stdout + run.stderr)[-6000:]


@pytest.mark.timeout(300)
def test_the_accounts_api_is_as_described(described: Node, tmp_path: Path):
    """The requests that need a token have one; the last operation, `logout`, makes it void."""
    token = post(described, "register", {"name": fresh("ann"), "password": PASSWORD})[1]["token"]
    # Excluded: that what is valid is accepted. A name and a password can be of the right form and wrong, or the name taken.
    _hold_to_description(described, tmp_path, "^/auth/", "--max-examples", "10", "--exclude-checks",
                         "positive_data_acceptance", "--header", f"Authorization: Bearer {token}")


@pytest.mark.timeout(300)
def test_the_operators_api_is_as_described(described: Node, tmp_path: Path):
    """With an operator's token, and by itself without it and with wrong ones. All checks; in the pace that one operator may have."""
    _hold_to_description(described, tmp_path, "^/api/v1/", "--max-examples", "15", "--rate-limit", "10/s",
                         "--header", f"Authorization: Bearer {operator_token(described)}")
