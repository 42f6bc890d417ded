"""Reports by mail: who is told of which report, and when next."""
