"""What the record's acts are called on pages: `units:merge` is "merged units". Each module adds its own words.

The stored name stays beside the words where administrators search and compare; the export holds it alone.
"""

from bmms.models.audit import AuditEvent

ACT_WORDS = {
    "access:denied": "was refused: no permission",
    "access:foreign": "was refused: another organization",
    "audit_events:export": "exported the record",
    "central_roles:end": "ended a central role",
    "central_roles:give": "gave a central role",
    "credentials:export": "took a sheet of temporary passwords",
    "credentials:reseal": "sealed waiting passwords with the new key",
    "designations:create": "made a designation",
    "designations:revoke": "revoked a designation",
    "files:download": "downloaded a file",
    "jobs:cancel": "cancelled a job",
    "jobs:start": "started a job",
    "mail:queue_welcomes": "sent welcome mails",
    "mail:resend": "sent the welcome mail again",
    "membership_rights:change": "changed roles or grants",
    "memberships:change": "changed the work here",
    "memberships:choose_primary": "chose which organization opens first",
    "memberships:create": "began the membership",
    "memberships:end": "ended the membership",
    "memberships:resume": "took up the membership again",
    "organizations:activate": "made the organization active",
    "organizations:change_logo": "changed the logo",
    "organizations:change_settings": "changed the settings",
    "organizations:create": "made the organization",
    "organizations:deactivate": "made the organization inactive",
    "organizations:flag_pilot": "took the organization into or out of the pilot",
    "organizations:load_pilot": "loaded the pilot MOA",
    "organizations:seed": "brought the organization up to date",
    "organizations:switch_module": "switched a module",
    "pilot_data:cleanup": "removed the demo data",
    "pilot_data:export": "exported the pilot data",
    "pilot_data:generate": "generated demo data",
    "reference:load": "loaded reference data",
    "roles:sync": "brought the table of roles up to date",
    "sign_in:alert": "alerted the platform team: many wrong passwords",
    "sign_in:failed": "gave a wrong password",
    "sign_in:refused": "was refused at the sign-in",
    "signatory_blocks:change": "changed who signs",
    "stored_files:upload": "uploaded a file",
    "units:create": "made a unit",
    "units:deactivate": "closed a unit",
    "units:merge": "merged units",
    "units:move": "moved a unit",
    "units:reactivate": "opened a unit again",
    "units:rename": "changed the name or code of a unit",
    "users:accept_privacy": "accepted the privacy notice",
    "users:ask_reset": "asked for a link to choose a new password",
    "users:change": "changed the account",
    "users:change_own_profile": "changed the own profile",
    "users:change_password": "chose an own password",
    "users:create": "made the account",
    "users:deactivate": "deactivated the account",
    "users:demo_passwords": "set new passwords for demo people",
    "users:end_sessions": "ended sessions",
    "users:export": "exported the list of people",
    "users:import": "imported people",
    "users:make_inactive": "made the account inactive",
    "users:reactivate": "made the account active again",
    "users:reset_refused": "used a link for a new password that works no more",
    "users:sign_in": "signed in",
    "users:sign_out": "signed out",
    "users:temporary_password": "set a temporary password",
    "users:unlock": "unlocked the account",
}


def words_of(action: str) -> str:
    """An act in words; one without words of its own under its stored name."""
    return ACT_WORDS.get(action, action)


def act_words(event: AuditEvent) -> str:
    """What somebody did, in words."""
    return words_of(event.action)
