-- The role that the worker of docker-compose.yml connects as. `sqs2pg migrate` grants it what it needs and no more. No
-- port of this PostgreSQL is published, so that the password guards nothing.
CREATE ROLE worker LOGIN PASSWORD 'local';
