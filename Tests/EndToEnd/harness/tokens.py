"""Tokens of somebody outside: JSON Web Tokens signed with HS256, and the file that tells a node of their issuer."""

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path

from . import secret_scan

SECRET = "a secret that the shop and the chat share, 32 bytes at least"
ISSUER = "https://shop.example"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims: dict, secret: str = SECRET, **header) -> str:
    head = {"alg": "HS256", "typ": "JWT"} | header
    text = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
    made = text + "." + _encoded(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())
    secret_scan.note("an issuer's token", made)
    secret_scan.note("a shared secret", secret)
    return made


def token(user: str, lifetime: float = 600, secret: str = SECRET, **claims) -> str:
    """A good token of the user's; `claims` replaces some, and `None` leaves one out."""
    all_claims = {"iss": ISSUER, "aud": "chat", "sub": user, "name": user, "exp": int(time.time() + lifetime)} | claims
    return signed({name: value for name, value in all_claims.items() if value is not None}, secret)


def issuers_file(directory: Path, leeway: int = 0, **more) -> Path:
    """Writes the file for `MARTLET_ISSUERS`, and the secret beside it."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "shop.secret").write_text(SECRET + "\n")
    issuer = {"issuer": ISSUER, "audience": "chat", "algorithms": "HS256", "secretFile": "shop.secret", "leeway": leeway}
    path = directory / "issuers.json"
    path.write_text(json.dumps([issuer | more]))
    return path
