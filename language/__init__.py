"""What people read, in their language: texts from catalogues, and money, dates and spans."""
