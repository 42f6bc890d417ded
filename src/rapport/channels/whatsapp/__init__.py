"""A WhatsApp Business number on Meta's Cloud API: what people write comes by webhook alone, and cannot be read back."""
