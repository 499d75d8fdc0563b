// A test fixture that holds check() beside a server's own input functions: what one accepts the other must accept, and
// the server's SQLSTATE must be of the verdict's kind.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "pg/catalog.h"
#include "pg/copy.h"
#include "postgres_fixture.h"

namespace sqs2pg::pg {

class CheckServerTest : public testing::PostgresTest {
   protected:
    // One COPY of one value a time, each under its own savepoint, so that it is the input function behind COPY that
    // judges.
    std::vector<std::string> verdicts(const std::string& type, const std::vector<std::string>& values) {
        sql("DROP TABLE IF EXISTS grid; CREATE TABLE grid (v " + type + ")");
        auto connection = connect();
        std::vector<std::string> codes;
        for (const auto& value : values) {
            std::string line;
            append_field(line, value);
            line += kEndOfRow;
            std::vector<std::vector<std::string_view>> copies = {{line}};
            auto result = run(connection->query_with_copies("COPY grid FROM STDIN", copies, std::chrono::seconds(60)));
            codes.push_back(result ? "" : result.error().server.sqlstate);
        }
        return codes;
    }

    static std::string wanted_class(Refusal refusal) {
        switch (refusal) {
            case Refusal::WrongType:
                return "22P02 22007 22023";
            case Refusal::OutOfRange:
                return "22003 22008 22009";
            case Refusal::TooLong:
                return "22001";
            case Refusal::InvalidText:
                return "22021 22P05 22P02";
            case Refusal::NotNull:
                return "23502";
        }
        return "";
    }

    void compare(const std::string& type, const std::vector<std::string>& values) {
        auto codes = verdicts(type, values);
        auto connection = connect();
        auto shape = run(describe_table(*connection, {"", "grid"}, std::chrono::seconds(60))).value();
        for (std::size_t i = 0; i < values.size(); ++i) {
            auto mine = check(shape.columns[0], values[i]);
            auto shown = values[i].substr(0, 60);
            EXPECT_EQ(mine.has_value(), !codes[i].empty()) << type << " '" << shown << "': server " << codes[i]
                                                           << ", worker " << (mine ? name_of(*mine) : "accepts");
            if (mine && !codes[i].empty()) {
                EXPECT_TRUE(wanted_class(*mine).contains(codes[i]))
                    << type << " '" << shown << "': server " << codes[i] << ", worker " << name_of(*mine);
            }
        }
    }
};

}  // namespace sqs2pg::pg
