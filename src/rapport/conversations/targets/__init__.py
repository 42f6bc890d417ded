"""Service targets: which one holds, when it is due in business time, and what is said before it is missed."""
