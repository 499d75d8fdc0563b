"""The image, built once a run from a clean copy of the checkout; figures that are worth seeing, printed at the end."""
import os
import shutil

import pytest
from engine import BUILD_SECONDS, CHECKOUT, IMAGE, Project, Watch, clean_copy, docker, revision, run

GIVEN_IMAGE = os.environ.get("SQS2PG_IMAGE")  # an image that is there already, instead of one of this checkout
FIGURES = []
LOCALSTACK = "localstack/localstack:4.14"
LOCALSTACK_STAND_IN = "sqs2pg-localstack-test"


@pytest.fixture(scope="session")
def figure():
    """figure("what", value): shown at the end of the run."""
    return lambda what, value: FIGURES.append((what, value))


def pytest_terminal_summary(terminalreporter):
    if FIGURES:
        terminalreporter.section("figures")
        for what, value in FIGURES:
            terminalreporter.write_line(f"{what:<58} {value}")


@pytest.fixture(scope="session")
def checkout(tmp_path_factory):
    return clean_copy(tmp_path_factory.mktemp("sqs2pg"))


@pytest.fixture(scope="session")
def image(checkout, figure):
    if GIVEN_IMAGE:
        yield GIVEN_IMAGE
        return
    watch = Watch()
    project = Project(checkout, "sqs2pg-containers-build")
    project("build", timeout=BUILD_SECONDS)
    figure("docker-compose build", f"{watch.seconds():.0f} s")
    yield IMAGE
    run("docker", "image", "rm", IMAGE, check=False)


@pytest.fixture
def project(image, checkout, request):
    """The compose file of the checkout under a name of this test's; gone after it, with its volumes."""
    made = Project(checkout, "sqs2pg-" + request.node.name.replace("_", "-")[:40])
    made.remove()
    yield made
    made.remove()


@pytest.fixture(scope="session")
def localstack_image(figure):
    """The official image where it is there or can be pulled, else the stand-in of the PyPI package."""
    if run("docker", "image", "inspect", LOCALSTACK, check=False).returncode == 0:
        return LOCALSTACK
    if run("docker", "pull", LOCALSTACK, check=False, timeout=900).returncode == 0:
        return LOCALSTACK
    run(CHECKOUT / "scripts" / "setup.sh", "localstack", timeout=900)
    package = (CHECKOUT / ".cache" / "localstack").resolve()
    docker("build", "-t", LOCALSTACK_STAND_IN, "-f", CHECKOUT / "tests" / "containers" / "localstack" / "Dockerfile",
           package, timeout=900)
    figure("LocalStack", "a stand-in made of its PyPI package")
    return LOCALSTACK_STAND_IN


@pytest.fixture(scope="session")
def sbom_tool():
    tool = shutil.which("pyspdxtools", path=os.pathsep.join([os.path.dirname(os.sys.executable), os.environ["PATH"]]))
    assert tool, "pyspdxtools is not there: ./dev containers installs it"
    return tool


@pytest.fixture(scope="session")
def head():
    return revision()
