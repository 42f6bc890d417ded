"""X: posts that mention us and answers under them, direct messages; read by poll, told by webhooks, paid by the call."""
