"""Linking: names -> places and organisations of the world."""
