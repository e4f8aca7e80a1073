"""``zhijian pull`` before it reaches any database: what is declared, and where the address comes from."""

import pytest
from click.testing import CliRunner

from zhijian.infrastructure.configuration import ConfigurationError, source_address
from zhijian.operations.commands.pull import command


def run(*arguments):
    return CliRunner().invoke(command, arguments)


def declare(home, text):
    home.sources.mkdir()
    (home.sources / "shops.yaml").write_text(text)


GOOD = "source: registry\nname: shops\ntable: shops\nwatermark: at\nkey: id\n"


def test_without_a_declaration_it_says_where_one_belongs(home):
    assert "sources" in run().output
    assert run("shops").exit_code == 2


def test_a_wrong_declaration_is_named_with_its_key(home):
    declare(home, GOOD + "url: postgresql://a:b@c/d\n")
    result = run("shops")
    assert result.exit_code == 2
    assert "url" in result.output


def test_sql_in_a_name_is_refused(home):
    declare(home, GOOD.replace("watermark: at", "watermark: at; drop table x"))
    assert "no name" in run("shops").output


def test_the_address_comes_from_the_settings_file_or_the_environment_alone(home, monkeypatch):
    (home.root / "zhijian.conf").write_text("ZHIJIAN_SOURCE_REGISTRY_URL=mysql://a:b@c/d\n")
    assert source_address({}, "ZHIJIAN_SOURCE_REGISTRY_URL") == "mysql://a:b@c/d"
    assert source_address({"ZHIJIAN_SOURCE_REGISTRY_URL": "x"}, "ZHIJIAN_SOURCE_REGISTRY_URL") == "x"
    with pytest.raises(ConfigurationError, match="ZHIJIAN_SOURCE_OTHER_URL"):
        source_address({}, "ZHIJIAN_SOURCE_OTHER_URL")
    with pytest.raises(ConfigurationError):
        source_address({"ZHIJIAN_SECRET_KEY": "s"}, "ZHIJIAN_SECRET_KEY")
