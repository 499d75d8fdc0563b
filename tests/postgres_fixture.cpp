// Starting and stopping of the tests' PostgreSQL, see postgres_fixture.h.
#include "postgres_fixture.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sqs2pg::testing {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

std::string find_programs() {
    if (const char* given = std::getenv("SQS2PG_TEST_PG_BIN")) return given;
    std::vector<std::string> found;
    for (const auto& version : fs::directory_iterator("/usr/lib/postgresql")) {
        auto bin = version.path() / "bin";
        if (fs::exists(bin / "initdb")) found.push_back(bin);
    }
    if (found.empty()) throw std::runtime_error("no PostgreSQL server programs under /usr/lib/postgresql");
    return *std::ranges::max_element(found);
}

int free_port() {
    int probe = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    bool good = bind(probe, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length) == 0;
    close(probe);
    if (!good) throw std::runtime_error("no free port on loopback");
    return ntohs(address.sin_port);
}

void write_file(const std::string& path, const std::string& text, bool append) {
    std::ofstream file(path, append ? std::ios::app : std::ios::trunc);
    file << text;
    if (!file) throw std::runtime_error("cannot write " + path);
}

// In the child, between fork and exec: the given user, output to `log`, and death with the test program.
[[noreturn]] void become(const std::vector<std::string>& arguments, unsigned user, unsigned group,
                         const std::string& log) {
    if (user != 0 && (setgroups(0, nullptr) != 0 || setgid(group) != 0 || setuid(user) != 0)) _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (out < 0 || chdir("/") != 0) _exit(126);
    dup2(out, 1);
    dup2(out, 2);
    std::vector<char*> argv;
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
}

}  // namespace

PostgresCluster& PostgresCluster::shared() {
    static PostgresCluster cluster;
    return cluster;
}

PostgresCluster::PostgresCluster() : bin_(find_programs()) {
    // Nothing of the environment may lead a test to another server.
    for (const char* name :
         {"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSERVICE", "PGOPTIONS"}) {
        unsetenv(name);
    }
    char name[] = "/tmp/sqs2pg-test-XXXXXX";
    if (mkdtemp(name) == nullptr) throw std::runtime_error("cannot make a folder under /tmp");
    folder_ = name;
    if (geteuid() == 0) {
        const passwd* entry = getpwnam("postgres");
        if (entry == nullptr) entry = getpwnam("nobody");
        if (entry == nullptr) throw std::runtime_error("neither a user postgres nor nobody to drop to");
        user_ = entry->pw_uid;
        group_ = entry->pw_gid;
        if (chown(name, user_, group_) != 0) throw std::runtime_error("cannot give the folder away");
    }
    port_ = free_port();
    run_program({bin_ + "/initdb", "-D", folder_ + "/data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                 "--no-locale", "--no-sync", "--no-instructions"});
    write_file(folder_ + "/data/postgresql.conf",
               fmt::format("listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{}'\nfsync = off\n"
                           "full_page_writes = off\nmax_connections = 60\nshared_buffers = 64MB\n"
                           "password_encryption = 'scram-sha-256'\nlog_min_messages = warning\n",
                           port_, folder_),
               true);
    write_file(folder_ + "/data/pg_hba.conf", "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n", false);
    start();
}

PostgresCluster::~PostgresCluster() {
    if (pid_ > 0) signal_and_wait(SIGQUIT);
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void PostgresCluster::run_program(const std::vector<std::string>& arguments) const {
    auto log = folder_ + "/setup.log";
    pid_t child = fork();
    if (child == 0) become(arguments, user_, group_, log);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        std::ifstream file(log);
        std::string text(std::istreambuf_iterator<char>(file), {});
        throw std::runtime_error(arguments[0] + " failed:\n" + text);
    }
}

void PostgresCluster::start() {
    pid_ = fork();
    if (pid_ == 0) become({bin_ + "/postgres", "-D", folder_ + "/data"}, user_, group_, folder_ + "/log");
    auto until = Steady::now() + std::chrono::seconds(60);
    auto info = socket_conninfo("postgres");
    while (PQping(info.c_str()) != PQPING_OK) {
        if (Steady::now() > until || waitpid(pid_, nullptr, WNOHANG) == pid_) {
            throw std::runtime_error("the tests' PostgreSQL does not start:\n" + log());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void PostgresCluster::signal_and_wait(int signal) {
    kill(pid_, signal);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
}

void PostgresCluster::stop_fast() { signal_and_wait(SIGINT); }

void PostgresCluster::stop_immediate() { signal_and_wait(SIGQUIT); }

std::string PostgresCluster::log() const {
    std::ifstream file(folder_ + "/log");
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string PostgresCluster::socket_conninfo(const std::string& database, const std::string& role) const {
    return fmt::format("host={} port={} dbname={} user='{}'", folder_, port_, database, role);
}

std::string PostgresCluster::tcp_conninfo(const std::string& database, const std::string& role) const {
    return fmt::format("host=127.0.0.1 port={} dbname={} user='{}'", port_, database, role);
}

std::string PostgresCluster::sql(const std::string& database, const std::string& statements) const {
    // The tests' own statements wait for no standby, whatever a test has set.
    auto info = socket_conninfo(database) + " options='-c synchronous_commit=local -c client_min_messages=error'";
    std::unique_ptr<PGconn, decltype(&PQfinish)> conn(PQconnectdb(info.c_str()), PQfinish);
    if (PQstatus(conn.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(conn.get()));
    std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(conn.get(), statements.c_str()), PQclear);
    auto status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw std::runtime_error(PQerrorMessage(conn.get()));
    bool some = PQntuples(result.get()) > 0 && PQnfields(result.get()) > 0;
    return some ? PQgetvalue(result.get(), 0, 0) : "";
}

PostgresTest::PostgresTest() {
    static std::atomic<int> count{0};
    database_ = fmt::format("test_{}", ++count);
    cluster().sql("postgres", "CREATE DATABASE " + database_);
}

PostgresTest::~PostgresTest() {
    try {
        cluster().sql("postgres", "DROP DATABASE IF EXISTS " + database_ + " WITH (FORCE)");
    } catch (const std::exception&) {
        // The cluster goes away as a whole anyway; a test may have stopped it.
    }
}

std::unique_ptr<pg::Connection> PostgresTest::connect(const std::string& role) {
    pg::ConnectOptions options;
    options.conninfo = conninfo(role);
    auto connection = run(pg::Connection::connect(io_.get_executor(), options));
    if (!connection) throw std::runtime_error(describe(connection.error()));
    return std::move(*connection);
}

::testing::AssertionResult PostgresTest::eventually(const std::string& condition) {
    auto until = Steady::now() + std::chrono::seconds(20);
    while (sql("SELECT " + condition) != "t") {
        if (Steady::now() > until) return ::testing::AssertionFailure() << "never true: " << condition;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return ::testing::AssertionSuccess();
}

}  // namespace sqs2pg::testing
