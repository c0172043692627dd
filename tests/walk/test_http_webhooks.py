"""Webhooks over HTTP and in the terminal: made, pinged by the worker, looked at, given a new secret, ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldseam.edge.client import Client, verify_webhook
from goldseam.vocab.errors import AddressRefused, BadValue, NotAllowed, NotFound
from goldseam.vocab.people import Role
from tests.unit.edge.cli.call import goldseam
from tests.unit.edge.receiver import receiver
from tests.walk import small, story


def test_a_manager_runs_webhooks_from_the_client_and_an_annotator_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOLDSEAM_REACH", "127.0.0.1")
    with story.opened(tmp_path) as world:
        made = story.set_up(world, tmp_path)
        with receiver() as there, story.serving(world) as url, Client(url, token=made.token(Role.MANAGER)) as client:
            project = made.project.id
            assert "release.published" in client.webhooks(project)["events"]
            added = client.add_webhook(project, there.url(), ["round.ended", "annotation.given"])
            hook = added["webhook"]["id"]
            assert added["secret"].startswith("gsw_")
            assert client.webhooks(project)["webhooks"] == [added["webhook"]]
            sent = client.ping_webhook(project, hook)
            assert (sent["state"], sent["kind"]) == ("waiting", "ping")
            assert client.deliveries(project, hook, state="waiting") == [sent]
            assert client.deliver_again(project, hook, sent["number"])["event"] == sent["event"]
            assert client.renew_webhook(project, hook)["secret"] != added["secret"]
            assert there.calls == [], "the server itself sends nothing"
            assert client.switch_webhook(project, hook, "off")["state"] == "off"
            assert client.deliveries(project, hook, state="dead")[0]["reason"] == "The webhook was switched off."
            client.switch_webhook(project, hook, "ended")
            assert client.webhooks(project)["webhooks"] == []
            with pytest.raises(NotFound):
                client.deliveries(project, hook)
            with pytest.raises(AddressRefused):
                client.add_webhook(project, "https://10.0.0.1/", ["round.ended"])
            with pytest.raises(BadValue):
                client.add_webhook(project, there.url(), ["no.such"])
            with pytest.raises(NotAllowed):
                client.with_token(made.token(Role.ANNOTATOR)).webhooks(project)


@pytest.mark.slow
def test_the_terminal_makes_pings_and_ends_webhooks_and_the_worker_delivers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOLDSEAM_REACH", "127.0.0.1")
    small.write_project(tmp_path)
    with receiver() as there:
        added = goldseam(tmp_path, "webhook", "add", there.url(), "source.taken_in", "round.ended", "--json").json
        hook = added["webhook"]
        assert "round.ended" in goldseam(tmp_path, "webhook", "events").out
        assert goldseam(tmp_path, "webhook", "ping", hook[:30]).code == 0
        assert goldseam(tmp_path, "run").code == 0
        assert "jobs" not in goldseam(tmp_path, "jobs").err
        assert goldseam(tmp_path, "worker", "--once", "--json").json["webhooks"] == "2 arrived"
        events = [verify_webhook(added["secret"], one.headers["goldseam-signature"], one.body) for one in there.calls]
        assert sorted(one["kind"] for one in events) == ["ping", "source.taken_in"]
        (ping,) = [
            one for one in goldseam(tmp_path, "webhook", "deliveries", hook, "--json").json if one["kind"] == "ping"
        ]
        assert ping["state"] == "delivered"
        assert goldseam(tmp_path, "webhook", "again", hook, str(ping["number"])).code == 0
        assert goldseam(tmp_path, "worker", "--once").code == 0
        assert len(there.calls) == 3
        assert goldseam(tmp_path, "webhook", "secret", hook, "--json").json["secret"] != added["secret"]
        jobs = [one["job"].partition("/")[0] for one in goldseam(tmp_path, "jobs", "--json").json]
        assert jobs == ["clean", "drift", "figures", "production"]
        assert "never" in goldseam(tmp_path, "jobs").out
        assert goldseam(tmp_path, "webhook", "switch", hook, "ended").code == 0
        assert goldseam(tmp_path, "webhook", "list", "--json").json == []
        missing = goldseam(tmp_path, "webhook", "ping", hook)
        assert (missing.code, "webhook list" in missing.err) == (2, True)
