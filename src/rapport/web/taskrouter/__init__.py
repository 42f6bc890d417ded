"""/taskrouter/v1 and /v1: what programs written for TaskRouter ask of us, answered by this house's own matching.

A workspace is a brand, a worker an agent, a queue a saved expression, a workflow a set of plans, a task a conversation that
waits, a reservation an offer. docs/taskrouter.md has the whole table.
"""

from rapport.web.taskrouter.door import HANDLERS as HANDLERS
