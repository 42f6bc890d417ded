"""SMS by Twilio: posted to us and read back, sent as Message resources, with reports of their way."""
