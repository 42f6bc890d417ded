"""Surveys that send themselves: planned when a conversation is resolved, sent when their time comes, if they still may be."""
