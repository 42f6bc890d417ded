"""What a summary looks for, as data in both languages."""
