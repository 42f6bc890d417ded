"""E-mail: a mailbox read by IMAP, answers sent by SMTP."""
