// Connections against a real server: the way there, statements, COPY, deadlines, losses, and that no value leaks into
// errors.
#include "pg/connection.h"

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>

#include "postgres_fixture.h"

namespace sqs2pg::pg {
namespace {

using namespace std::chrono_literals;
constexpr auto kLong = 30s;

class ConnectionTest : public testing::PostgresTest {
   protected:
    Result<std::unique_ptr<Connection>> try_connect(std::string conninfo, std::string password = "",
                                                    std::chrono::milliseconds deadline = 10s) {
        ConnectOptions options;
        options.conninfo = std::move(conninfo);
        options.password = Secret(std::move(password));
        options.connect_deadline = deadline;
        return run(Connection::connect(io_.get_executor(), options));
    }

    void expect_refused(const Result<std::unique_ptr<Connection>>& result, ErrorKind kind, const char* code) {
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().kind, kind) << describe(result.error());
        EXPECT_EQ(result.error().code, code) << describe(result.error());
        EXPECT_EQ(describe(result.error()).find("s3cret"), std::string::npos);
    }
};

TEST_F(ConnectionTest, answers_several_statements_with_one_result_each) {
    auto connection = connect();
    auto results =
        run(connection->query("SELECT 1, NULL, 'x'; CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)", kLong));
    ASSERT_TRUE(results.has_value());
    ASSERT_EQ(results->size(), 3u);
    EXPECT_EQ(results->at(0).rows, (std::vector<Row>{{"1", std::nullopt, "x"}}));
    EXPECT_EQ(results->at(2).command_tag, "INSERT 0 2");
    EXPECT_EQ(connection->server_version() / 10000, std::stoi(connection->parameter("server_version")));
    EXPECT_EQ(connection->where(),
              fmt::format("{}:{}/{} as postgres", cluster().folder(), cluster().port(), database()));
}

TEST_F(ConnectionTest, takes_parameters_as_text_and_null) {
    auto connection = connect();
    std::vector<std::optional<std::string>> params = {"it's", std::nullopt};
    auto result = run(connection->query_params("SELECT $1::text, $2::text IS NULL", params, kLong));
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->rows, (std::vector<Row>{{"it's", "t"}}));
}

TEST_F(ConnectionTest, a_port_where_nobody_listens_is_retried) {
    expect_refused(try_connect("host=127.0.0.1 port=1 dbname=x user=y password=s3cret"), ErrorKind::Retry,
                   "connection_refused");
    expect_refused(try_connect("host=/tmp/no-such-folder dbname=x user=y"), ErrorKind::Retry, "connection_refused");
}

TEST_F(ConnectionTest, passwords_are_sent_by_scram_and_a_wrong_one_is_configuration) {
    sql("CREATE ROLE scram_user LOGIN PASSWORD 's3cret'");
    auto conninfo = cluster().tcp_conninfo(database(), "scram_user");
    EXPECT_TRUE(try_connect(conninfo, "s3cret").has_value());
    expect_refused(try_connect(conninfo + " password=s3cret", "wr0ng"), ErrorKind::Configuration, "28P01");
    expect_refused(try_connect(conninfo), ErrorKind::Configuration, "no_password");
    auto url = fmt::format("postgresql://scram_user:s3cret@localhost:{}/{}", cluster().port(), database());
    EXPECT_TRUE(try_connect(url).has_value());
    sql("DROP ROLE scram_user");
}

// A store whose password was changed after it was read first.
class Rotated final : public PasswordSource {
   public:
    awaitable<Result<Secret>> password(boost::asio::any_io_executor, PasswordFor whom) override {
        asked.push_back(whom.user + "@" + whom.host + ":" + whom.port);
        if (!reachable) co_return fail(ErrorKind::Retry, Stage::Start, "timeout", "the store does not answer");
        co_return Secret(refusals == 0 ? "0ld" : newer);
    }
    bool refused() override { return ++refusals <= answers; }
    bool demands_tls() const override { return tls; }

    std::vector<std::string> asked;
    std::string newer = "s3cret";
    int refusals = 0;
    int answers = 1;
    bool reachable = true;
    bool tls = false;
};

TEST_F(ConnectionTest, a_password_that_was_changed_meanwhile_is_asked_for_once_more) {
    sql("CREATE ROLE rotating LOGIN PASSWORD 's3cret'");
    auto source = std::make_shared<Rotated>();
    ConnectOptions options;
    options.conninfo = cluster().tcp_conninfo(database(), "rotating");
    options.passwords = source;
    EXPECT_TRUE(run(Connection::connect(io_.get_executor(), options)).has_value());
    const auto whom = fmt::format("rotating@127.0.0.1:{}", cluster().port());
    EXPECT_EQ(source->asked, (std::vector<std::string>{whom, whom}));
    // The next connection begins with what worked.
    EXPECT_TRUE(run(Connection::connect(io_.get_executor(), options)).has_value());
    EXPECT_EQ(source->asked.size(), 3u);

    source->newer = "wr0ng";
    source->answers = 100;
    expect_refused(run(Connection::connect(io_.get_executor(), options)), ErrorKind::Configuration, "28P01");
    EXPECT_EQ(source->asked.size(), 5u) << "once more, not for ever";
    source->reachable = false;
    auto away = run(Connection::connect(io_.get_executor(), options));
    expect_refused(away, ErrorKind::Retry, "timeout");
    EXPECT_NE(away.error().detail.find("as rotating: the store does not answer"), std::string::npos)
        << away.error().detail;
    sql("DROP ROLE rotating");
}

TEST_F(ConnectionTest, a_password_that_demands_tls_never_goes_without) {
    auto source = std::make_shared<Rotated>();
    source->tls = true;
    ConnectOptions options;
    options.passwords = source;
    const auto plain = cluster().tcp_conninfo(database(), "postgres");
    // The server speaks no TLS, and libpq's default would have gone on without.
    for (const auto& [more, code] : std::vector<std::pair<std::string, const char*>>{
             {"", "tls"}, {" sslmode=prefer", "tls"}, {" sslmode=require", "tls"}, {" sslmode=disable", "tls"}}) {
        options.conninfo = plain + more;
        expect_refused(run(Connection::connect(io_.get_executor(), options)), ErrorKind::Configuration, code);
    }
    options.conninfo = conninfo();
    expect_refused(run(Connection::connect(io_.get_executor(), options)), ErrorKind::Configuration, "conninfo");
    EXPECT_EQ(cluster().log().find("s3cret"), std::string::npos);
}

TEST_F(ConnectionTest, no_such_database_and_no_such_role_are_configuration) {
    expect_refused(try_connect(cluster().socket_conninfo("nowhere")), ErrorKind::Configuration, "3D000");
    expect_refused(try_connect(cluster().socket_conninfo(database(), "nobody_here")), ErrorKind::Configuration,
                   "28000");
}

TEST_F(ConnectionTest, tls_that_the_server_does_not_speak_is_configuration) {
    expect_refused(try_connect(cluster().tcp_conninfo(database(), "postgres") + " sslmode=require"),
                   ErrorKind::Configuration, "tls");
}

TEST_F(ConnectionTest, unreadable_connection_strings_are_configuration_and_not_repeated) {
    for (const char* text :
         {"host='s3cret", "postgresql://u:s3cret@[::1/x", "nokey=s3cret", "host=a,b,c port=1,2 user=s3cret"}) {
        expect_refused(try_connect(text), ErrorKind::Configuration, "conninfo");
    }
    expect_refused(try_connect(cluster().socket_conninfo(database()) + " sslmode=s3cret"), ErrorKind::Configuration,
                   "conninfo");
    expect_refused(try_connect("service=no_such_service"), ErrorKind::Configuration, "conninfo");
}

TEST_F(ConnectionTest, a_name_that_does_not_resolve_is_retried) {
    expect_refused(try_connect("host=no-such-host.invalid dbname=x user=y"), ErrorKind::Retry, "host_not_found");
}

TEST_F(ConnectionTest, the_next_host_of_a_list_is_tried) {
    auto conninfo = fmt::format("host=127.0.0.1,{} port=1,{} dbname={} user=postgres", cluster().folder(),
                                cluster().port(), database());
    EXPECT_TRUE(try_connect(conninfo).has_value());
}

TEST_F(ConnectionTest, a_read_only_host_of_a_list_is_passed_over) {
    sql("ALTER DATABASE " + database() + " SET default_transaction_read_only = on");
    auto one =
        fmt::format("host={0} port={1} dbname={2} user=postgres", cluster().folder(), cluster().port(), database());
    EXPECT_TRUE(try_connect(one).has_value());
    auto list =
        fmt::format("host={0},{0} port={1} dbname={2} user=postgres", cluster().folder(), cluster().port(), database());
    expect_refused(try_connect(list), ErrorKind::Retry, "25006");
}

TEST_F(ConnectionTest, a_server_that_never_answers_meets_the_deadline) {
    boost::asio::ip::tcp::acceptor silent(io_, {boost::asio::ip::address_v4::loopback(), 0});
    auto conninfo = fmt::format("host=127.0.0.1 port={} dbname=x user=y", silent.local_endpoint().port());
    auto before = std::chrono::steady_clock::now();
    expect_refused(try_connect(conninfo, "", 200ms), ErrorKind::Retry, "timeout");
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
}

TEST_F(ConnectionTest, an_error_keeps_the_connection_and_names_code_and_fields_only) {
    sql("CREATE TABLE t (name text CONSTRAINT short CHECK (length(name) < 5), n int NOT NULL)");
    auto connection = connect();
    auto failed = run(connection->query("SELECT 1; INSERT INTO t VALUES ('MARKER-1234', 1); SELECT 2", kLong));
    ASSERT_FALSE(failed.has_value());
    const auto& [error, server] = failed.error();
    EXPECT_EQ(error.kind, ErrorKind::BadRow);
    EXPECT_EQ(server.sqlstate, "23514");
    EXPECT_EQ(server.table, "t");
    EXPECT_EQ(server.constraint, "short");
    EXPECT_EQ(server.statement, 1u);
    EXPECT_EQ(describe(error).find("MARKER"), std::string::npos) << describe(error);
    EXPECT_TRUE(connection->ok());
    EXPECT_TRUE(run(connection->query("SELECT 1", kLong)).has_value());
}

TEST_F(ConnectionTest, a_hundred_thousand_rows_go_through_two_copies_of_one_query) {
    sql("CREATE TABLE a (n int, t text); CREATE TABLE b (n int)");
    std::string rows;
    std::vector<std::size_t> ends;
    for (int i = 0; i < 100000; ++i) {
        rows += fmt::format("{}\tvalue number {}\n", i, i);
        ends.push_back(rows.size());
    }
    std::vector<std::string_view> first;
    for (std::size_t i = 0, from = 0; i < ends.size(); from = ends[i++]) {
        first.push_back(std::string_view(rows).substr(from, ends[i] - from));
    }
    auto connection = connect();
    std::vector<std::vector<std::string_view>> copies = {first, {"1\n2\n", "3\n"}};
    auto results =
        run(connection->query_with_copies("BEGIN; COPY a FROM STDIN; COPY b FROM STDIN; COMMIT", copies, kLong));
    ASSERT_TRUE(results.has_value()) << describe(results.error().error);
    ASSERT_EQ(results->size(), 4u);
    EXPECT_EQ(results->at(1).command_tag, "COPY 100000");
    EXPECT_EQ(results->at(2).command_tag, "COPY 3");
    EXPECT_EQ(results->at(3).command_tag, "COMMIT");
    EXPECT_EQ(sql("SELECT count(*) || ':' || sum(n) || ':' || max(t) FROM a"), "100000:4999950000:value number 99999");
}

TEST_F(ConnectionTest, one_row_of_several_megabytes_arrives_whole) {
    sql("CREATE TABLE a (t text)");
    std::string row(5'000'000, 'x');
    row += '\n';
    auto connection = connect();
    std::vector<std::vector<std::string_view>> copies = {{"small\n", row, "last\n"}};
    ASSERT_TRUE(run(connection->query_with_copies("COPY a FROM STDIN", copies, kLong)).has_value());
    EXPECT_EQ(sql("SELECT string_agg(length(t)::text, ',') FROM a"), "5,5000000,4");
}

TEST_F(ConnectionTest, a_refused_copy_names_which_copy_and_which_line) {
    sql("CREATE TABLE a (n int); CREATE TABLE b (n int)");
    auto connection = connect();
    std::vector<std::vector<std::string_view>> copies = {{"1\n"}, {"1\n", "2\n", "MARKER, line 9\n", "4\n"}};
    auto failed =
        run(connection->query_with_copies("BEGIN; COPY a FROM STDIN; COPY b FROM STDIN; COMMIT", copies, kLong));
    ASSERT_FALSE(failed.has_value());
    const auto& [error, server] = failed.error();
    EXPECT_EQ(error.kind, ErrorKind::BadRow);
    EXPECT_EQ(server.sqlstate, "22P02");
    EXPECT_EQ(server.copy, 1u);
    EXPECT_EQ(server.copy_line, 3u);
    EXPECT_EQ(describe(error).find("MARKER"), std::string::npos);
    auto after = run(connection->query("COMMIT", kLong));
    ASSERT_TRUE(after.has_value());
    EXPECT_EQ(after->at(0).command_tag, "ROLLBACK");
}

TEST_F(ConnectionTest, a_copy_without_data_prepared_for_it_stores_nothing) {
    sql("CREATE TABLE a (n int)");
    auto connection = connect();
    auto failed = run(connection->query("COPY a FROM STDIN", kLong));
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().server.sqlstate, "57014");
    EXPECT_TRUE(connection->ok());
    EXPECT_EQ(sql("SELECT count(*) FROM a"), "0");
}

TEST_F(ConnectionTest, the_deadline_breaks_the_connection) {
    auto connection = connect();
    auto failed = run(connection->query("SELECT pg_sleep(60)", 100ms));
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().error.kind, ErrorKind::Retry);
    EXPECT_EQ(failed.error().error.code, "timeout");
    EXPECT_FALSE(connection->ok());
    auto again = run(connection->query("SELECT 1", kLong));
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().error.code, "connection_lost");
}

TEST_F(ConnectionTest, a_copy_into_a_locked_table_meets_the_deadline) {
    sql("CREATE TABLE a (t text)");
    auto holder = connect();
    ASSERT_TRUE(run(holder->query("BEGIN; LOCK TABLE a", kLong)).has_value());
    auto connection = connect();
    std::string row(1 << 20, 'x');
    row += '\n';
    std::vector<std::vector<std::string_view>> copies = {std::vector<std::string_view>(32, row)};
    auto failed = run(connection->query_with_copies("COPY a FROM STDIN", copies, 200ms));
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().error.code, "timeout");
}

TEST_F(ConnectionTest, a_terminated_backend_is_retried) {
    auto connection = connect();
    auto pid = run(connection->query("SELECT pg_backend_pid()", kLong))->at(0).rows[0][0].value();
    sql("SELECT pg_terminate_backend(" + pid + ", 5000)");
    auto failed = run(connection->query("SELECT 1", kLong));
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().error.kind, ErrorKind::Retry);
    EXPECT_FALSE(connection->ok());
}

TEST_F(ConnectionTest, a_killed_server_is_retried_and_comes_back) {
    auto connection = connect();
    cluster().stop_immediate();
    auto failed = run(connection->query("SELECT 1", kLong));
    auto refused = try_connect(conninfo());
    cluster().start();
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().error.kind, ErrorKind::Retry);
    expect_refused(refused, ErrorKind::Retry, "connection_refused");
    EXPECT_TRUE(try_connect(conninfo()).has_value());
}

TEST_F(ConnectionTest, a_warning_counts_only_with_the_last_statement) {
    auto connection = connect();
    const std::string warn = "DO $$ BEGIN RAISE WARNING 'MARKER'; END $$";
    ASSERT_TRUE(run(connection->query(warn, kLong)).has_value());
    EXPECT_TRUE(connection->session_warned());
    ASSERT_TRUE(run(connection->query("BEGIN; " + warn + "; COMMIT", kLong)).has_value());
    EXPECT_FALSE(connection->session_warned());
    ASSERT_TRUE(
        run(connection->query("SELECT 1; COMMIT", kLong)).has_value());  // "there is no transaction in progress"
    EXPECT_TRUE(connection->session_warned());
    ASSERT_TRUE(run(connection->query("DO $$ BEGIN RAISE NOTICE 'MARKER'; END $$", kLong)).has_value());
    EXPECT_FALSE(connection->session_warned());
}

TEST_F(ConnectionTest, a_flood_of_notices_during_a_copy_does_not_stop_it) {
    sql("CREATE TABLE a (t text); CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE WARNING '%', repeat('x', 2000); RETURN NEW; END $$; "
        "CREATE TRIGGER shout BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION shout()");
    std::string row(2000, 'y');
    row += '\n';
    auto connection = connect();
    std::vector<std::vector<std::string_view>> copies = {std::vector<std::string_view>(3000, row)};
    auto results = run(connection->query_with_copies("BEGIN; COPY a FROM STDIN; COMMIT", copies, kLong));
    ASSERT_TRUE(results.has_value()) << describe(results.error().error);
    EXPECT_EQ(results->at(1).command_tag, "COPY 3000");
    EXPECT_FALSE(connection->session_warned());
}

TEST(Redacted, leaves_no_password) {
    EXPECT_EQ(redacted("postgresql://u:s3cret@h:5433/app?sslpassword=s3cret"), "user=u dbname=app host=h port=5433");
    EXPECT_EQ(redacted("host=h password=s3cret"), "host=h");
    EXPECT_EQ(redacted("postgresql://u:s3cret@[h"), "(unreadable connection string)");
    EXPECT_EQ(redacted("host='s3cret"), "(unreadable connection string)");
    EXPECT_EQ(redacted(""), "(the PG* environment)");
    EXPECT_EQ(redacted("app"), "dbname=app");
}

}  // namespace
}  // namespace sqs2pg::pg
