"""The advisory locks of the database, in one list, so that no two acts that must not wait for each other share one."""

from enum import IntEnum, unique


@unique
class Lock(IntEnum):
    """One number for each act of which only one may go on at a time."""

    MIGRATION = 7255
    TEST_TEMPLATE = 7256
    SCHEDULER = 7257  # held for as long as the consumer lives that enqueues the periodic tasks
    BULK_IMPORT = 7258  # two imports of the same file make each account once
    ORGANIZATIONS = 7259  # seeding and loading pilots
    REFERENCE = 7260
    INDICATOR_CODES = 7261  # with the organization: two KPIs do not draw the same code
    ALERT = 7262  # one alert for an attack that comes from many addresses at once
    SENT_FORM = 7263  # with the key of the form: its act and a late saving of its draft
    JOBS = 7264  # with the person: two presses at once do not start more jobs than one may have
    PLANS = 7265  # with the organization: reports of progress share it, steps of plans have it alone
    ACTS = 7266  # loading appropriations acts
    PERIODS = 7267  # with the organization: postings share it, closing a month has it alone (migration 0016)
    BUDGET_ALERTS = 7268  # with the organization: two checks at once open each alert once
