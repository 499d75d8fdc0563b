"""What the container files name is there and agrees with the rest; no engine needed (./dev containers runs them)."""
import re

import yaml
from program import CHECKOUT

COMPOSE = ("docker-compose.yml", "docker-compose.localstack.yml", "docker-compose.ports.yml")


def text_of(name):
    return (CHECKOUT / name).read_text(encoding="utf-8")


def services(name):
    return yaml.safe_load(text_of(name))["services"]


def test_the_image_has_the_version_of_the_project():
    version = re.search(r"project\(sqs2pg VERSION (\S+)", text_of("CMakeLists.txt"))[1]
    assert f"ARG VERSION={version}\n" in text_of("Dockerfile")


def test_what_the_dockerfile_copies_is_in_the_checkout_and_in_its_context():
    let_in = {line[1:] for line in text_of(".dockerignore").splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text_of("Dockerfile"), re.M)
    for name in " ".join(copied).split():
        assert (CHECKOUT / name).exists(), name
        assert name.rstrip("/") in let_in, f"{name} is not in .dockerignore"


def test_the_image_holds_every_library_that_the_program_links():
    """Each development package of the build that is more than headers has its library in the image."""
    runtime = re.search(r"AS runtime\n(.*?)rm -rf", text_of("Dockerfile"), re.S)[1]
    libraries = {"libssl-dev": "libssl3", "libgcrypt20-dev": "libgcrypt20", "libsimdjson-dev": "libsimdjson14",
                 "libpq-dev": "libpq5", "libyaml-cpp-dev": "libyaml-cpp0.7", "libfmt-dev": "libfmt9",
                 "libspdlog-dev": "libspdlog1.10", "prometheus-cpp-dev": "libprometheus-cpp-core1.0",
                 "libgoogle-perftools-dev": "libtcmalloc-minimal4", "zlib1g-dev": "zlib1g"}
    headers = {"libboost1.81-dev", "libcli11-dev", "libexpected-dev", "libclang-rt-19-dev"}
    wanted = re.search(r"packages_build=\((.*?)\)", text_of("scripts/setup.sh"), re.S)[1].split()
    for package in wanted:
        if package.endswith("-dev") and package not in headers:
            assert libraries[package] in runtime, f"{package}: its library is to be installed in the Dockerfile, too"


def test_every_file_that_a_service_mounts_is_there():
    for name in COMPOSE:
        for service in services(name).values():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith("."):
                    assert (CHECKOUT / source).is_file(), source


def test_services_publish_on_loopback_only_and_by_default_not_at_all():
    assert not any("ports" in service for service in services(COMPOSE[0]).values())
    published = [port for service in services(COMPOSE[2]).values() for port in service["ports"]]
    assert published and all(re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z_]+:-\d+\}:\d+", port) for port in published)


def test_services_of_this_image_are_locked_down():
    own = [service for service in services(COMPOSE[0]).values() if "build" in service]
    assert len(own) == 4
    for service in own:
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
        assert service["image"] == "${SQS2PG_IMAGE:-sqs2pg}"


def test_the_columns_of_the_compose_file_are_those_of_the_example():
    ours = yaml.safe_load(text_of("deploy/compose/logins.yaml"))["pipelines"]["logins"]["columns"]
    assert ours == yaml.safe_load(text_of("examples/logins.yaml"))["pipelines"]["logins"]["columns"]
