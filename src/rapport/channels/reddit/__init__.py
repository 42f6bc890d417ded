"""Reddit: mentions, answers, private messages and the subreddits that are named; answers to them."""
