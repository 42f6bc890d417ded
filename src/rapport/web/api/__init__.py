"""The API for programs: /api, one module for each thing it speaks of."""
