// The bound on the connections of a process.
#include "pg/connection_budget.h"

#include "pg/connection.h"
#include "postgres_fixture.h"

namespace sqs2pg::pg {
namespace {

class ConnectionBudgetTest : public testing::PostgresTest {};

TEST_F(ConnectionBudgetTest, who_waits_for_a_connection_in_vain_is_told_what_to_do) {
    ConnectOptions options;
    options.conninfo = conninfo("postgres");
    options.budget = std::make_shared<ConnectionBudget>(1);
    options.budget_deadline = std::chrono::milliseconds(50);
    auto held = run(Connection::connect(io_.get_executor(), options));
    ASSERT_TRUE(held.has_value());
    auto refused = run(Connection::connect(io_.get_executor(), options));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::Retry);
    EXPECT_EQ(refused.error().code, "max_connections");
    held->reset();
    EXPECT_TRUE(run(Connection::connect(io_.get_executor(), options)).has_value());
}

}  // namespace
}  // namespace sqs2pg::pg
