"""docker-compose.yml: rows arrive, survive, and are shared; what unclean ends and taken ports do."""
import json
import re
import socket

from engine import CHECKOUT, IMAGE, Project, Watch, docker, inspect, run, wait_until

AIM_SECONDS = 10
MOST_SECONDS = 60  # on a machine that does other things, too


def key_of(project):
    return run("docker", "run", "--rm", "-v", f"{project.name}_keys:/keys:ro", "--user", "65532", "--entrypoint",
               "sha256sum", IMAGE, "/keys/sqs2pg.keys").output.split()[0]


def rows_of_processes(project):
    said = json.loads(project("exec", "-T", "--index=1", "worker", "sqs2pg", "status", "-c", "/etc/sqs2pg", "--format",
                              "json"))
    return [process["rows_written"] for pipeline in said["pipelines"] for process in pipeline["processes"]]


def test_rows_arrive_masked_and_survive_down_and_up(project, figure):
    watch = Watch()
    project.up()
    project.wait_for_rows()
    seconds = watch.seconds()
    figure("docker-compose up to the first row", f"{seconds:.1f} s (aim: {AIM_SECONDS})")
    assert seconds < MOST_SECONDS
    wait_until(lambda: project.settled() == 300, "every login to become a row or a dead letter", 60, 0.2)
    assert project.count("sqs2pg.dead_letter") > 0  # one in a hundred is malformed on purpose
    masked, devices = project.psql("SELECT count(*) FILTER (WHERE masked_ip LIKE 'k1%'), count(*) FILTER (WHERE "
                                   "masked_device_id LIKE 'k1%') FROM user_logins").split("|")
    assert int(masked) > 0 and int(devices) > 0
    key, rows = key_of(project), project.count()
    project("down")
    project.up()
    project.wait_for_rows(rows)
    assert key_of(project) == key


def test_the_command_of_the_compose_file_shows_rows(project):
    command = re.search(r"docker-compose (exec postgres psql .*)$", (CHECKOUT / "docker-compose.yml").read_text(), re.M)
    project.up()
    project.wait_for_rows(5)
    shown = run("sh", "-c", " ".join(project.words) + " " + command[1].replace("exec ", "exec -T "),
                cwd=project.folder, environment=project.environment).output
    assert "masked_ip" in shown and "k1" in shown and "(5 rows)" in shown


def test_three_workers_share_the_queue_and_up_twice_changes_nothing(project):
    project.environment["LOGINS"] = "1500"
    project.environment["LOGINS_A_SECOND"] = "300"
    project.up("--scale", "worker=3")
    project.up("--scale", "worker=3")
    workers = project.containers("worker")
    assert len(workers) == 3
    # `up` a second time sends as many again when the loader had ended before.
    wait_until(lambda: project.settled() in (1500, 3000), "every login to be settled", 90, 0.3)
    # Workers tell their figures every five seconds.
    wait_until(lambda: sum(rows > 0 for rows in rows_of_processes(project)) == 3, "each to tell of rows", 30, 0.5)


def test_sigterm_ends_a_worker_in_order_and_the_health_check_knows_it_before(project, figure):
    project.up()
    project.wait_for_rows()
    worker, = project.containers("worker")
    wait_until(lambda: inspect(worker, "{{.State.Health.Status}}") == "healthy", "the worker to be healthy", 40, 0.3)
    assert inspect(worker, "{{.HostConfig.ReadonlyRootfs}}") == "true"
    assert docker("exec", worker, "cat", "/proc/1/comm") == "sqs2pg"
    assert docker("exec", worker, "id", "-u") == "65532"
    watch = Watch()
    project("stop", "worker")
    figure("SIGTERM to the end, worker", f"{watch.seconds():.1f} s")
    assert watch.seconds() < 15
    assert inspect(worker, "{{.State.ExitCode}}") == "0", docker("logs", worker)
    rows = project.settled()
    project("start", "worker")
    wait_until(lambda: project.settled() > rows or project.settled() >= 300, "it to go on", 40, 0.3)


def test_after_kill_9_of_everything_up_goes_on(project):
    project.up()
    project.wait_for_rows(20)
    key, rows = key_of(project), project.count()
    for service in ("worker", "queue", "postgres"):
        docker("kill", "-s", "KILL", *project.containers(service))
    project.up()
    project.wait_for_rows(rows)
    assert key_of(project) == key


def test_a_worker_may_add_rows_and_no_more(project):
    project.up()
    project.wait_for_rows()
    for statement in ("SELECT * FROM user_logins", "DELETE FROM user_logins", "DELETE FROM sqs2pg.ledger"):
        refused = project("exec", "-T", "-e", "PGPASSWORD=local", "postgres", "psql", "-h", "127.0.0.1", "-U", "worker",
                          "-d", "app", "-c", statement, check=False)
        assert "permission denied" in refused, refused


def test_no_port_is_published_unless_asked_and_a_taken_one_is_named(project, checkout):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        published = Project(checkout, project.name, "docker-compose.yml", "docker-compose.ports.yml")
        published.environment.update(POSTGRES_PORT=str(port), QUEUE_PORT="0", OPS_PORT="0")
        refused = published("up", "-d", check=False)
        assert str(port) in refused and "address already in use" in refused, refused
        project.up()  # as it stands, it needs no port
        project.wait_for_rows()
        bound = docker("ps", "--filter", f"label=com.docker.compose.project={project.name}", "--format", "{{.Ports}}")
        assert "->" not in bound, bound
    published.environment["POSTGRES_PORT"] = "0"
    published.up()
    bound = docker("ps", "--filter", f"label=com.docker.compose.project={project.name}", "--format", "{{.Ports}}")
    assert bound.count("127.0.0.1:") == 3 and "0.0.0.0:" not in bound, bound
