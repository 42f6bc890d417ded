"""`python -m rapport` is `rapport`."""

from rapport.cli import main

main()
