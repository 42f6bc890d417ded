"""Measures: the wallboard, reports and their mails, drivers, surveys, and value today."""
