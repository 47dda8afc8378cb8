"""deploy/docker-compose.yml and docker/Dockerfile keep what scaling and the templates rely on."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from local_cluster import REPOSITORY

COMPOSE = yaml.safe_load((REPOSITORY / "deploy" / "docker-compose.yml").read_text())
TEMPLATE = (REPOSITORY / "deploy" / "nginx" / "templates" / "nginx.conf.template").read_text()
DOCKERFILE = (REPOSITORY / "docker" / "Dockerfile").read_text()
SERVICES = COMPOSE["services"]


def test_nothing_allows_only_one_node():
    assert "container_name" not in SERVICES["node"]
    assert "ports" not in SERVICES["node"]


def test_nginx_is_the_only_way_in():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert not set(SERVICES["redis"]["networks"]) & set(SERVICES["nginx"]["networks"])
    assert COMPOSE["networks"]["backplane"]["internal"] is True


def test_every_variable_of_the_template_has_a_value():
    environment = SERVICES["nginx"]["environment"]
    # What the image's start script sources sets this one.
    assert any("12-first-resolver.envsh:/docker-entrypoint.d/" in volume for volume in SERVICES["nginx"]["volumes"])
    given = set(environment) | {"NGINX_LOCAL_RESOLVERS"}
    used = set(re.findall(r"\$\{(\w+)\}", TEMPLATE))
    assert used <= given
    passes = re.compile(environment["NGINX_ENVSUBST_FILTER"].replace("$$", "$"))
    assert all(passes.search(name) for name in used)
    assert not [name for name in given - used if name.startswith("MARTLET_")], "and none is set in vain"


@pytest.mark.parametrize("servers, first", [
    (["10.89.1.1", "10.255.0.53"], "10.89.1.1"), (["127.0.0.11"], "127.0.0.11"), (["fd00::1", "10.0.0.1"], "[fd00::1]")])
def test_only_the_engines_own_dns_server_is_asked(tmp_path: Path, servers: list[str], first: str):
    script = (REPOSITORY / "deploy" / "nginx" / "12-first-resolver.envsh")
    assert os.access(script, os.X_OK), "the image skips it otherwise"
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("search x\n" + "".join(f"nameserver {server}\n" for server in servers))
    text = script.read_text().replace("/etc/resolv.conf", str(resolv)) + "printenv NGINX_LOCAL_RESOLVERS\n"
    assert subprocess.run(["sh", "-c", text], check=True, capture_output=True, text=True).stdout.strip() == first


def test_a_drain_is_not_cut_short():
    seconds = int(SERVICES["node"]["stop_grace_period"].removesuffix("s"))
    assert seconds > 20
    assert "STOPSIGNAL SIGTERM" in DOCKERFILE
    assert re.search(r'^ENTRYPOINT \["martlet"\]$', DOCKERFILE, re.MULTILINE), "a shell would keep the signal"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_limits_are_set_in_pairs(name: str):
    """Some engines hang on a service that sets one of them only."""
    assert set(SERVICES[name]["ulimits"]) == {"nofile", "nproc"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_tells_its_health_and_comes_back(name: str):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert "healthcheck" in SERVICES[name] or (name == "node" and "HEALTHCHECK" in DOCKERFILE)


def test_the_image_does_not_run_as_root():
    final = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER \d+:\d+$", final, re.MULTILINE)


def test_redis_keeps_everything():
    settings = dict(line.split(None, 1) for line in (REPOSITORY / "deploy/redis/redis.conf").read_text().splitlines()
                    if line and not line.startswith(("#", "client-output")))
    assert settings["appendonly"] == "yes"
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["protected-mode"] == "yes"
