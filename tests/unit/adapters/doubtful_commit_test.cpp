// COMMITs whose outcome is not known: told as such, and no second row when the batch is written again.
#include <future>

#include "unit/adapters/database_fixture.h"

namespace sqs2pg::adapters {
namespace {

using namespace std::chrono_literals;

// A server whose COMMITs wait for a standby that never comes: the place to stop a COMMIT half-way.
class DoubtfulCommitTest : public DatabaseOnPgTest {
   protected:
    static constexpr const char* kWaiting = "pg_stat_activity WHERE wait_event = 'SyncRep'";

    void SetUp() override {
        sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        sql("SELECT pg_reload_conf()");
        // The checkpointer takes the setting up in its own time: commit until one COMMIT waits.
        for (int attempt = 0; attempt < 1000 && !probed_; ++attempt) {
            auto probe = std::async(std::launch::async,
                                    [&] { sql("SET synchronous_commit = on; CREATE TABLE p (); DROP TABLE p"); });
            while (probe.wait_for(5ms) != std::future_status::ready) {
                if (sql(std::string("SELECT count(*) FROM ") + kWaiting) == "0") continue;
                probed_ = true;
                stop("cancel");
            }
        }
        ASSERT_TRUE(probed_);
    }
    void TearDown() override {
        sql("ALTER SYSTEM RESET synchronous_standby_names");
        sql("SELECT pg_reload_conf()");
    }
    void stop(const std::string& how) { sql("SELECT pg_" + how + "_backend(pid) FROM " + kWaiting); }

    // Starts the write, and stops its backend when its COMMIT waits.
    Written write_and(const std::string& how, DatabaseOnPg& database, const std::vector<WriteEntry>& entries) {
        auto writing = std::async(std::launch::async, [&] { return write(database, entries); });
        EXPECT_TRUE(eventually(std::string("EXISTS (SELECT FROM ") + kWaiting + ")"));
        stop(how);
        return writing.get();
    }

    bool probed_ = false;
};

TEST_F(DoubtfulCommitTest, a_commit_with_a_warning_is_in_doubt) {
    auto database = database_as();
    expect_failure(write_and("cancel", database, rows(0, 5)), ErrorKind::InDoubt, "commit_warning");
    // Run again, the duplicates' COMMIT must wait for the standby too: they are not known to be safe yet.
    expect_failure(write_and("cancel", database, rows(0, 5)), ErrorKind::InDoubt, "commit_warning");
    TearDown();
    EXPECT_EQ(written_of(write(database, rows(0, 5))), 0u);
    EXPECT_EQ(sql("SELECT count(*) FROM logins"), "5");
}

TEST_F(DoubtfulCommitTest, a_backend_that_ends_in_its_commit_is_in_doubt) {
    auto database = database_as();
    auto lost = write_and("terminate", database, rows(0, 5));
    ASSERT_FALSE(lost.has_value());
    EXPECT_EQ(lost.error().error.kind, ErrorKind::InDoubt) << describe(lost.error().error);
    TearDown();
    EXPECT_EQ(written_of(write(database, rows(0, 5))), 0u);
    EXPECT_EQ(sql("SELECT count(*) FROM logins"), "5");
}

}  // namespace
}  // namespace sqs2pg::adapters
