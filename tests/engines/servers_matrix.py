"""A Matrix homeserver of this test's own: Synapse in a virtual environment that `.ci/engines.sh` makes."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from engines.servers import engines_folder, missing, until
from free_ports import free_port

CONFIGURED = """
trusted_key_servers: []
presence: {enabled: false}
caches: {sync_response_cache_duration: 0s}
rc_message: {per_second: 1000, burst_count: 1000}
rc_joins: {local: {per_second: 1000, burst_count: 1000}}
rc_invites: {per_room: {per_second: 1000, burst_count: 1000}, per_user: {per_second: 1000, burst_count: 1000}}
rc_login: {address: {per_second: 100, burst_count: 100}, account: {per_second: 100, burst_count: 100}}
"""


@dataclass(frozen=True)
class Synapse:
    """Where it answers, and the access tokens of who lives there: the brand (`care`) and Maria."""

    url: str
    tokens: dict[str, str]

    def name(self, who: str) -> str:
        """Their full name."""
        return f"@{who}:localhost"


@contextmanager
def synapse(folder: Path) -> Iterator[Synapse]:
    """A homeserver with two accounts."""
    python = engines_folder() / "synapse" / "bin" / "python"
    if not python.exists():
        missing("Synapse")
    folder.mkdir()
    port = free_port()
    config = folder / "homeserver.yaml"
    made = ["--server-name", "localhost", "--config-path", str(config), "--generate-config", "--report-stats=no"]
    subprocess.run([python, "-m", "synapse.app.homeserver", *made], cwd=folder, check=True, capture_output=True)
    text = config.read_text().replace("port: 8008", f"port: {port}")
    config.write_text("\n".join(line for line in text.split("\n") if line.strip() != "- ::1") + CONFIGURED)
    with (folder / "said").open("wb") as said:
        running = subprocess.Popen(
            [python, "-m", "synapse.app.homeserver", "--config-path", str(config)], cwd=folder, stdout=said, stderr=said
        )
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(url), "Synapse", 60.0)
        register = [python, "-m", "synapse._scripts.register_new_matrix_user", "-c", str(config), "-p", "secret", "--no-admin"]
        for who in ("care", "maria"):
            subprocess.run([*register, "-u", who, url], cwd=folder, check=True, capture_output=True)
        yield Synapse(url, {who: _logged_in(url, who) for who in ("care", "maria")})
    finally:
        running.terminate()
        running.wait(20)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _logged_in(url: str, who: str) -> str:
    asked = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": who}, "password": "secret"}
    answer = httpx.post(f"{url}/_matrix/client/v3/login", content=json.dumps(asked), trust_env=False)
    return str(answer.json()["access_token"])
