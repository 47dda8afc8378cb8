"""deploy/docker-compose.yml and docker/Dockerfile keep what scaling and the templates rely on."""

import re

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
    # The image's start script sets this one, because the environment asks for it.
    assert environment["NGINX_ENTRYPOINT_LOCAL_RESOLVERS"]
    given = set(environment) | {"NGINX_LOCAL_RESOLVERS"}
    used = set(re.findall(r"\$\{(\w+)\}", TEMPLATE))
    assert used <= given
    passes = re.compile(environment["NGINX_ENVSUBST_FILTER"].replace("$$", "$"))
    assert all(passes.search(name) for name in used)
    assert not [name for name in given - used if name.startswith("MARTLET_")], "and none is set in vain"


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
