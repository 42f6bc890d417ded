"""What a sandbox's child does: the reading that is too dangerous for us. Started as `python -I -m` with its name."""

import sys

from rapport.channels.cell import Tasks, serve
from rapport.channels.email.parse import read_mail
from rapport.channels.feeds.reader import read_feed
from rapport.channels.filing import kind_of
from rapport.channels.picture import clean_picture

TASKS: Tasks = {"mail": read_mail, "picture": clean_picture, "feed": read_feed, "file": kind_of}

if __name__ == "__main__":
    serve(TASKS, sys.stdin.buffer, sys.stdout.buffer)
