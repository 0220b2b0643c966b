"""The screens of the window: one for each thing a clerk does."""
