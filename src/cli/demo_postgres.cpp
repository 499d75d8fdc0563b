// initdb, the server's start and its end, see demo_postgres.h.
#include "cli/demo_postgres.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

namespace sqs2pg::cli {

namespace {

namespace fs = std::filesystem;
using Millis = std::chrono::milliseconds;

constexpr std::chrono::seconds kStartDeadline{60};  // a slow disk, not a slow person
constexpr std::size_t kLongestSocketFolder = 80;    // a unix socket's path has 107 bytes

Error configuration_error(std::string code, std::string detail) {
    return {ErrorKind::Configuration, Stage::Start, std::move(code), std::move(detail)};
}

// "15" of ".../15/bin", as a number that orders 9.6 before 15.
double version_of(const std::string& folder) {
    auto name = fs::path(folder).parent_path().filename().string();
    return std::strtod(name.c_str(), nullptr);
}

bool has_programs(const fs::path& folder) {
    return access((folder / "initdb").c_str(), X_OK) == 0 && access((folder / "postgres").c_str(), X_OK) == 0;
}

std::string pg_config_folder() {
    std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen("pg_config --bindir 2>/dev/null", "r"), pclose);
    char line[512] = {};
    if (!pipe || std::fgets(line, sizeof line, pipe.get()) == nullptr) return {};
    std::string folder(line);
    while (folder.ends_with('\n')) folder.pop_back();
    return folder;
}

std::string last_line(const fs::path& path) {
    std::ifstream file(path);
    std::string line, last;
    while (std::getline(file, line)) {
        if (line.find_first_not_of(" \t") != std::string::npos) last = line;
    }
    return last;
}

}  // namespace

std::string newest_programs(const std::vector<std::string>& folders) {
    auto newest = std::ranges::max_element(folders, {}, version_of);
    return newest == folders.end() ? std::string() : *newest;
}

Result<std::string> find_postgres_programs() {
    std::vector<std::string> folders;
    std::error_code ignored;
    for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
        if (has_programs(version.path() / "bin")) folders.push_back((version.path() / "bin").string());
    }
    if (auto newest = newest_programs(folders); !newest.empty()) return newest;
    if (auto folder = pg_config_folder(); !folder.empty() && has_programs(folder)) return folder;
    return fail(configuration_error("no_postgres",
                                    "the demo needs PostgreSQL's server programs, which are not installed: "
                                    "apt-get install postgresql (or postgresql-15)"));
}

Status DemoPostgres::begin() {
    auto user = unprivileged_user();
    if (!user) return fail(user.error());
    user_ = *user;
    std::error_code ignored;
    auto base = fs::temp_directory_path(ignored).string();
    if (base.empty() || base.size() > kLongestSocketFolder) base = "/tmp";
    auto pattern = base + "/sqs2pg-demo-XXXXXX";
    const char* made = mkdtemp(pattern.data());
    if (made == nullptr || (user_ && chown(made, user_->user, user_->group) != 0)) {
        return fail(configuration_error("no_folder",
                                        fmt::format("cannot make a folder in {}: {}", base, std::strerror(errno))));
    }
    folder_ = pattern;
    return run({programs_ + "/initdb", "--pgdata=" + folder_ + "/data", "--username=demo", "--auth=trust",
                "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"},
               SIGTERM);
}

Status DemoPostgres::run(std::vector<std::string> command, int signal_when_we_die) {
    const std::lock_guard lock(mutex_);
    if (removed_) return fail(ErrorKind::Stopping, Stage::Start, "stopped");
    return child_.start({std::move(command), folder_, folder_ + "/log", user_, signal_when_we_die});
}

std::optional<int> DemoPostgres::poll() {
    const std::lock_guard lock(mutex_);
    return child_.poll();
}

Error DemoPostgres::failed(std::string_view program) const {
    return configuration_error("postgres_failed",
                               fmt::format("PostgreSQL's {} failed: {}", program, last_line(folder_ + "/log")));
}

Status DemoPostgres::wait_for_initdb(const std::function<bool()>& stop) {
    while (!stop()) {
        auto status = poll();
        if (status && *status != 0) return fail(failed("initdb"));
        if (status) return {};
        std::this_thread::sleep_for(Millis(2));
    }
    return fail(ErrorKind::Stopping, Stage::Start, "stopped");
}

// The server's own words: line 8 of its lock file says "ready" (pg_ctl waits for the same).
bool DemoPostgres::is_ready() const {
    std::ifstream file(folder_ + "/data/postmaster.pid");
    std::string line;
    for (int i = 0; i < 8; ++i) {
        if (!std::getline(file, line)) return false;
    }
    return line.starts_with("ready");
}

Status DemoPostgres::start(const std::function<bool()>& stop) {
    if (auto made = wait_for_initdb(stop); !made) return made;
    // Durable as in earnest (fsync, synchronous_commit): the figures are honest. Never on the network.
    auto started = run({programs_ + "/postgres", "-D", folder_ + "/data", "-k", folder_, "-c",
                        "listen_addresses=", "-c", "max_connections=40", "-c", "log_min_messages=fatal", "-c",
                        "log_min_error_statement=panic", "-c", "autovacuum=off", "-c", "cluster_name=sqs2pg-demo"},
                       SIGQUIT);
    if (!started) return started;
    const auto deadline = std::chrono::steady_clock::now() + kStartDeadline;
    while (!is_ready()) {
        if (stop()) return fail(ErrorKind::Stopping, Stage::Start, "stopped");
        if (poll() || std::chrono::steady_clock::now() > deadline) return fail(failed("server"));
        std::this_thread::sleep_for(Millis(2));
    }
    return {};
}

std::string DemoPostgres::conninfo() const {
    return fmt::format("host={} port=5432 user=demo dbname=postgres", folder_);
}

void DemoPostgres::remove() noexcept {
    const std::lock_guard lock(mutex_);
    if (removed_) return;
    removed_ = true;
    // Immediate: nothing of it is kept, so there is nothing to write.
    child_.end(SIGQUIT);
    // Once more for what a dying helper wrote meanwhile.
    std::error_code error;
    for (int attempt = 0; attempt < 20 && !folder_.empty(); ++attempt) {
        fs::remove_all(folder_, error);
        if (!error && !fs::exists(folder_, error)) return;
        std::this_thread::sleep_for(Millis(10));
    }
}

}  // namespace sqs2pg::cli
