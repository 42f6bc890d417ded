"""Reviews of an app on Apple's App Store."""
