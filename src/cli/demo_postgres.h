// A PostgreSQL server of our own for the demo: from the installed programs, in a temporary folder, reachable through a
// unix socket in that folder only, and gone without a trace afterwards.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/child_process.h"

namespace sqs2pg::cli {

// The folder of initdb and postgres: the newest /usr/lib/postgresql/N/bin, else what pg_config says. Configuration
// error that names the package to install.
Result<std::string> find_postgres_programs();

// The newest of the folders "/usr/lib/postgresql/15/bin" …: 15 is newer than 9.6. Empty for none.
std::string newest_programs(const std::vector<std::string>& folders);

class DemoPostgres {
   public:
    explicit DemoPostgres(std::string programs) : programs_(std::move(programs)) {}
    ~DemoPostgres() { remove(); }
    DemoPostgres(const DemoPostgres&) = delete;
    DemoPostgres& operator=(const DemoPostgres&) = delete;

    // Makes the folder and starts initdb, without waiting for it.
    Status begin();
    // Waits for initdb, starts the server and waits until it takes connections. Kind Stopping when `stop` says so.
    Status start(const std::function<bool()>& stop);

    const std::string& folder() const noexcept { return folder_; }
    std::string conninfo() const;  // "host=/tmp/… user=demo dbname=postgres"

    // Ends the server or initdb at once and removes the folder. Safe from any thread, more than once.
    void remove() noexcept;

   private:
    Status run(std::vector<std::string> command, int signal_when_we_die);
    std::optional<int> poll();
    Status wait_for_initdb(const std::function<bool()>& stop);
    bool is_ready() const;
    Error failed(std::string_view program) const;

    std::string programs_;
    std::string folder_;
    std::optional<UserIds> user_;
    std::mutex mutex_;  // of child_ and removed_
    ChildProcess child_;
    bool removed_ = false;
};

}  // namespace sqs2pg::cli
