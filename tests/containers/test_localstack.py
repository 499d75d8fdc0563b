"""docker-compose.localstack.yml: the queue is LocalStack's, made and filled by its init hook."""
import pytest
from engine import Project, Watch, wait_until


@pytest.fixture
def project(image, checkout, localstack_image):
    made = Project(checkout, "sqs2pg-localstack-variant", "docker-compose.yml", "docker-compose.localstack.yml")
    made.environment["LOCALSTACK_IMAGE"] = localstack_image
    made.remove()
    yield made
    made.remove()


def test_rows_arrive_though_its_queue_urls_name_a_host_that_is_not_there(project, figure):
    watch = Watch()
    project.up()
    project.wait_for_rows(seconds=120)
    figure("LocalStack variant: up to the first row", f"{watch.seconds():.1f} s")
    assert not project.containers("queue") and not project.containers("loader")
    wait_until(lambda: project.count() == 300, "every message of the init hook", 60, 0.3)
    project("down", "-t", "5")
    assert not project.containers("worker")
    project.up()
    project.wait_for_rows(300, seconds=120)
