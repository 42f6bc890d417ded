"""What the web is handed so that files can go out with replies: keys, what judges a file, and how it goes on an account."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from rapport.ledger.seal import Keys
from rapport.model.message import Media, Reach
from rapport.model.reply import Carried

# tenant, account id, channel name, text, reach, to, files, now; raises BadInput, SendError
Carrying = Callable[[int, str, str, str, Reach, str, tuple[Media, ...], datetime], Carried]
Cleaning = Callable[[str, bytes], Awaitable[tuple[Media, bytes]]]  # a name and bytes as somebody gave them; raises BadInput


@dataclass(frozen=True, slots=True)
class Attaching:
    """Handed in by `app`."""

    keys: Keys
    carry: Carrying
    clean: Cleaning
