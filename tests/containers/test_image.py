"""The image by itself: what it is, as whom it runs, how it ends, and what it says about its contents."""
import json
import os
import re
import time

import pytest
from engine import BASE, CHECKOUT, Watch, docker, inspect, run, size_bytes, wait_until

MOST_ADDED_MB = 60
SBOM = "/usr/share/sbom/sqs2pg.spdx.json"
LOCKED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")


@pytest.fixture
def started(image):
    """started(*words): the id of a container that is gone after the test."""
    made = []

    def start(*words, options=()):
        made.append(docker("run", "-d", *LOCKED, *options, image, *words))
        return made[-1]

    yield start
    for name in made:
        run("docker", "rm", "-f", name, check=False)


def in_image(image, *words, options=()):
    return run("docker", "run", "--rm", *LOCKED, *options, image, *words)


def stop_seconds(name):
    watch = Watch()
    docker("stop", "-t", "60", name)
    return watch.seconds()


def test_it_adds_little_to_its_base(image, figure):
    added = (size_bytes(image) - size_bytes(BASE)) / 1e6
    figure("image added to its base", f"{added:.1f} MB (at most {MOST_ADDED_MB})")
    assert added < MOST_ADDED_MB


def test_its_labels_and_its_program_name_the_same_version_and_commit(image, head):
    labels = json.loads(docker("image", "inspect", "--format", "{{json .Config.Labels}}", image))
    said = in_image(image, "--version").output
    assert labels["org.opencontainers.image.version"] in said
    commit = labels["org.opencontainers.image.revision"]
    assert commit[:7] in said
    if "SQS2PG_IMAGE" not in os.environ:  # one that was given may be of another commit
        assert commit == head
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_it_runs_as_a_numbered_user_without_rights(image):
    assert docker("image", "inspect", "--format", "{{.Config.User}}", image) == "65532:65532"
    assert in_image(image, "-u", options=("--entrypoint", "id")).output.strip() == "65532"
    found = in_image(image, "/usr/local", "-perm", "/6000",
                     options=("--entrypoint", "find")).output
    assert not found.strip()


def test_it_holds_the_stripped_program_and_nothing_it_was_built_with(image):
    listed = in_image(image, "-c", "ls /src /sqs2pg /compiled-in 2>/dev/null; command -v clang++-19 cmake gcc; true",
                      options=("--entrypoint", "sh")).output
    assert not listed.strip()
    assert ".debug_info" not in in_image(image, "-c", "grep -c debug_info /usr/local/bin/sqs2pg || true",
                                         options=("--entrypoint", "sh")).output
    assert in_image(image, "-c", "grep -c '[.]debug_info' /usr/local/bin/sqs2pg || true",
                    options=("--entrypoint", "sh")).output.strip() == "0"


def test_as_first_process_it_ends_at_once_on_sigterm(started, figure):
    name = started("queue", "--listen", "127.0.0.1:9324")
    wait_until(lambda: "listening on" in docker("logs", name), "the queue to listen")
    assert docker("exec", name, "cat", "/proc/1/comm") == "sqs2pg"
    seconds = stop_seconds(name)
    figure("SIGTERM to the end, embedded queue", f"{seconds:.1f} s")
    assert inspect(name, "{{.State.ExitCode}}") == "0" and seconds < 5


def test_a_command_without_an_orderly_end_is_stopped_by_sigterm_too(started):
    """The kernel drops signals that the first process does not handle: it would have to be killed."""
    name = started("send", "--queue", "q", "-", options=("-i", "-e", "AWS_ENDPOINT_URL=http://192.0.2.1:9"))
    checked = started("key", "check", "/dev/stdin", options=("-i",))
    for container in (name, checked):
        time.sleep(0.5)  # both wait for their input: nothing tells from outside
        seconds = stop_seconds(container)
        assert seconds < 20, docker("logs", container)
        assert inspect(container, "{{.State.ExitCode}}") != "137", "it was killed"


def test_without_a_configuration_it_says_so_and_ends_with_2(image):
    finished = run("docker", "run", "--rm", *LOCKED, image, check=False)
    assert finished.returncode == 2 and "/etc/sqs2pg" in finished.output


def test_a_key_is_made_in_a_volume_and_never_over_another(image):
    volume = docker("volume", "create")
    try:
        options = ("-v", f"{volume}:/var/lib/sqs2pg")
        in_image(image, "key", "new", "-o", "sqs2pg.keys", options=options)
        again = run("docker", "run", "--rm", *LOCKED, *options, image, "key", "new", "-o", "sqs2pg.keys", check=False)
        assert again.returncode == 2 and "not overwritten" in again.output
        said = in_image(image, "key", "check", "sqs2pg.keys", options=options).output
        assert "k1 is active" in said and "0600" in said
    finally:
        docker("volume", "rm", volume)


def test_a_key_mounted_as_kubernetes_mounts_secrets_is_taken(image, tmp_path):
    """Owned by root, readable by the group of fsGroup (0440), through the symbolic links of an atomic update."""
    text = in_image(image, "key", "new").output
    (tmp_path / "..2026").mkdir(mode=0o755)
    (tmp_path / "..2026" / "sqs2pg.keys").write_text(re.search(r"(?m)^active:.*", text, re.S)[0])
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "sqs2pg.keys").symlink_to("..data/sqs2pg.keys")
    tmp_path.chmod(0o755)
    in_image(image, "-c", "chown 0:65532 /keys/..data/sqs2pg.keys && chmod 0440 /keys/..data/sqs2pg.keys",
             options=("--entrypoint", "sh", "--user", "0", "--cap-add", "CHOWN", "--cap-add", "FOWNER",
                      "-v", f"{tmp_path}:/keys"))
    said = in_image(image, "key", "check", "/keys/sqs2pg.keys", options=("-v", f"{tmp_path}:/keys:ro")).output
    assert "k1 is active" in said and "warning" not in said


def test_the_bill_of_materials_is_valid_and_complete(image, sbom_tool, tmp_path, figure):
    text = in_image(image, SBOM, options=("--entrypoint", "cat")).output
    (tmp_path / "sqs2pg.spdx.json").write_text(text)
    validated = run(sbom_tool, "-i", tmp_path / "sqs2pg.spdx.json", "--version", "SPDX-2.3")
    assert "error" not in validated.output.lower(), validated.output
    bill = json.loads(text)
    named = {package["name"]: package["versionInfo"] for package in bill["packages"]}
    figure("packages in the bill of materials", len(named))
    installed = in_image(image, "-W", "-f", "${Package} ${Version}\n", options=("--entrypoint", "dpkg-query")).output
    for line in installed.splitlines():
        package, version = line.split()
        assert named.get(package) == version, package
    assert {"sqs2pg", "libboost1.81-dev", "libcli11-dev", "libexpected-dev"} <= named.keys()
    digest = in_image(image, "/usr/local/bin/sqs2pg", options=("--entrypoint", "sha256sum")).output.split()[0]
    program = next(package for package in bill["packages"] if package["name"] == "sqs2pg")
    assert digest in {sum["checksumValue"] for sum in program["checksums"]}
    linked = {link["relatedSpdxElement"].removeprefix("SPDXRef-deb-") for link in bill["relationships"]
              if link["relationshipType"] == "DYNAMIC_LINK"}
    assert {"libpq5", "libssl3", "libc6", "libgcrypt20", "libtcmalloc-minimal4", "libsimdjson14"} <= linked


def test_the_dockerfile_is_one_for_the_classic_builder():
    text = (CHECKOUT / "Dockerfile").read_text()
    assert not re.search(r"--mount|--chmod|--link|^# syntax|<<", text, re.M)
