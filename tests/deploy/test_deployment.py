"""What ships for machines and clusters is read as its readers read it: no engine for containers is needed."""

import configparser
import os
import re
import shutil
import ssl
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
import yaml
from django.urls import resolve

from tests.certificates import Authority
from zhijian.infrastructure.configuration import KNOWN_KEYS, load, owner_database
from zhijian.operations.cli import zhijian
from zhijian.operations.commands.serve import TO_END
from zhijian.portal.uploads import LIMIT_REQUEST_BYTES
from zhijian.portal.views.operations import metrics

DEPLOY = Path(__file__).parents[2] / "deploy"
TEXTS = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
_VALUE = re.compile(r"\{\{ *\.(Values|Release)\.([\w.]+)( \| toJson)? *\}\}")


def unit(name):
    found = configparser.RawConfigParser(strict=False)
    found.optionxform = str
    found.read_string((DEPLOY / "systemd" / name).read_text("utf-8"))
    return found


def rendered(path):
    """A template of the chart with its values put in, as far as the chart uses the language."""
    values = yaml.safe_load((DEPLOY / "helm/zhijian/values.yaml").read_text("utf-8"))

    def fill(match):
        found = {"Name": "zhijian"} if match[1] == "Release" else values
        for word in match[2].split("."):
            found = found[word]
        return str(found).replace("'", '"') if match[3] else str(found)

    return list(yaml.safe_load_all(_VALUE.sub(fill, path.read_text("utf-8"))))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path):
    names = set(re.findall(r"ZHIJIAN_[A-Z_]+", path.read_text("utf-8")))
    assert names <= KNOWN_KEYS.keys()


SERVICES = ("zhijian.service", "zhijian-migrate.service", "zhijian-backup.service", "zhijian-verify.service")
_KEEPS = re.compile(r"(No|Private|Protect|Restrict|SystemCall|Capability|Lock|UMask)\w*")


def test_the_units_start_what_exists_with_few_rights():
    for name in SERVICES:
        service = unit(name)["Service"]
        assert service["User"] == "zhijian" and service["NoNewPrivileges"] == "true"
        assert (
            service["ProtectSystem"] == "strict" and "/opt/zhijian/.venv/bin/zhijian" in service["ExecStart"]
        )
    for name in ("zhijian.service", "zhijian-migrate.service"):
        assert (
            unit(name)["Service"]["StateDirectoryMode"] == "0750"
        )  # without it systemd lets everybody look in
    assert unit("zhijian.service")["Service"]["Restart"] == "always"
    assert unit("zhijian-backup.timer")["Timer"]["OnCalendar"] == "*-*-* 02:30:00"


def test_no_unit_has_more_rights_than_its_neighbours():
    kept = [
        {key: value for key, value in unit(name)["Service"].items() if _KEEPS.match(key)} for name in SERVICES
    ]
    assert all(one == kept[0] for one in kept) and kept[0]["CapabilityBoundingSet"] == ""
    # All run as one user: at the end of a nightly unit systemd would take away the semaphores of the site.
    assert all("RemoveIPC" not in unit(name)["Service"] for name in SERVICES)


def _is_verb(words):
    """Whether the command line knows the verb, its parts and each option that is written."""
    told, verb = zhijian.get_command(None, words[0]), words[1:]
    while isinstance(told, click.Group) and verb and verb[0] in told.commands:
        told, verb = told.commands[verb[0]], verb[1:]
    known = {option for one in told.params for option in one.opts} if told else set()
    return (
        bool(told) and not isinstance(told, click.Group) and {w for w in verb if w.startswith("--")} <= known
    )


def test_every_verb_that_is_named_exists_with_its_options():
    named = []
    for path in TEXTS:
        text = re.sub(r'["\[\],;\']', " ", path.read_text("utf-8"))
        for line in re.findall(
            r"^(?!\s*#).*?\bzhijian +((?:backup|facts|migrate|serve|verify)\b.*)$", text, re.M
        ):
            named.append((path.name, re.sub(r"\.( |$)", " ", line).split()))
    assert {"zhijian-backup.service", "Containerfile", "compose.yaml", "site.yaml", "jobs.yaml"} <= {
        name for name, _ in named
    }
    assert [one for one in named if not _is_verb(one[1])] == []


_without = pytest.mark.skipif


@_without(not shutil.which("systemd-analyze"), reason="no systemd (Debian: apt-get install systemd)")
def test_systemd_reads_every_unit_and_finds_it_little_exposed(tmp_path):
    for path in (DEPLOY / "systemd").glob("zhijian*.*"):
        if path.is_file():  # the programs lie elsewhere on this machine
            text = path.read_text("utf-8").replace("/opt/zhijian/.venv/bin/zhijian", "/bin/true")
            (tmp_path / path.name).write_text(text, "utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir())
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "zhijian" in line]) == (0, [])
    for name in SERVICES:
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(tmp_path / name)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-300:]  # 2.0 of 10


@_without(not Path("/usr/sbin/nginx").exists(), reason="no nginx (Debian: apt-get install nginx-light)")
def test_nginx_takes_its_file(tmp_path):
    certificate, key = Authority(tmp_path, "authority", at=datetime.now(UTC)).sign("zhijian.example")
    text = (DEPLOY / "nginx/zhijian.conf").read_text("utf-8")
    text = text.replace("/etc/zhijian/tls/fullchain.pem", str(certificate))
    text = text.replace("/etc/zhijian/tls/privkey.pem", str(key)).replace("/var/log/nginx", str(tmp_path))
    temporary = " ".join(
        f"{kind}_temp_path {tmp_path};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\nhttp {{ {temporary}\n{text}\n}}",
        "utf-8",
    )
    done = subprocess.run(
        ["/usr/sbin/nginx", "-t", "-q", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@_without(
    not Path("/usr/sbin/rsyslogd").exists(), reason="no rsyslog (Debian: apt-get install rsyslog-gnutls)"
)
def test_rsyslog_takes_its_file(tmp_path):
    authority = Authority(tmp_path, "authority", at=datetime.now(UTC))
    text = (DEPLOY / "rsyslog/zhijian.conf").read_text("utf-8")
    (tmp_path / "rsyslog.conf").write_text(
        text.replace("/etc/zhijian/log-authority.pem", str(authority.file)), "utf-8"
    )
    done = subprocess.run(
        ["/usr/sbin/rsyslogd", "-N1", "-f", str(tmp_path / "rsyslog.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_old_backups_go_only_after_the_new_one_was_restored_on_trial():
    service = unit("zhijian-backup.service")["Service"]
    made, removed = (
        service["ExecStart"],
        service["ExecStartPost"],
    )  # the second runs only if the first ends well
    folder = removed.split()[1]
    assert made.rstrip("'").endswith("--verify") and f" {folder}/" in made
    assert folder in service["ReadWritePaths"].split() and '"*.zjb*" -mtime +30' in removed


def test_a_verb_by_hand_runs_as_the_service_does(tmp_path):
    service, script = unit("zhijian.service")["Service"], (DEPLOY / "bin/zhijian").read_text("utf-8")
    program = service["ExecStart"].split()[0]
    assert f"runuser -u {service['User']} -- env" in script and f'{program} "$@"' in script
    (home,) = re.findall(r"ZHIJIAN_HOME:-(\S+?)\}", script)
    assert service["Environment"] == f"ZHIJIAN_HOME={home}"
    fake = tmp_path / "runuser"
    fake.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    fake.chmod(0o755)
    told = subprocess.run(
        ["sh", DEPLOY / "bin/zhijian", "facts", "seal"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.split() == [
        "-u",
        "zhijian",
        "--",
        "env",
        f"ZHIJIAN_HOME={home}",
        program,
        "facts",
        "seal",
    ]


def test_nginx_is_whole_keeps_the_sites_own_policy_and_hides_the_numbers():
    text = (DEPLOY / "nginx/zhijian.conf").read_text("utf-8")
    plain = re.sub(r"#.*", "", text)
    assert plain.count("{") == plain.count("}")
    for line in filter(None, map(str.strip, plain.splitlines())):
        assert line[-1] in "{};", line
    assert "TLSv1.2 TLSv1.3" in text and "add_header" not in text and "proxy_hide_header" not in text
    (numbers,) = re.findall(r"location = /metrics \{(.+?)\}", text, re.DOTALL)
    said = [line.strip() for line in numbers.strip().splitlines()]
    assert said == ["allow 127.0.0.1;", "allow ::1;", "deny all;", "proxy_pass http://zhijian;"]


def test_what_the_site_believes_of_its_proxy_is_set_by_nginx_for_every_page():
    text = (DEPLOY / "nginx/zhijian.conf").read_text("utf-8").split("listen 443", 1)[1]
    for_all, _, places = text.partition("location ")
    assert "proxy_set_header X-Forwarded-Proto https;" in for_all
    assert (
        "proxy_set_header X-Forwarded-For $remote_addr;" in for_all
    )  # what a visitor wrote there is not passed on
    assert "proxy_set_header" not in places  # one in a place would take away all of them


def test_the_log_of_nginx_holds_no_address_of_a_page_and_the_number_under_which_the_site_tells_it():
    text = (DEPLOY / "nginx/zhijian.conf").read_text("utf-8")
    (format_,) = re.findall(r"log_format zhijian '(.+)';", text)
    told = set(re.findall(r"\$(\w+)", format_))
    assert "request_id" in told and told & {"request", "request_uri", "uri", "args", "http_referer"} == set()
    assert text.count("access_log /var/log/nginx/zhijian.log zhijian;") == text.count("server_name") == 2


def test_what_is_too_large_reaches_the_site_and_is_refused_in_its_words():
    (in_nginx,) = re.findall(
        r"client_max_body_size (\d+)m;", (DEPLOY / "nginx/zhijian.conf").read_text("utf-8")
    )
    (door,) = (
        one for one in rendered(DEPLOY / "helm/zhijian/templates/door.yaml") if one["kind"] == "Ingress"
    )
    in_cluster = door["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"]
    assert in_cluster == f"{in_nginx}m" and int(in_nginx) << 20 > LIMIT_REQUEST_BYTES


def test_the_numbers_are_collected_by_https_under_the_name_that_the_alerts_know():
    (job,) = yaml.safe_load((DEPLOY / "prometheus/scrape.yaml").read_text("utf-8"))["scrape_configs"]
    assert resolve(job["metrics_path"]).func is metrics and job["scheme"] == "https"
    assert f'up{{job="{job["job_name"]}"}}' in (DEPLOY / "prometheus/alerts.yaml").read_text("utf-8")


@pytest.mark.django_db
def test_a_token_in_the_clear_is_refused_and_one_that_nginx_hands_on_is_taken(client, home, settings):
    settings.METRICS_TOKEN, settings.SECURE_SSL_REDIRECT = "t" * 40, True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    token = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    assert client.get("/metrics", headers=token).status_code == 403
    assert client.get("/metrics", headers={**token, "X-Forwarded-Proto": "https"}).status_code == 200


def test_nginx_refuses_a_program_over_http_and_leads_a_person_to_https():
    plain, _secure = (DEPLOY / "nginx/zhijian.conf").read_text("utf-8").split("listen 443", 1)
    (programs,) = re.findall(r"location ~ (\S+) \{", plain)
    for path in ("/api/v1/entities", "/metrics", "/healthz/live"):
        assert re.search(programs, path)
    for path in ("/", "/entities/", "/about/api/", "/apiary"):
        assert not re.search(programs, path)
    assert re.search(r"return 403 '\{.*https_only", plain)
    assert re.search(r"location / \{\s*return 301 https://", plain)


def test_every_suite_of_nginx_has_forward_secrecy_and_notices_changes():
    text = (DEPLOY / "nginx/zhijian.conf").read_text("utf-8")
    (listed,) = re.findall(r"ssl_ciphers (\S+);", text)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(listed)
    offered = {one["name"]: one for one in context.get_ciphers() if one["protocol"] == "TLSv1.2"}
    assert sorted(offered) == sorted(listed.split(":"))  # the machine's OpenSSL knows each by this name
    assert all(
        one["aead"] and one["kea"] == "kx-ecdhe" and one["strength_bits"] >= 128 for one in offered.values()
    )


def test_the_containers_run_without_root_and_know_when_they_are_well():
    image = (DEPLOY / "container/Containerfile").read_text("utf-8")
    assert "USER 10001" in image and "--require-hashes -r requirements.lock" in image
    services = yaml.safe_load((DEPLOY / "container/compose.yaml").read_text("utf-8"))["services"]
    assert all(services[name]["healthcheck"] for name in ("database", "site"))
    assert services["site"]["cap_drop"] == ["ALL"] and services["site"]["read_only"]
    assert services["site"]["hostname"]  # or the jobs of a dead worker would wait six hours


@pytest.mark.parametrize("name", ["migrate", "site"])
def test_the_containers_are_given_settings_that_the_site_accepts(name, home):
    one = yaml.safe_load((DEPLOY / "container/compose.yaml").read_text("utf-8"))["services"][name]
    addresses = dict(re.findall(r'(ZHIJIAN_\w+)="(\S+)"', re.sub(r"\$\$\(.*?\)", "x", one["command"][-1])))
    environment = one["environment"] | addresses
    assert load(environment).database["HOST"] == "database"
    assert (owner_database(environment) is not None) == (name == "migrate")


def test_the_chart_names_its_database_as_the_site_accepts_it_and_has_the_authority_where_it_says(home):
    (address,) = re.findall(r"postgresql://\S+", (DEPLOY / "helm/zhijian/values.yaml").read_text("utf-8"))
    options = load({"ZHIJIAN_DATABASE_URL": address}).database["OPTIONS"]
    assert options["sslmode"] == "verify-full"
    (pod,) = rendered(DEPLOY / "helm/zhijian/templates/site.yaml")
    spec = pod["spec"]["template"]["spec"]
    for one in (*spec["initContainers"], *spec["containers"]):
        places = {mount["name"]: mount["mountPath"] for mount in one["volumeMounts"]}
        assert options["sslrootcert"] == f"{places['authority']}/authority.pem"


def test_the_chart_gives_objects_that_belong_together():
    objects = {
        one["kind"]: one for path in (DEPLOY / "helm/zhijian/templates").iterdir() for one in rendered(path)
    }
    assert objects.keys() == {"StatefulSet", "Service", "Ingress", "NetworkPolicy", "CronJob"}
    pod = objects["StatefulSet"]["spec"]["template"]
    assert objects["Service"]["spec"]["selector"] == pod["metadata"]["labels"]
    site = pod["spec"]["containers"][0]
    assert site["livenessProbe"]["httpGet"]["path"] == "/healthz/live"
    assert site["readinessProbe"]["httpGet"]["path"] == "/healthz/ready"
    assert site["resources"]["limits"] == {"memory": "8Gi"} and pod["spec"]["securityContext"]["runAsNonRoot"]


def _jobs():
    found = rendered(DEPLOY / "helm/zhijian/templates/jobs.yaml")
    return {one["metadata"]["name"]: one["spec"] for one in found if one["kind"] == "CronJob"}


def _pod(job):
    return job["jobTemplate"]["spec"]["template"]


def test_every_pod_of_the_chart_has_few_rights_and_a_bound():
    (site,) = rendered(DEPLOY / "helm/zhijian/templates/site.yaml")
    pods = [site["spec"]["template"]["spec"], *(_pod(job)["spec"] for job in _jobs().values())]
    for pod in pods:
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"] == pods[0]["securityContext"]
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for one in (*pod.get("initContainers", ()), *pod["containers"]):
            assert one["resources"]["limits"]["memory"] and one["securityContext"] == {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
            }  # fmt: skip
            mounted = {mount["name"] for mount in one["volumeMounts"]}
            assert {"home", "authority", "tmp"} <= mounted  # nothing else of the file system can be written


def test_a_job_runs_once_at_a_time_beside_the_site_on_its_volume_and_is_ended_when_it_hangs():
    (site,) = rendered(DEPLOY / "helm/zhijian/templates/site.yaml")
    labels = site["spec"]["template"]["metadata"]["labels"]
    (claim,) = site["spec"]["volumeClaimTemplates"]
    jobs = _jobs()
    assert jobs.keys() == {"zhijian-backup", "zhijian-verify"}
    for job in jobs.values():
        assert job["concurrencyPolicy"] == "Forbid" and job["timeZone"] == "Asia/Shanghai"
        assert job["successfulJobsHistoryLimit"] and job["failedJobsHistoryLimit"] and job["suspend"] is False
        assert job["jobTemplate"]["spec"]["activeDeadlineSeconds"] and len(job["schedule"].split()) == 5
        pod = _pod(job)
        assert (
            pod["spec"]["restartPolicy"] == "Never" and pod["metadata"]["labels"] != labels
        )  # no visitor is led there
        (near,) = pod["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert near["labelSelector"]["matchLabels"] == labels
        volumes = {one["name"]: one for one in pod["spec"]["volumes"]}
        assert (
            volumes["home"]["persistentVolumeClaim"]["claimName"] == f"{claim['metadata']['name']}-zhijian-0"
        )
        assert "zhijian-owner" not in str(pod)
    assert _pod(jobs["zhijian-verify"])["spec"]["containers"][0]["command"] == ["zhijian", "facts", "verify"]


def test_the_backup_of_the_cluster_is_for_the_holders_alone_and_old_ones_go_only_after_it(tmp_path):
    (one,) = _pod(_jobs()["zhijian-backup"])["spec"]["containers"]
    assert "passphrase" not in str(one) and one["env"] == [{"name": "KEEP_DAYS", "value": "30"}]
    places = {"/etc/zhijian/recipients": tmp_path / "keys", "/backup": tmp_path / "backups"}
    assert places.keys() <= {mount["mountPath"] for mount in one["volumeMounts"]}
    shell, flags, script, name = one["command"]
    for there, here in places.items():
        here.mkdir()
        script = script.replace(there, str(here))
    for holder in ("office", "second"):
        (places["/etc/zhijian/recipients"] / f"{holder}.public").touch()
    old, new = places["/backup"] / "2026-01-01.zjb", places["/backup"] / "2026-11-01.zjb.keys"
    for file, days in ((old, 31), (new, 29)):
        file.touch()
        os.utime(file, (now := time.time() - days * 86_400 - 60, now))
    fake = tmp_path / "zhijian"
    fake.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$0.said"; exit "${CODE:-0}"\n')
    fake.chmod(0o755)

    def run(code):
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "KEEP_DAYS": "30", "CODE": code}
        return subprocess.run([shell, flags, script, name], env=environment, check=False).returncode

    assert run("1") == 1 and old.exists()
    assert run("0") == 0 and not old.exists() and new.exists()
    said = Path(f"{fake}.said").read_text().split()
    assert said[0] == "backup" and re.fullmatch(r"\d{4}-\d\d-\d\d\.zjb", Path(said[1]).name)
    keys = [str(places["/etc/zhijian/recipients"] / f"{holder}.public") for holder in ("office", "second")]
    assert said[2:] == ["--to-key", keys[0], "--to-key", keys[1], "--verify"]


def test_the_jobs_of_the_cluster_answer_nobody_and_speak_to_whom_the_site_speaks():
    (policy,) = (
        one for one in rendered(DEPLOY / "helm/zhijian/templates/jobs.yaml") if one["kind"] == "NetworkPolicy"
    )
    (of_site,) = rendered(DEPLOY / "helm/zhijian/templates/network.yaml")
    assert policy["spec"]["ingress"] == [] and policy["spec"]["egress"] == of_site["spec"]["egress"]
    for job in _jobs().values():
        assert policy["spec"]["podSelector"]["matchLabels"] == _pod(job)["metadata"]["labels"]


def test_the_machine_the_container_and_the_cluster_wait_until_the_site_has_ended_its_work():
    compose = yaml.safe_load((DEPLOY / "container/compose.yaml").read_text("utf-8"))["services"]["site"]
    (pod,) = rendered(DEPLOY / "helm/zhijian/templates/site.yaml")
    given = {
        unit("zhijian.service")["Service"]["TimeoutStopSec"],
        compose["stop_grace_period"].removesuffix("s"),
        str(pod["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]),
    }
    assert given == {"60"} and TO_END < 60


def test_the_owner_of_the_tables_is_known_to_what_migrates_and_never_to_the_site():
    site, migrate = unit("zhijian.service"), unit("zhijian-migrate.service")["Service"]
    assert site["Unit"]["Requires"] == "zhijian-migrate.service" in site["Unit"]["After"]
    assert migrate["EnvironmentFile"] == "-/etc/zhijian/owner.env" and migrate["ExecStart"].endswith(
        " migrate"
    )
    assert "EnvironmentFile" not in site["Service"] and "migrate" not in site["Service"]["ExecStart"]
    services = yaml.safe_load((DEPLOY / "container/compose.yaml").read_text("utf-8"))["services"]
    assert services["site"]["secrets"] == ["site_password"] and "OWNER" not in str(services["site"])
    assert "owner_password" in services["migrate"]["secrets"]
    assert services["site"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    (pod,) = rendered(DEPLOY / "helm/zhijian/templates/site.yaml")
    of = pod["spec"]["template"]["spec"]
    assert "zhijian-owner" in str(of["initContainers"]) and "zhijian-owner" not in str(of["containers"])


def test_the_machine_and_the_cluster_let_the_site_speak_to_nobody_that_is_not_named():
    text = (DEPLOY / "systemd/zhijian.service.d/egress.conf").read_text("utf-8")
    said = [line for line in text.splitlines() if line and line[0] not in "#["]
    assert said == ["IPAddressDeny=any", "IPAddressAllow=localhost"]
    (policy,) = rendered(DEPLOY / "helm/zhijian/templates/network.yaml")
    (pod,) = rendered(DEPLOY / "helm/zhijian/templates/site.yaml")
    spec = policy["spec"]
    assert spec["podSelector"] == {"matchLabels": pod["spec"]["template"]["metadata"]["labels"]}
    assert set(spec["policyTypes"]) == {"Ingress", "Egress"} and spec["ingress"][0]["from"]
    everywhere = [one for one in spec["egress"] if "to" not in one]
    assert [port["port"] for one in everywhere for port in one["ports"]] == [53, 53]  # name servers alone


def test_a_database_in_another_container_says_why_it_needs_no_certificate():
    services = yaml.safe_load((DEPLOY / "container/compose.yaml").read_text("utf-8"))["services"]
    for name in ("site", "migrate"):
        assert len(services[name]["environment"]["ZHIJIAN_DATABASE_PLAIN_BECAUSE"]) >= 10
    assert "verify-full" in (DEPLOY / "helm/zhijian/values.yaml").read_text("utf-8")


def test_every_logger_of_the_program_stands_in_the_inventory_of_logs():
    source, page = DEPLOY.parent / "src", (DEPLOY.parent / "docs/how-to/logs.md").read_text("utf-8")
    named = re.compile(r"""getLogger\((?:"(zhijian[\w.]*)"|(__name__))\)""")
    for path in source.rglob("*.py"):
        module = ".".join(path.relative_to(source).with_suffix("").parts)
        for written, own in named.findall(path.read_text("utf-8")):
            assert f"`{written or (own and module)}`" in page, path


def test_what_sends_logs_on_checks_whom_it_sends_them_to_and_keeps_what_cannot_leave():
    text = (DEPLOY / "rsyslog/zhijian.conf").read_text("utf-8")
    plain = re.sub(r"#.*", "", text)
    assert (
        plain.count("{") == plain.count("}")
        and plain.count("(") == plain.count(")")
        and plain.count('"') % 2 == 0
    )
    told = dict(re.findall(r'([\w.]+)="([^"]*)"', plain))
    assert (
        told["StreamDriverMode"] == "1" and told["StreamDriverAuthMode"] == "x509/name"
    )  # TLS, and the name is looked at
    assert told["StreamDriverPermittedPeers"] == told["target"]
    assert told["queue.filename"] and told["action.resumeRetryCount"] == "-1"
    units = [path.name for path in (DEPLOY / "systemd").glob("*.service")]
    assert all(name.startswith("zhijian") for name in units) and 'startswith "zhijian"' in plain
