"""Boilerplate: blocks -> kept and removed (rules, line classifier, learned lines)."""
