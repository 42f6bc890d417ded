"""Reviews of an app on Google Play."""
