// A real PostgreSQL for tests: one private cluster a test program, in a temporary folder, on a unix socket and a
// loopback port; one fresh database a test. Stopped and removed when the program ends.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "base/result.h"
#include "pg/connection.h"

namespace sqs2pg::testing {

// Superuser "postgres" (trusted on the socket; over TCP every role needs its password, SCRAM). Programs come from
// $SQS2PG_TEST_PG_BIN or the newest /usr/lib/postgresql/*/bin. Started as root, it drops to the user postgres or
// nobody.
class PostgresCluster {
   public:
    // Starts on the first call. Throws std::runtime_error with the reason when it cannot.
    static PostgresCluster& shared();

    PostgresCluster();
    ~PostgresCluster();
    PostgresCluster(const PostgresCluster&) = delete;
    PostgresCluster& operator=(const PostgresCluster&) = delete;

    void start();  // waits until it takes connections
    void stop_fast();
    void stop_immediate();  // as `pg_ctl -m immediate`: a crash, recovery at the next start

    const std::string& folder() const { return folder_; }  // of the socket, the data (data/) and the log (log)
    int port() const { return port_; }
    std::string log() const;  // everything the server has logged so far

    std::string socket_conninfo(const std::string& database, const std::string& role = "postgres") const;
    std::string tcp_conninfo(const std::string& database, const std::string& role) const;

    // One statement or several as superuser, blocking; throws on errors. The first row's first column, "" when there is
    // none.
    std::string sql(const std::string& database, const std::string& statements) const;

   private:
    void run_program(const std::vector<std::string>& arguments) const;
    void signal_and_wait(int signal);

    std::string bin_;
    std::string folder_;
    unsigned user_ = 0;  // 0: stay who we are
    unsigned group_ = 0;
    int port_ = 0;
    int pid_ = -1;
};

// A fixture with a database of its own and an event loop.
class PostgresTest : public ::testing::Test {
   protected:
    PostgresTest();
    ~PostgresTest() override;

    PostgresCluster& cluster() { return PostgresCluster::shared(); }
    const std::string& database() const { return database_; }
    std::string sql(const std::string& statements) { return cluster().sql(database_, statements); }
    std::string conninfo(const std::string& role = "postgres") { return cluster().socket_conninfo(database_, role); }
    // Fails the test when it cannot.
    std::unique_ptr<pg::Connection> connect(const std::string& role = "postgres");

    // Runs one coroutine to its end on the fixture's loop; what it throws is thrown here.
    template <class T>
    T run(boost::asio::awaitable<T> work) {
        auto result = boost::asio::co_spawn(io_, std::move(work), boost::asio::use_future);
        io_.restart();
        while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready && io_.run_one() > 0) {
        }
        return result.get();
    }

    // Waits, with a deadline of 20 s, until `condition` (an SQL expression) is true in the test's database.
    ::testing::AssertionResult eventually(const std::string& condition);

    boost::asio::io_context io_;

   private:
    std::string database_;
};

}  // namespace sqs2pg::testing
