"""What the screens of the work plan call things; the statuses and kinds are in planning/labels.py."""

from bmms.domain.workplans.schedule import Light

LIGHT = {  # word, tone of the light, letter in charts
    Light.GREEN: ("On track", "", "T"),
    Light.AMBER: ("At risk", "warn", "R"),
    Light.RED: ("Behind", "bad", "B"),
    Light.GREY: ("Not due", "mute", "N"),
    Light.BLUE: ("Done", "info", "D"),
}
FILLS = {Light.GREEN: "f-ok", Light.AMBER: "f-warn", Light.RED: "f-bad", Light.GREY: "f-mute", Light.BLUE: "f-info"}
TAGS = {
    "gad": "Gender and development",
    "climate": "Climate",
    "ip": "Indigenous peoples",
    "peace": "Peace",
    **{f"sdg{number}": f"SDG {number}" for number in range(1, 18)},
}
