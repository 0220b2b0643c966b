"""Documents that a fare may need: the CPF, the Brazilian register of natural persons."""

_CPF_DIGITS = 11


def valid_cpf(text: str) -> str | None:
    """Return the eleven digits of a CPF, or None if the text is none.

    Two check digits, each the weighted sum of those before it modulo 11 (Receita Federal); the
    ten numbers of one repeated digit pass the sum but are not issued.
    """
    digits = [int(c) for c in text if c.isascii() and c.isdigit()]
    others = {c for c in text if not (c.isascii() and c.isdigit())}
    if len(digits) != _CPF_DIGITS or others - set(".- ") or len(set(digits)) == 1:
        return None
    for position in (9, 10):
        weighted = sum(d * (position + 1 - i) for i, d in enumerate(digits[:position]))
        if weighted * 10 % 11 % 10 != digits[position]:
            return None
    return "".join(map(str, digits))
