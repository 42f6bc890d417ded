"""Which networks there are, what each asks for, and what an account may say."""

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from contracts.channel import NOW
from rapport import channels
from rapport.channels import registry
from rapport.channels.channel import Channel, Means, Network, Wording
from rapport.channels.registry import network, networks, open_channel
from rapport.channels.webchat import WebchatChannel
from rapport.clock import FakeClock
from rapport.errors import BadInput
from rapport.model.centre import Account

MEANS = Means(FakeClock(NOW), {"key": "s3cret"}.__getitem__, None, None)


def test_each_folder_of_the_house_is_a_network():
    folders = {path.parent.name for path in Path(channels.__file__).parent.glob("*/channel.py")}
    named = {"hook": "webhook"}

    assert {"mastodon", "email", "matrix"} <= folders
    assert set(networks()) == {named.get(folder, folder) for folder in folders} | {"webchat", "file"}


@pytest.mark.parametrize("name", sorted(networks()))
def test_every_network_says_its_fields_in_both_languages(name):
    for field in network(name).fields:
        assert field.label.es
        assert field.label.en
        assert not (field.secret and field.default)
        assert field.default is None or not field.choices or field.default in field.choices


@pytest.mark.long
def test_a_network_is_read_without_reading_the_others():
    program = """
import sys
from rapport.channels.registry import Networks, network

print(network("telegram").name, network("webhook").name, Networks()["sms"].name)
read = {name.split(".")[2] for name in sys.modules if name.count(".") == 3}
print(sorted({"mastodon", "telegram", "youtube", "xmpp"} & read))
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert said.splitlines() == ["telegram webhook sms", "['telegram']"]


def test_an_unknown_network_is_refused_with_the_nearest_one():
    with pytest.raises(BadInput, match="did you mean 'mastodon'"):
        network("mastadon")


def test_another_package_may_bring_a_network(monkeypatch):
    plug_in = Network("pigeon", Wording("Paloma", "Pigeon"), (), lambda account, means: WebchatChannel(means.clock))

    class Point(EntryPoint):
        def load(self):
            return plug_in

    monkeypatch.setattr(registry, "entry_points", lambda group: [Point("pigeon", "pigeon:NETWORK", group)])
    networks.cache_clear()
    try:
        channel = open_channel(Account("p", "pigeon"), MEANS)
    finally:
        networks.cache_clear()

    assert channel.capabilities.poll == 0


def test_an_account_opens_the_channel_that_its_settings_describe(tmp_path):
    channel: Channel = open_channel(
        Account("f", "file", settings={"folder": str(tmp_path), "kind": "email", "limit": "70"}), MEANS
    )

    assert (channel.capabilities.kind, channel.capabilities.text_limit) == ("email", 70)


@pytest.mark.parametrize(
    ("settings", "cure"),
    [
        ({}, "needs 'server'"),
        ({"server": "", "token": "x"}, "needs 'server'"),
        ({"server": "https://a.example", "token": "x", "tokn": "y"}, "did you mean 'token'"),
        ({"server": "https://a.example", "token": "x", "days": "many"}, "must be a number, got 'many'"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_cure(settings, cure):
    with pytest.raises(BadInput, match=cure):
        open_channel(Account("m", "mastodon", settings=settings), MEANS)


def test_a_choice_that_is_none_is_refused_with_the_choices(tmp_path):
    with pytest.raises(BadInput, match="must be one of chat, email, sms, social, voice, got 'fax'"):
        open_channel(Account("f", "file", settings={"folder": str(tmp_path), "kind": "fax"}), MEANS)


def test_a_secret_is_fetched_by_its_name():
    channel = open_channel(Account("m", "mastodon", settings={"server": "https://a.example", "token": "secret:key"}), MEANS)

    assert channel.api.token == "s3cret"
