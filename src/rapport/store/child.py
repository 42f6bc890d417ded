"""What a child process does before it runs: it is not root where that matters, and it ends when its parent does."""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWUSER = 0x10000000  # linux/sched.h
PR_SET_PDEATHSIG = 1  # linux/prctl.h
NOBODY = 65534

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class RunAs:
    """Who a server runs as: its user and group outside; `namespace`: inside it is called nobody, outside it is root."""

    uid: int
    gid: int
    namespace: bool = False

    def owns(self, path: Path) -> None:
        """Give a file or folder that we have just made to this user."""
        if os.geteuid() == 0 and self.uid != 0:
            os.chown(path, self.uid, self.gid)


def run_as(folder: Path) -> RunAs:
    """Who may run PostgreSQL on `folder`: root may not, so it becomes the folder's owner, a namespace's nobody, or nobody."""
    if os.geteuid() != 0:
        return RunAs(os.geteuid(), os.getegid())
    owner = folder.stat()
    if owner.st_uid != 0:
        return RunAs(owner.st_uid, owner.st_gid)
    if may_enter_namespace():
        return RunAs(0, 0, namespace=True)
    nobody = pwd.getpwnam("nobody")
    return RunAs(nobody.pw_uid, nobody.pw_gid)


def may_enter_namespace() -> bool:
    """Whether this machine lets root's child enter a user namespace; tried in a child."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        try:
            _enter_namespace()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def before_exec(*, die_by: signal.Signals, user: RunAs | None = None) -> Callable[[], None]:
    """What a child runs between fork and exec. Fork from the main thread: the parent's death is that of the forking thread."""
    parent = os.getpid()

    def prepare() -> None:
        if user is not None and os.geteuid() == 0:
            _become(user)
        if sys.platform == "linux":
            _libc.prctl(PR_SET_PDEATHSIG, die_by)  # last: a change of user clears it
        if os.getppid() != parent:  # the parent died before we could ask to hear of it
            os._exit(1)

    return prepare


def _become(user: RunAs) -> None:
    if user.namespace:
        _enter_namespace()
        return
    os.setgroups([])
    os.setgid(user.gid)
    os.setuid(user.uid)


def _enter_namespace() -> None:
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{NOBODY} 0 1"), ("gid_map", f"{NOBODY} 0 1")):
        file = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(file, text.encode())
        os.close(file)
