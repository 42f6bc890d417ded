"""A text encoder of the user's own folder, asked only where the fast lane is unsure; without one nothing here is loaded."""
