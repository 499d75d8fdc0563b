// The demo's SQL.
#include "cli/demo_database.h"

#include <boost/asio/this_coro.hpp>

#include "pg/connection.h"

namespace sqs2pg::cli {

namespace {

constexpr std::chrono::seconds kDeadline{20};

constexpr const char* kTable = R"sql(
CREATE TABLE user_logins (
    user_id          varchar(128) NOT NULL,
    device_type      varchar(32),
    masked_ip        varchar(256),
    masked_device_id varchar(256),
    locale           varchar(32),
    app_version      integer,
    create_date      date
))sql";

constexpr const char* kFindings = R"sql(
SELECT * FROM user_logins LIMIT 5;
SELECT masked_ip, count(*) FROM user_logins GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 DESC, 1 LIMIT 3;
SELECT masked_device_id, count(*) FROM user_logins GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 DESC, 1 LIMIT 3;
SELECT reason, coalesce(place, ''), count(*) FROM sqs2pg.dead_letter GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2;
SELECT (SELECT count(*) FROM user_logins), (SELECT count(*) FROM sqs2pg.ledger))sql";

awaitable<Result<std::unique_ptr<pg::Connection>>> open(std::string conninfo) {
    auto executor = co_await boost::asio::this_coro::executor;
    pg::ConnectOptions options;
    options.conninfo = std::move(conninfo);
    options.application_name = "sqs2pg demo";
    auto connecting = pg::Connection::connect(executor, std::move(options));
    co_return co_await std::move(connecting);
}

std::uint64_t number(const std::optional<std::string>& cell) {
    return cell ? std::strtoull(cell->c_str(), nullptr, 10) : 0;
}

}  // namespace

awaitable<Status> make_demo_table(std::string conninfo) {
    auto opening = open(std::move(conninfo));
    auto connection = co_await std::move(opening);
    if (!connection) co_return fail(connection.error());
    auto making = (*connection)->query(kTable, kDeadline);
    auto made = co_await std::move(making);
    if (!made) co_return fail(made.error().error);
    co_return Status{};
}

awaitable<Result<DemoFindings>> look_at_demo(std::string conninfo) {
    auto opening = open(std::move(conninfo));
    auto connection = co_await std::move(opening);
    if (!connection) co_return fail(connection.error());
    auto asking = (*connection)->query(kFindings, kDeadline);
    auto results = co_await std::move(asking);
    if (!results) co_return fail(results.error().error);
    DemoFindings findings;
    findings.columns = {"user_id", "device_type", "masked_ip",  "masked_device_id",
                        "locale",  "app_version", "create_date"};
    findings.first_rows = std::move((*results)[0].rows);
    findings.repeated_ips = std::move((*results)[1].rows);
    findings.repeated_devices = std::move((*results)[2].rows);
    findings.dead_letters = std::move((*results)[3].rows);
    const auto& counts = (*results)[4].rows.front();
    findings.rows = number(counts[0]);
    findings.ledger_entries = number(counts[1]);
    co_return findings;
}

}  // namespace sqs2pg::cli
