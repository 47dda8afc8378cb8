"""The users of the tests' Redis servers: those of deploy/redis/users.acl, and one who may do everything."""

import atexit
import secrets
import shutil
import tempfile
from pathlib import Path

from . import secret_scan
from .ports import LOOPBACK

_DEPLOYED = Path(__file__).resolve().parents[3] / "deploy" / "redis" / "users.acl"
_ADMIN = "\nuser admin on #${redis-admin-password} resetkeys ~* resetchannels &* +@all\n"

# Secrets by the names of their files, one of each for all servers of a run.
PASSWORDS = {name: secrets.token_hex(24)
             for name in ("redis-password", "redis-operator-password", "redis-admin-password")}
_directory = Path(tempfile.mkdtemp(prefix="martlet-secrets-"))
atexit.register(shutil.rmtree, _directory, ignore_errors=True)
for _name, _password in PASSWORDS.items():
    (_directory / _name).touch(mode=0o600)
    (_directory / _name).write_text(f"{_password}\n")
    secret_scan.note(f"Redis's {_name}", _password)
(_directory / "users.acl").write_text(_DEPLOYED.read_text() + _ADMIN)

# What every node and every command of the program finds in its environment.
PASSWORD_FILE = str(_directory / "redis-password")


def url(port: int) -> str:
    """A Redis as nodes log in to it."""
    return f"redis://martlet@{LOOPBACK}:{port}/0"


def environment(directory: Path) -> dict[str, str]:
    """What deploy/redis/start.sh wants to know."""
    return {"MARTLET_REDIS_SECRETS": str(_directory), "MARTLET_REDIS_USERS": str(_directory / "users.acl"),
            "MARTLET_REDIS_ACLFILE": str(directory / "users.acl")}
