"""`python -m rapport` is `rapport`, as every process of a centre is started."""

import os

# Several of them share a machine: threads for one small matrix wait for each other ten times as long as one thread takes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from rapport.cli import main  # from here on numpy is loaded

main()
