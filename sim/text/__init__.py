"""Words for settings, outcomes, factors and differences, and the headlines of figures; nothing here draws."""
