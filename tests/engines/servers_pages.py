"""nginx in a folder and on a port of its own. `.ci/engines.sh` installs it."""

import os
import pwd
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engines.servers import listens, until
from engines.servers_texting import ended, program
from free_ports import free_port

NGINX = """daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  types {{ application/atom+xml atom; application/rss+xml rss; text/html html; }}
  gzip on;
  gzip_types application/atom+xml application/rss+xml;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/pages;
    location = /moved.atom {{ return 301 /blog.atom; }}
    location = /elsewhere.atom {{ return 301 http://localhost:{port}/blog.atom; }}
    location = /gone.atom {{ return 410; }}
    location = /busy.atom {{ add_header Retry-After 120 always; return 503; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A site of files. `log()`: (status, path) of what was asked of it."""

    url: str
    folder: Path

    def put(self, name: str, content: bytes) -> None:
        """Change a page at once, a second later than it was, for a server tells its age in seconds."""
        place = self.folder / "pages" / name
        before = place.stat().st_mtime if place.exists() else time.time() - 1000
        fresh = place.with_suffix(".new")
        fresh.write_bytes(content)
        os.utime(fresh, (before + 1, before + 1))
        fresh.replace(place)

    def log(self) -> list[tuple[int, str]]:
        """What was asked, in order."""
        lines = (self.folder / "access.log").read_text().splitlines()
        return [(int(found[2]), found[1]) for line in lines if (found := re.search(r'"GET (\S+) HTTP/1.1" (\d+)', line))]


@contextmanager
def nginx(folder: Path) -> Iterator[Site]:
    """An nginx that serves a folder, as long as the block runs."""
    command, port = program("nginx", "nginx-light"), free_port()
    (folder / "pages").mkdir(parents=True)
    settings = folder / "nginx.conf"
    user = f"user {pwd.getpwuid(os.geteuid()).pw_name};\n" if os.geteuid() == 0 else ""
    settings.write_text(user + NGINX.format(folder=folder, port=port))
    process = subprocess.Popen([command, "-c", settings, "-p", folder, "-e", folder / "error.log"])
    try:
        until(lambda: listens("127.0.0.1", port), "nginx")
        yield Site(f"http://127.0.0.1:{port}", folder)
    finally:
        ended(process)
