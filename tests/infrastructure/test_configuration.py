"""Settings are checked at start, and say what is wrong."""

import pytest

from zhijian.infrastructure.configuration import ConfigurationError, load, owner_database


@pytest.fixture
def environment(home):
    return {"ZHIJIAN_HOME": str(home.root)}


def test_without_any_setting_sqlite_in_the_home_is_used(environment, home):
    configuration = load(environment)
    assert configuration.database["NAME"] == str(home.database)
    assert not configuration.debug


def test_a_secret_key_is_made_once_and_only_its_owner_reads_it(environment, home):
    first = load(environment).secret_key
    assert load(environment).secret_key == first
    assert len(first) >= 50
    assert home.secret_key.stat().st_mode & 0o077 == 0


def test_a_short_secret_key_is_refused(environment):
    with pytest.raises(ConfigurationError, match="at least 50"):
        load({**environment, "ZHIJIAN_SECRET_KEY": "short"})


def test_a_flag_is_one_or_nought(environment):
    with pytest.raises(ConfigurationError, match="ZHIJIAN_DEBUG is 'yes'"):
        load({**environment, "ZHIJIAN_DEBUG": "yes"})


def test_ciphers_are_international_unless_the_national_ones_are_asked_for(environment):
    assert load(environment).ciphers == "international"
    assert load({**environment, "ZHIJIAN_CIPHERS": "national"}).ciphers == "national"
    with pytest.raises(ConfigurationError, match=r"ZHIJIAN_CIPHERS is 'sm4'\. Write international"):
        load({**environment, "ZHIJIAN_CIPHERS": "sm4"})


def test_a_database_of_another_kind_is_refused_with_the_form_to_write(environment):
    with pytest.raises(ConfigurationError, match="postgresql://user:password@host:port/name"):
        load({**environment, "ZHIJIAN_DATABASE_URL": "mysql://root@localhost/x"})


def test_a_postgresql_address_is_taken_apart(environment):
    database = load(
        {**environment, "ZHIJIAN_DATABASE_URL": "postgresql://u:p%40ss@localhost:5433/gd"}
    ).database
    assert (database["USER"], database["PASSWORD"], database["PORT"]) == ("u", "p@ss", "5433")


@pytest.mark.parametrize(
    "host", ["", "localhost", "127.0.0.1", "127.0.8.1:5432", "[::1]", "%2Fvar%2Frun%2Fpostgresql"]
)
def test_a_database_on_this_machine_needs_no_certificate(environment, host):
    assert (
        load({**environment, "ZHIJIAN_DATABASE_URL": f"postgresql://u:p@{host}/gd"}).database["NAME"] == "gd"
    )


@pytest.mark.parametrize(
    "host",
    [
        "db",
        "10.0.0.3",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost:5432,db2:5432",
        "[fd00::3]",
    ],
)
@pytest.mark.parametrize("mode", ["", "?sslmode=prefer", "?sslmode=require", "?sslmode=verify-ca"])
def test_a_database_on_another_machine_is_refused_unless_it_proves_who_it_is(environment, host, mode):
    with pytest.raises(ConfigurationError, match=r"end ZHIJIAN_DATABASE_URL with \?sslmode=verify-full"):
        load({**environment, "ZHIJIAN_DATABASE_URL": f"postgresql://u:p@{host}/gd{mode}"})


def test_a_database_with_a_checked_certificate_is_taken_and_every_tool_hears_of_it(environment):
    address = (
        "postgresql://u:p@db1:5432,db2:5432/gd?sslmode=verify-full&sslrootcert=/etc/zhijian/authority.pem"
    )
    options = load({**environment, "ZHIJIAN_DATABASE_URL": address}).database["OPTIONS"]
    assert options == {
        "target_session_attrs": "read-write",
        "connect_timeout": 5,
        "sslmode": "verify-full",
        "sslrootcert": "/etc/zhijian/authority.pem",
    }


def test_whoever_goes_without_a_certificate_says_why_in_words(environment):
    plain = {**environment, "ZHIJIAN_DATABASE_URL": "postgresql://u:p@db/gd"}
    with pytest.raises(ConfigurationError, match="at least 10 characters"):
        load({**plain, "ZHIJIAN_DATABASE_PLAIN_BECAUSE": "yes"})
    reason = "both machines are joined by IPsec alone"
    assert load({**plain, "ZHIJIAN_DATABASE_PLAIN_BECAUSE": reason}).database["HOST"] == "db"


@pytest.mark.parametrize(
    "query", ["sslmode=full", "options=-csearch_path%3Devil", "sslmode=verify-full&host=other"]
)
def test_nothing_but_how_it_is_encrypted_may_follow_the_name_of_the_database(environment, query):
    with pytest.raises(ConfigurationError, match="Only sslmode"):
        load({**environment, "ZHIJIAN_DATABASE_URL": f"postgresql://u:p@localhost/gd?{query}"})


def test_the_owner_of_the_tables_is_told_by_the_environment_alone_and_of_the_same_database(environment, home):
    site = {**environment, "ZHIJIAN_DATABASE_URL": "postgresql://site:a@localhost/gd"}
    assert owner_database(site) is None
    owner = owner_database({**site, "ZHIJIAN_DATABASE_OWNER_URL": "postgresql://owner:b@localhost/gd"})
    assert owner is not None and (owner["USER"], owner["PASSWORD"]) == ("owner", "b")
    with pytest.raises(ConfigurationError, match="names another database than ZHIJIAN_DATABASE_URL"):
        owner_database({**site, "ZHIJIAN_DATABASE_OWNER_URL": "postgresql://owner:b@localhost/other"})
    (home.root / "zhijian.conf").write_text(
        "ZHIJIAN_DATABASE_OWNER_URL=postgresql://owner:b@localhost/gd\n", "utf-8"
    )
    with pytest.raises(ConfigurationError, match="ZHIJIAN_DATABASE_OWNER_URL has no effect in a file"):
        load(environment)


def test_the_file_is_read_and_the_environment_wins(environment, home):
    (home.root / "zhijian.conf").write_text("# our province\nZHIJIAN_DEBUG=1\nZHIJIAN_HTTPS=1\n", "utf-8")
    configuration = load({**environment, "ZHIJIAN_DEBUG": "0"})
    assert (configuration.debug, configuration.https) == (False, True)


def test_an_unknown_line_in_the_file_is_named_with_its_number(environment, home):
    (home.root / "zhijian.conf").write_text("ZHIJIAN_DEBUG=0\nDEBUG=1\n", "utf-8")
    with pytest.raises(ConfigurationError, match="line 2: 'DEBUG=1'"):
        load(environment)


def test_a_named_file_that_is_missing_is_said(environment):
    with pytest.raises(ConfigurationError, match="does not exist"):
        load({**environment, "ZHIJIAN_CONFIG": "/nowhere/zhijian.conf"})


def test_what_is_read_before_the_file_is_refused_in_it(environment, home):
    (home.root / "zhijian.conf").write_text("ZHIJIAN_HOME=/srv/gd\n", "utf-8")
    with pytest.raises(ConfigurationError, match="line 1: ZHIJIAN_HOME has no effect in a file"):
        load(environment)


def test_host_names_may_be_written_with_blanks(environment):
    configuration = load({**environment, "ZHIJIAN_ALLOWED_HOSTS": "a.example, b.example,"})
    assert configuration.allowed_hosts == ["a.example", "b.example"]


def test_a_mail_server_and_gateways_are_read_and_without_them_nothing_leaves(environment):
    plain = load(environment)
    assert (plain.mail.host, plain.mail.sender, plain.notice_webhooks) == ("", "", {})
    configuration = load(
        environment
        | {
            "ZHIJIAN_MAIL_URL": "smtps://me%40gov:p%2Fw@mail.example.cn",
            "ZHIJIAN_MAIL_FROM": "noreply@example.cn",
            "ZHIJIAN_NOTICE_SMS_URL": "https://sms.example.cn/in",
            "ZHIJIAN_NOTICE_SECRET": "s" * 32,
        }
    )
    assert (configuration.mail.port, configuration.mail.user, configuration.mail.password) == (
        465,
        "me@gov",
        "p/w",
    )
    assert configuration.notice_webhooks == {"sms": "https://sms.example.cn/in"}
    assert "p/w" not in repr(configuration)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ZHIJIAN_MAIL_URL": "http://mail"}, "ZHIJIAN_MAIL_URL must be smtp://"),
        ({"ZHIJIAN_MAIL_URL": "smtp://mail.example.cn"}, "ZHIJIAN_MAIL_FROM"),
        ({"ZHIJIAN_NOTICE_SMS_URL": "https://sms.example.cn/", "ZHIJIAN_NOTICE_SECRET": "x"}, "at least 32"),
        (
            {"ZHIJIAN_NOTICE_YST_URL": "http://yst.example.cn/"},
            "ZHIJIAN_NOTICE_YST_URL is 'http.* https address",
        ),
        ({"ZHIJIAN_LOG": "xml"}, r"ZHIJIAN_LOG is 'xml'\. Write line or json\."),
        ({"ZHIJIAN_TRACES_URL": "collector:4318"}, "the collector's whole address"),
        ({"ZHIJIAN_TIME_SOURCE": "time"}, "a site whose clock is right"),
    ],
)
def test_half_a_way_out_or_a_wrong_word_is_refused(environment, values, words):
    with pytest.raises(ConfigurationError, match=words):
        load(environment | values)
