"""The whole system: the order in which facts give rise to facts (`order`), and its loops: hear, advance, deliver, remind."""
