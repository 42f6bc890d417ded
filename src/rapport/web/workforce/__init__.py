"""Workforce: the day as it goes, forecast, staffing, rosters, shifts, sites, and days run again."""
