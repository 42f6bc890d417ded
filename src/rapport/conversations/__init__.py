"""One issue of one person: lifecycle, threads, inbox."""
