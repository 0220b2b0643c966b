"""`python -m app`, installed as `bilheteria`."""

from app.cli import app


def main() -> None:
    """Run the command line."""
    app(prog_name="bilheteria")


if __name__ == "__main__":
    main()
