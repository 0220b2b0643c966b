"""The HTTP room: webhooks of providers, health and metrics."""
