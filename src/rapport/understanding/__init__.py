"""What a message says: language, intent, emotion, urgency, personal data."""
