"""Who they are: identity, journey, context, signals."""
