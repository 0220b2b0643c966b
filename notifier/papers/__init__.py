"""What a person keeps of a purchase: tickets as PDF, their codes as pictures, a calendar entry."""

from notifier.papers.making import Papers, Picture

__all__ = ["Papers", "Picture"]
