# The image of sqs2pg: a release build on Debian's packages, without what it was built with. docs/containers.md says how
# to run it. Works with the classic builder and with BuildKit.
#   docker build -t sqs2pg --build-arg REVISION="$(git rev-parse HEAD)" .

FROM debian:bookworm-slim AS build
WORKDIR /src
# The set-up of every checkout, and before the sources, so that a change of those installs nothing again.
COPY scripts/setup.sh scripts/output.sh scripts/
RUN scripts/setup.sh build && rm -rf /var/lib/apt/lists/*
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake/
COPY src src/
ARG REVISION=
RUN cmake --preset release -DSQS2PG_COMMIT="$REVISION" \
 && cmake --build build/release --target sqs2pg \
 && strip --strip-all -o /sqs2pg build/release/sqs2pg
# What is compiled in without being a package of the image: the headers of these.
RUN dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\t${source:Package}\t${Maintainer}\n' \
      libboost1.81-dev libcli11-dev libexpected-dev >/compiled-in

FROM debian:bookworm-slim AS runtime
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libfmt9 libgcrypt20 libtcmalloc-minimal4 libpq5 \
      libprometheus-cpp-core1.0 libsimdjson14 libspdlog1.10 libssl3 libstdc++6 libyaml-cpp0.7 zlib1g \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/cache/ldconfig/aux-cache \
      /var/lib/dpkg/*-old /var/log/apt /var/log/dpkg.log /var/log/alternatives.log
RUN groupadd --gid 65532 sqs2pg \
 && useradd --uid 65532 --gid 65532 --home-dir /var/lib/sqs2pg --no-create-home --shell /usr/sbin/nologin sqs2pg \
 && rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- \
 && install -d -m 0755 /etc/sqs2pg \
 && install -d -m 0700 -o 65532 -g 65532 /var/lib/sqs2pg
COPY --from=build /sqs2pg /usr/local/bin/sqs2pg
COPY LICENSE /usr/share/doc/sqs2pg/copyright

FROM runtime AS sbom
COPY --from=build /compiled-in /compiled-in
COPY deploy/sbom.sh /sbom.sh
ARG REVISION=
RUN /sbom.sh /usr/local/bin/sqs2pg /compiled-in "$REVISION" >/sbom.spdx.json

FROM runtime
COPY --from=sbom /sbom.spdx.json /usr/share/sbom/sqs2pg.spdx.json
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="sqs2pg" \
      org.opencontainers.image.description="JSON messages from Amazon SQS into PostgreSQL, masked, each exactly once" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
USER 65532:65532
WORKDIR /var/lib/sqs2pg
# `sqs2pg run` listens on 127.0.0.1:9464 inside the container; a service that runs something else says its own check.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["sqs2pg", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["sqs2pg"]
CMD ["run", "-c", "/etc/sqs2pg"]
