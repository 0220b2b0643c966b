"""The Telegram face: the purchase is the conversation.

An update comes by `polling` or `webhook`, takes its turn at the `front` and goes to one of the
`handlers`. What people write is answered in `talks`, what they tap is done in `acts`; shows are
found in `finding`, and `refusals` say why not. The screens are in `showing` (shows), `standing`
(a purchase: `cases`), `refunds` and `about` (the person); `marks` are what buttons carry. All goes
out by `posting`. `watching` and `staff` write unasked, `keyboards` are the notifier's. `local_api`
is a Telegram of our own, for `bilheteria chat` and the tests.
"""
