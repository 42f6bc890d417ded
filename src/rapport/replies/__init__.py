"""Drafts, checks, approvals and the outbox."""
