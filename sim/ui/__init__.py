"""The window: the bargaining in the browser. It shows; nothing is computed here."""
