"""Named limits: the bounds that keep memory, batches and pauses small whatever arrives."""

# The desk.
REQUESTS_PER_BATCH = 1_000
REQUESTS_WAITING = 20_000
"""Past this many waiting requests the desk says `Overloaded` at once."""

# The line.
PLACE_GAP = 1 << 20
"""Places of neighbours in the line start this far apart, so that a second chance fits between."""
PLACES_PER_BLOCK = PLACE_GAP * 256
"""The waiting are counted by blocks of this many places, so that a position is a short sum."""
CALLS_PER_BATCH = 500
TOLD_PER_BATCH = 500
DRAWN_PER_STEP = 500
MILESTONES = (50, 10)
"""Positions at which a person who waits is told without asking."""

# A drawer.
NOTES_PER_COUNT = 50

# A purchase.
LINES_PER_BASKET = 20
TICKETS_PER_BASKET = 100
TICKETS_PER_REFUND = 1_000
ID_LENGTH = 64
CONTACTS_PER_CUSTOMER = 10
CHANNEL_LENGTH = 32

APPROVAL_MS = 120_000
"""How long the money that a provider was told to take is waited for, at least."""

# Sweeping.
SWEPT_PER_ROUND = 1_000
SETTLE_AGAIN_MS = 60_000
"""How long a payment under way at its deadline is left to its gateway before we ask once more."""

# Effects.
LEASE_MS = 60_000
EFFECT_ATTEMPTS = 60
"""Tries until a message is left to a person: about three hours, as a mail server may be away."""
REMIND_BEFORE_MS = 24 * 3_600_000
"""How long before the show its ticket holders are reminded."""
BACKOFF_MS = 1_000
BACKOFF_MAX_MS = 300_000

# Texts that people write.
NAME_LENGTH = 200
ADDRESS_LENGTH = 320
REASON_LENGTH = 500
REFERENCE_LENGTH = 200
ACTION_LENGTH = 4_000
"""Of how a payment is made: a link of a provider has some 600 characters, a Pix code 500."""
