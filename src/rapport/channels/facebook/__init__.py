"""A Facebook page: comments and visitors' posts in public, Messenger in private."""
