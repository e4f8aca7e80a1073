"""Where the office has a scanner, nothing is kept without its verdict; it is asked as ClamAV's daemon is asked."""

import socket
import struct
from threading import Thread

import pytest

from tests.engines.evidence.test_distrust import WORD, office
from zhijian.engines.evidence import examining
from zhijian.engines.evidence.purposes import PAPER
from zhijian.engines.evidence.refusal import DangerousFile, RefusedFile
from zhijian.infrastructure.configuration import ConfigurationError, load
from zhijian.infrastructure.virus_scanner import Scanner, found_in

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\n"
VIRUS = b"this stands for a virus"


class Daemon:
    """Speaks INSTREAM (clamd(8)): reads the whole stream, looks for one word, answers; or answers as it was told to."""

    def __init__(self, listening, says=None):
        self.says, self.got = says, []
        self._listening = listening
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            with line, line.makefile("rb") as read:
                assert read.read(10) == b"zINSTREAM\0"
                stream = bytearray()
                while size := struct.unpack("!I", read.read(4))[0]:
                    stream += read.read(size)
                self.got.append(bytes(stream))
                verdict = b"stream: Test.Virus FOUND\0" if VIRUS in stream else b"stream: OK\0"
                line.sendall(verdict if self.says is None else self.says)

    def stop(self):
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)


@pytest.fixture
def daemon(settings, tmp_path):
    """Start a daemon on a socket file, and let the site ask it."""
    started = []

    def start(says=None):
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(tmp_path / "clamd.ctl"))
        listening.listen()
        started.append(Daemon(listening, says))
        settings.VIRUS_SCANNER = Scanner(path=str(tmp_path / "clamd.ctl"))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def test_a_clean_file_is_sent_to_the_scanner_whole_and_kept(daemon):
    asked, data = daemon(), PDF + b"x" * 200_000  # several parts of 64 kB
    assert examining.examine(data, "a.pdf", PAPER).mime == "application/pdf"
    assert asked.got == [data]


@pytest.mark.parametrize("data", [PDF + VIRUS, office({**WORD, "word/media/a": VIRUS}, 0)])
def test_a_file_in_which_the_scanner_finds_something_is_refused_as_dangerous(daemon, data):
    daemon()
    with pytest.raises(DangerousFile, match="像是带病毒的，没有收下"):
        examining.examine(data, "a.pdf" if data.startswith(b"%PDF") else "a.docx", PAPER)


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"stream: OK",
        b"\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"stream: OK FOUN\0",
        b"x" * 9000,
    ],
)
def test_an_answer_without_a_verdict_never_passes_as_clean(daemon, says, caplog):
    daemon(says)
    with pytest.raises(RefusedFile, match="现在查不了病毒，所以没有收下这个文件") as refused:
        examining.examine(PDF, "a.pdf", PAPER)
    assert refused.value.status == 503 and not isinstance(refused.value, DangerousFile)
    assert "gives no verdict" in caplog.text


def test_a_scanner_that_is_away_or_silent_holds_files_back(settings, tmp_path, monkeypatch):
    settings.VIRUS_SCANNER = Scanner(path=str(tmp_path / "nobody.ctl"))
    with pytest.raises(RefusedFile, match="请过几分钟再交"):
        examining.examine(PDF, "a.pdf", PAPER)
    monkeypatch.setattr("zhijian.infrastructure.virus_scanner._WAIT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection and never answers
        settings.VIRUS_SCANNER = Scanner(host="127.0.0.1", port=silent.getsockname()[1])
        with pytest.raises(RefusedFile, match="请过几分钟再交"):
            examining.examine(PDF, "a.pdf", PAPER)


def test_the_scanner_is_asked_by_host_and_port_too_and_names_what_it_found():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        asked = Daemon(listening)
        scanner = Scanner(host="127.0.0.1", port=listening.getsockname()[1])
        assert (found_in(b"clean", scanner), found_in(VIRUS, scanner)) == ("", "Test.Virus")
        asked.stop()


def test_without_a_scanner_nobody_is_asked(settings, monkeypatch):
    settings.VIRUS_SCANNER = None
    monkeypatch.setattr(
        "zhijian.infrastructure.virus_scanner.found_in", lambda *_: pytest.fail("it was asked")
    )
    assert examining.examine(PDF, "a.pdf", PAPER).mime == "application/pdf"


def test_the_address_of_a_scanner_is_checked_at_start(home):
    environment = {"ZHIJIAN_HOME": str(home.root)}
    for address, scanner in (
        ("unix:/run/clamav/clamd.ctl", Scanner(path="/run/clamav/clamd.ctl")),
        ("tcp://127.0.0.1:3310", Scanner(host="127.0.0.1", port=3310)),
    ):
        assert load({**environment, "ZHIJIAN_VIRUS_SCANNER": address}).virus_scanner == scanner
    for wrong in ("clamd", "tcp://127.0.0.1", "unix:run/clamd", "http://127.0.0.1:3310", "tcp://h:99999"):
        with pytest.raises(ConfigurationError, match="ZHIJIAN_VIRUS_SCANNER is"):
            load({**environment, "ZHIJIAN_VIRUS_SCANNER": wrong})
