// A migrated database with a table `logins`, written to through the adapter: the base of the tests of transactions.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "adapters/database_on_pg.h"
#include "postgres_fixture.h"
#include "schema/migrations.h"
#include "unit/adapters/plain_row.h"

namespace sqs2pg::adapters {

using pipeline::Fate;
using pipeline::WriteEntry;
using Written = tl::expected<pipeline::WriteReport, pipeline::WriteFailure>;

class DatabaseOnPgTest : public testing::PostgresTest {
   protected:
    DatabaseOnPgTest() {
        auto connection = connect();
        auto made = run(schema::migrate(*connection, {}));
        if (!made) throw std::runtime_error(describe(made.error()));
        now_ms_ = std::stoll(sql("SELECT (extract(epoch FROM now()) * 1000)::bigint"));
        sql("CREATE TABLE logins (user_id text, age int)");
    }

    DatabaseOnPg database_as(const std::string& role = "postgres", WriteLimits limits = {}) {
        pg::ConnectOptions options;
        options.conninfo = conninfo(role);
        return {io_.get_executor(), options, {{{"public", "logins"}, {"user_id", "age"}}}, limits};
    }

    // Row number `n`, sent n ms after the test began.
    WriteEntry row(int n, std::string_view user, std::string_view age = "1") {
        rows_.push_back(std::make_unique<pipeline::MaskedRow>(plain_row({user, age})));
        return {key(n), rows_.back().get(), nullptr};
    }
    pipeline::LedgerKey key(int n) { return pipeline::ledger_key("1/q", fmt::format("message-{}", n), now_ms_ + n); }
    std::vector<WriteEntry> rows(int from, int until) {
        std::vector<WriteEntry> entries;
        for (int n = from; n < until; ++n) entries.push_back(row(n, fmt::format("user-{}", n)));
        return entries;
    }
    Written write(DatabaseOnPg& database, const std::vector<WriteEntry>& entries) {
        return run(database.write(entries));
    }

    void expect_failure(const Written& written, ErrorKind kind, std::string_view code) {
        ASSERT_FALSE(written.has_value());
        EXPECT_EQ(written.error().error.kind, kind) << describe(written.error().error);
        EXPECT_EQ(written.error().error.code, code) << describe(written.error().error);
        EXPECT_EQ(written.error().error.stage, Stage::Write);
        EXPECT_FALSE(describe(written.error().error).contains("MARKER")) << describe(written.error().error);
    }
    static std::size_t written_of(const Written& written) {
        return static_cast<std::size_t>(std::ranges::count(written.value().fates, Fate::Written));
    }

    std::int64_t now_ms_ = 0;

   private:
    std::vector<std::unique_ptr<pipeline::MaskedRow>> rows_;
};

}  // namespace sqs2pg::adapters
