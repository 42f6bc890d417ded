"""What `rapport channels new` makes a channel of: texts with `$name`, `$title`, `$camel` and `$package` in them."""
