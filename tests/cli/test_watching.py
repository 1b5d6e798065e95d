"""`flask watch --once`, `send_test_mail` and `send_test_alert`, with a real mail server."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from bmms.config import Mail, Pilot
from tests.conftest import running
from tests.tasks.post import PostOffice


@pytest.fixture
def office():
    with PostOffice() as office:
        yield office


@pytest.fixture
def commands(config, office):
    """commands("send_test_mail", …) in an installation with that mail server."""
    mail = Mail(host="127.0.0.1", port=office.port, use_tls=False, alerts=("duty@ict.example", "chief@ict.example"))
    with running(replace(config, mail=mail, ready_least_disk_gb=0)) as app:
        yield lambda *words: app.test_cli_runner().invoke(args=list(words))


def test_a_test_mail_leaves_at_once(commands, office):
    sent = commands("send_test_mail", "amina@moh.example")
    assert (sent.exit_code, sent.stdout) == (0, f"Sent to amina@moh.example by 127.0.0.1:{office.port}.\n")
    [letter] = office.to("amina@moh.example")
    assert letter["Subject"] == "BMMS test: test mail"


def test_a_test_alarm_reaches_everybody_who_is_alarmed(commands, office):
    sent = commands("send_test_alert", "--format", "json")
    assert sent.exit_code == 0, sent.output
    assert [recipients for recipients, _ in office.mails] == [["duty@ict.example"], ["chief@ict.example"]]


def test_what_the_server_refuses_is_told_with_its_answer(commands, office):
    office.answers["chief@ict.example"] = "550 5.1.1 unknown"
    refused = commands("send_test_alert")
    assert (refused.exit_code, "chief@ict.example: not sent by 127.0.0.1" in refused.stderr) == (1, True)
    assert "550 5.1.1" in refused.stderr
    office.close()
    away = commands("send_test_mail", "amina@moh.example")
    assert (away.exit_code, "ConnectionRefusedError" in away.stderr) == (1, True)
    assert (commands("send_test_mail", "amina").exit_code, commands("send_test_mail").exit_code) == (1, 2)


def test_without_a_mail_server_it_is_a_file(config):
    with running(replace(config, mail=Mail(alerts=("duty@ict.example",)))) as app:
        sent = app.test_cli_runner().invoke(args=["send_test_alert"])
    assert (sent.exit_code, "as a file in" in sent.stdout) == (0, True)
    [file] = (config.instance / "mail").glob("*-alarm-1.eml")
    assert "test alarm" in file.read_text()


def test_a_single_look_tells_by_its_exit_code(commands, config, office):
    calm = commands("watch", "--once")
    assert (calm.exit_code, calm.stdout) == (0, "There is nothing to tell.\n")
    mail = Mail(host="127.0.0.1", port=office.port, use_tls=False, alerts=("duty@ict.example",))
    with running(replace(config, mail=mail, ready_least_disk_gb=10**6)) as app:
        full = app.test_cli_runner().invoke(args=["watch", "--once"])
    assert (full.exit_code, full.stderr) == (1, "Disk space: Less than 1000000 GB are free.\n")


def test_the_watch_goes_on_where_the_worker_may_not_start(config, cast, owner, office, tmp_path):
    """Demo rows after the pilot keep web and worker from serving (D34): somebody has to tell."""
    with owner.begin() as connection:
        connection.execute(text("UPDATE users SET is_demo = true WHERE username = 'ben'"))
    mail = Mail(host="127.0.0.1", port=office.port, use_tls=False, alerts=("duty@ict.example",))
    over = replace(config, instance=tmp_path, mail=mail, pilot=Pilot(mode=False), ready_least_disk_gb=10**6)
    with running(over) as app:
        refused, looked = (app.test_cli_runner().invoke(args=words) for words in (["worker"], ["watch", "--once"]))
    assert (refused.exit_code, "PILOT_MODE is false, but demo rows exist." in refused.stderr) == (1, True)
    assert "Disk space: Less than 1000000 GB are free." in looked.stderr
    assert office.to("duty@ict.example")
