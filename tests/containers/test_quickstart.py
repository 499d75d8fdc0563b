"""docs/quickstart.md, typed as it stands, with the time that it takes: under five minutes with the images at hand."""
import pytest
from engine import Watch, docker, fenced, run

MOST_SECONDS = 300
LOCALSTACK = "localstack/localstack:4.14"


def id_of(image):
    found = run("docker", "image", "inspect", "--format", "{{.Id}}", image, check=False)
    return found.output.strip() if found.returncode == 0 else ""


@pytest.fixture
def names_of_the_page(image, localstack_image):
    """The images under the names that the page uses; what bore them before bears them again after the test."""
    before = {}
    for name, meant in (("sqs2pg", image), (LOCALSTACK, localstack_image)):
        before[name] = id_of(name)
        if id_of(meant) != before[name]:
            docker("tag", meant, name)
    yield
    run("docker", "rm", "-f", "-v", "quickstart-queue", "quickstart-postgres", check=False)
    run("docker", "network", "rm", "quickstart", check=False)
    for name, old in before.items():
        if not old:
            run("docker", "image", "rm", name, check=False)
        elif id_of(name) != old:
            docker("tag", old, name)


def test_what_the_page_says_makes_masked_rows_in_time(names_of_the_page, tmp_path, figure):
    blocks = fenced("docs/quickstart.md")
    assert len(blocks) >= 6
    watch = Watch()
    typed = "\n".join(blocks)
    finished = run("bash", "-euo", "pipefail", "-c", typed, cwd=tmp_path, timeout=MOST_SECONDS)
    figure("quickstart, images at hand", f"{watch.seconds():.0f} s (at most {MOST_SECONDS})")
    rows = [line for line in finished.output.splitlines() if line.strip().startswith("A-100")]
    assert len(rows) == 3, finished.output
    tokens = [line.split("|")[1].strip() for line in rows]
    assert all(token.startswith("k1") for token in tokens), rows
    assert tokens[0] == tokens[2] != tokens[1]
    assert "example.com" not in "".join(rows)
