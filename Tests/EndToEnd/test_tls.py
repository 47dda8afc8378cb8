"""TLS on the node itself: versions, order and bounds of what is sent, renewed certificates, the other ways in."""

import asyncio
import http.client
import json
import os
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.client import Client
from harness.naming import fresh
from harness.node import Node, built_binary, clean_environment
from harness.ports import LOOPBACK
from harness.redis_server import RedisServer
from harness.waiting import eventually, wait_until


def make_certificate(directory: Path, name: str = "localhost") -> tuple[Path, Path]:
    """A certificate that vouches for itself, and its key, put in place of what was there in one step each."""
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", f"{key}.new", "-out", f"{certificate}.new", "-subj", f"/CN={name}",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    os.replace(f"{key}.new", key)
    os.replace(f"{certificate}.new", certificate)
    return certificate, key


class SecureNode(Node):
    """A node that speaks TLS with a certificate of its own."""

    def __init__(self, directory: Path, redis: RedisServer, **environment: str):
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.certificate, self.key = make_certificate(directory)
        super().__init__("secure", directory / "data", redis=redis.url, wait=False, environment={
            "MARTLET_TLS_CERTIFICATE": str(self.certificate), "MARTLET_TLS_KEY": str(self.key)} | environment)
        self.trust = self.context()
        wait_until(lambda: self.fetch("/readyz")[0] == 200, 15, "the node to be ready over TLS")

    def context(self, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
        """Trusts what the certificate's file holds now."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        if version:
            context.minimum_version = context.maximum_version = version
        return context

    def fetch(self, path: str) -> tuple[int, dict[str, str]]:
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=2, context=self.trust)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            return response.status, {name.lower(): value for name, value in response.getheaders()}
        except OSError:
            return 0, {}
        finally:
            connection.close()

    def serial(self) -> str:
        """What certificate a new connection gets."""
        with socket.create_connection((LOOPBACK, self.port), 5) as plain:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                pem = ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True))
        return subprocess.run(["openssl", "x509", "-noout", "-serial"], input=pem, text=True, check=True,
                              capture_output=True).stdout

    async def client(self, version: ssl.TLSVersion | None = None, **options) -> Client:
        return await Client.open(f"wss://localhost:{self.port}/ws", ssl=self.context(version), **options)


@pytest.fixture
def secure(martlet: Path, tmp_path: Path) -> Iterator[SecureNode]:
    redis = RedisServer(tmp_path / "redis")
    node = SecureNode(tmp_path / "secure", redis, MARTLET_RATE="10000", MARTLET_BURST="10000")
    yield node
    node.close()
    redis.close()


async def test_versions(secure: SecureNode):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        client = await secure.client(version)
        await client.hello(name=fresh("ann"))
        await client.close()
    # As old as OpenSSL here will go: what it offers has to be refused by the node, not by it.
    old = subprocess.run(["openssl", "s_client", "-connect", f"{LOOPBACK}:{secure.port}", "-tls1_1",
                          "-cipher", "DEFAULT@SECLEVEL=0"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert old.returncode != 0


async def test_what_speaks_no_tls_gets_nothing(secure: SecureNode):
    reader, writer = await asyncio.open_connection(LOOPBACK, secure.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(12):
        assert b"HTTP" not in await reader.read()
    writer.close()


async def test_much_in_both_directions_keeps_its_order(secure: SecureNode):
    room = fresh("room")
    ann, bob = await secure.client(), await secure.client(ssl.TLSVersion.TLSv1_2)
    for client in (ann, bob):
        await client.hello(name=fresh("someone"))
        await client.join(room)
    texts = [f"{index} " + "x" * (index * 37 % 4000) for index in range(300)]
    for text in texts:
        await ann.send_frame("send", room=room, text=text)
    await bob.until(lambda: len(bob.texts(room)) == len(texts), 20, "all messages")
    assert bob.texts(room) == texts
    page = await bob.ask("history", room=room, limit=200)
    assert [entry["text"] for entry in page["entries"]] == texts[-len(page["entries"]):]
    await ann.close()
    await bob.close()


async def test_headers_and_the_stream(secure: SecureNode):
    status, headers = secure.fetch("/healthz")
    assert status == 200 and headers["strict-transport-security"] == "max-age=31536000"

    def first_event() -> dict:
        connection = http.client.HTTPSConnection("localhost", secure.port, timeout=5, context=secure.trust)
        connection.request("POST", "/stream", body=b"{}")
        line = connection.getresponse().readline()
        connection.close()
        return json.loads(line.removeprefix(b"data: "))
    assert (await asyncio.to_thread(first_event))["type"] == "welcome"


async def test_a_renewed_certificate_is_used_and_nobody_is_dropped(secure: SecureNode):
    client = await secure.client()
    await client.hello(name=fresh("ann"))
    first = secure.serial()
    make_certificate(secure.directory)
    await eventually(lambda: asyncio.to_thread(lambda: secure.serial() != first), 10, "the new certificate")
    second = secure.serial()
    await client.ask("ping")
    other = await secure.client()
    await other.hello(name=fresh("bob"))
    await other.close()

    # A key that does not fit: the former certificate goes on, and the node says so.
    good = secure.certificate.read_bytes(), secure.key.read_bytes()
    secure.key.write_text("-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n")
    await eventually(lambda: "the renewed certificate is not used" in secure.log_text(), 10, "the complaint")
    assert secure.serial() == second
    make_certificate(secure.directory)
    wrong = secure.key.read_bytes()
    secure.certificate.write_bytes(good[0])
    secure.key.write_bytes(wrong)
    await eventually(lambda: secure.log_text().count("the renewed certificate is not used") >= 2, 10, "the complaint")
    await client.ask("ping")
    await client.close()


async def test_redis_over_tls_with_a_certificate_of_ones_own(martlet: Path, tmp_path: Path):
    """To a Redis that speaks TLS, and to one that only claims to be it."""
    certificate, key = make_certificate(tmp_path)
    (tmp_path / "other").mkdir()
    other, _ = make_certificate(tmp_path / "other")
    redis = RedisServer(tmp_path / "redis", tls=(certificate, key))
    url = f"rediss://martlet@localhost:{redis.tls_port}"
    try:
        node = Node("overtls", tmp_path / "node", redis=url, environment={"MARTLET_REDIS_ROOTS": str(certificate)})
        try:
            client = await Client.guest(node.url, fresh("ann"), ["lobby"])
            assert (await client.say("lobby", "over TLS"))["offset"] >= 1
            await client.close()
            environment = clean_environment(MARTLET_REDIS=url, MARTLET_REDIS_ROOTS=str(certificate))
            shown = subprocess.run([str(built_binary()), "nodes"], env=environment, capture_output=True, text=True, timeout=20)
            assert shown.returncode == 0 and "overtls" in shown.stdout, shown.stderr
            for roots in (str(other), ""):
                refused = subprocess.run([str(built_binary()), "nodes"], env=environment | {"MARTLET_REDIS_ROOTS": roots},
                                         capture_output=True, text=True, timeout=20)
                assert refused.returncode == 1 and "TLS" in refused.stderr, refused.stderr
        finally:
            node.close()
        wrong = subprocess.run([str(built_binary()), "nodes"], capture_output=True, text=True, timeout=20,
                               env=environment | {"MARTLET_REDIS_ROOTS": str(key)})
        assert wrong.returncode == 1 and "holds no certificate" in wrong.stderr
    finally:
        redis.close()


async def test_health_asks_over_tls(secure: SecureNode, tmp_path: Path):
    environment = clean_environment(
        MARTLET_PORT=str(secure.port), MARTLET_TLS_CERTIFICATE=str(secure.certificate), MARTLET_TLS_KEY=str(secure.key))
    done = subprocess.run([str(built_binary()), "health"], env=environment, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    unknown = subprocess.run([str(built_binary()), "health", "--url", f"https://localhost:{secure.port}/readyz"],
                             env=clean_environment(), capture_output=True, text=True, timeout=20)
    assert unknown.returncode == 1 and "--url" in unknown.stderr


@pytest.mark.parametrize("change, says", [
    ({"MARTLET_TLS_KEY": ""}, "tlsKey is missing"),
    ({"MARTLET_TLS_KEY": "/nowhere.pem"}, "a PEM file that exists"),
    ({"MARTLET_TLS_KEY": "/etc/hostname"}, "cannot speak TLS"),
], ids=["none", "missing", "no key"])
def test_what_is_wrong_with_the_files_is_said(martlet: Path, tmp_path: Path, change: dict[str, str], says: str):
    certificate, key = make_certificate(tmp_path)
    environment = clean_environment(**{
        "MARTLET_TLS_CERTIFICATE": str(certificate), "MARTLET_TLS_KEY": str(key), "MARTLET_PORT": "0",
        "MARTLET_REDIS": "redis://127.0.0.1:1"} | change)
    done = subprocess.run([str(martlet), "serve"], env=environment, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and says in done.stderr and len(done.stderr.strip().splitlines()) == 1, done.stderr
