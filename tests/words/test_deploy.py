"""The container file and the compose file name commands, options, settings and ports that there are."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import yaml

from tests.words import commands
from tests.words.repository import ROOT, modules, pyproject

CONTAINER = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
USAGES = {one.path: one for one in commands.commands()}


def instructions(name: str) -> list[str]:
    """What stands behind an instruction of the container file, each time."""
    return re.findall(rf"^{name} (.+)$", CONTAINER, re.MULTILINE)


def calls_of(words: Sequence[str]) -> Iterator[list[str]]:
    """The calls of goldseam in a command, those in a shell's line too."""
    if words[:2] == ["sh", "-c"]:
        for part in re.split(r"\|\||&&|;", words[2]):
            found = shlex.split(part)
            if "goldseam" in found:
                yield found[found.index("goldseam") :]
    elif words[0] == "goldseam":
        yield list(words)


CALLS = [
    *calls_of(json.loads(instructions("CMD")[-1])),
    *(call for service in OURS.values() if "command" in service for call in calls_of(service["command"])),
]


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_call_in_a_container_is_a_command_with_options_that_it_has(call: list[str]) -> None:
    known = USAGES[" ".join(call[:2])]
    written = {option for names, _ in known.options for option in re.findall(r"--?[a-z-]+", names)}
    assert {word for word in call if word.startswith("-")} <= written


def test_the_server_the_worker_and_the_first_project_are_there() -> None:
    assert [call[1] for call in CALLS] == ["init", "serve", "worker"]


def test_one_port_is_served_shown_and_asked_whether_it_lives() -> None:
    (serve,) = [call for call in CALLS if call[1] == "serve"]
    port = serve[serve.index("--port") + 1]
    assert instructions("EXPOSE") == [port]
    assert f"http://127.0.0.1:{port}/healthz" in instructions("HEALTHCHECK")[0]
    assert [shown.split(":") for shown in SERVICES["server"]["ports"]] == [["127.0.0.1", port, port]]


def test_settings_that_containers_are_given_are_read_by_the_code_or_by_the_container_file() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in modules()) + CONTAINER
    given = {name for service in OURS.values() for name in service["environment"]}
    assert given >= {"GOLDSEAM_DATABASE_URL"}
    assert [name for name in sorted(given) if name not in source] == []


def test_services_wait_for_services_that_there_are_and_that_can_say_they_are_well() -> None:
    for service in SERVICES.values():
        for name, on in service.get("depends_on", {}).items():
            assert on == {"condition": "service_healthy"}
            assert "healthcheck" in SERVICES[name] or (name in OURS and instructions("HEALTHCHECK"))
        for volume in service["volumes"]:
            assert volume.split(":")[0] in COMPOSE["volumes"]


def test_the_project_lies_where_the_volume_is_and_belongs_to_the_account_that_runs_it() -> None:
    (folder,) = instructions("VOLUME")
    (user,) = instructions("USER")
    assert instructions("WORKDIR")[-1] == folder
    assert f"install -d -o {user} -g {user} {folder}" in CONTAINER
    assert {service["volumes"][0] for service in OURS.values()} == {f"project:{folder}"}


def test_images_are_of_versions_that_are_promised() -> None:
    oldest = pyproject()["project"]["requires-python"].removeprefix(">=")
    assert {one.split()[0] for one in instructions("FROM")} == {f"docker.io/library/python:{oldest}-slim"}
    assert "postgres" in pyproject()["project"]["optional-dependencies"]
    assert ".[postgres]" in CONTAINER
    assert not [name for name, service in SERVICES.items() if "POSTGRES_PASSWORD" in service["environment"] and ":?" not in service["environment"]["POSTGRES_PASSWORD"]]  # fmt: skip
