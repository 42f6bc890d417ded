"""The language of expressions: read into a tree; said of one record by a closure, of many by masks; checked; ordered by."""
