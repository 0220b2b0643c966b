"""What buttons and messages say, in the languages that people speak here."""

WORDS = {
    "en": {
        "buy": "Buy tickets",
        "how many": "How many",
        "pix": "Pay by Pix",
        "copy": "Copy the code",
        "done": "2 tickets are yours",
        "codes": "QR codes",
        "total": "R$66.00",
    },
    "pt-br": {
        "buy": "Comprar ingressos",
        "how many": "Quantos",
        "pix": "Pagar com Pix",
        "copy": "Copiar o código",
        "done": "2 ingressos são seus",
        "codes": "Códigos QR",
        "total": "R$\xa066,00",
    },
}
