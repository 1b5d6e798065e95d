"""What screens call the words of the program of a year."""

import calendar

from bmms.models.bed import BedStatus

STATUS = {
    BedStatus.DRAFT: ("Draft", ""),
    BedStatus.SUBMITTED: ("Waits for approval", "info"),
    BedStatus.RETURNED: ("Returned for changes", "warn"),
    BedStatus.APPROVED: ("Approved", "ok"),
    BedStatus.SUPERSEDED: ("Superseded", ""),
}
MONTHS = {month: calendar.month_name[month] for month in range(1, 13)}
PATTERN = {
    "equal": "Equal quarters: 25, 25, 25, 25 %",
    "front": "More at the beginning: 40, 30, 20, 10 %",
    "back": "More at the end: 10, 20, 30, 40 %",
    "rising": "Middle of the year: 20, 30, 30, 20 %",
    "proposal": "As the lines of the enacted proposal say, quarter by quarter",
}
LAG = {0: "In the same month", 1: "One month later", 2: "Two months later", 3: "Three months later"}
