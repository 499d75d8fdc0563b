// A test fixture that holds check() beside a server's own input functions: what one accepts the other must accept, and
// the server's SQLSTATE must be of the verdict's kind. Every difference is named.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "pg/catalog.h"
#include "pg/copy.h"
#include "postgres_fixture.h"

namespace sqs2pg::pg {

// Values over which the two may differ; each that does not is a failure too, so that no entry outlives its reason.
struct Differences {
    std::set<std::string> refused = {};  // by the worker alone: the server would drop a part of the value
    std::set<std::string> left = {};     // accepted by the worker, refused by the server: bisected there
    // Whole kinds of them, for types of which the worker judges a part:
    std::string left_with = {};                         // with these SQLSTATEs
    bool (*drops)(const std::string& value) = nullptr;  // what is true of the refused
};

class CheckServerTest : public testing::PostgresTest {
   protected:
    struct Answer {
        std::string sqlstate;  // empty: accepted
        std::string stored;    // as the server prints it
    };

    std::unique_ptr<Connection> session() {
        auto connection = connect();
        auto set =
            run(connection->query("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; "
                                  "SET IntervalStyle = 'postgres'",
                                  std::chrono::seconds(60)));
        if (!set) throw std::runtime_error(describe(set.error().error));
        return connection;
    }

    // One COPY of one value a time: the truth, but slow.
    std::vector<std::string> copied(const std::string& type, const std::vector<std::string>& values) {
        sql("DROP TABLE IF EXISTS grid CASCADE; CREATE TABLE grid (v " + type + ")");
        auto connection = session();
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

    // Thousands of values in one question: json_populate_record hands a JSON string to the type's input function with
    // its modifier, as COPY does, and each has a subtransaction of its own. (json and jsonb it would quote: those are
    // cast.) Values hold no NUL and are UTF-8.
    std::vector<Answer> ask(const std::string& type, const std::vector<std::string>& values) {
        bool json = type == "json" || type == "jsonb";
        sql("DROP TABLE IF EXISTS grid CASCADE; CREATE TABLE grid (v " + type + "); " +
            "CREATE OR REPLACE FUNCTION judge(candidates text[]) RETURNS TABLE (state text, stored text) "
            "LANGUAGE plpgsql AS $$ DECLARE candidate text; r grid; BEGIN "
            "FOREACH candidate IN ARRAY candidates LOOP BEGIN stored := NULL; " +
            (json ? "r.v := candidate::" + type + ";"
                  : std::string("r := json_populate_record(NULL::grid, json_build_object('v', candidate));")) +
            " stored := r.v::text; state := ''; EXCEPTION WHEN OTHERS THEN state := SQLSTATE; END; "
            "RETURN NEXT; END LOOP; END $$");
        std::string array = "{";
        for (const auto& value : values) {
            array += array.size() > 1 ? ",\"" : "\"";
            for (char c : value) {
                if (c == '"' || c == '\\') array += '\\';
                array += c;
            }
            array += '"';
        }
        array += '}';
        auto connection = session();
        std::vector<std::optional<std::string>> params = {array};
        auto result =
            run(connection->query_params("SELECT * FROM judge($1::text[])", params, std::chrono::seconds(120)));
        std::vector<Answer> answers;
        if (!result) {
            ADD_FAILURE() << type << ": " << describe(result.error().error);
            return answers;
        }
        for (const auto& row : result->rows) answers.push_back({row[0].value_or(""), row[1].value_or("")});
        return answers;
    }

    static std::string wanted_class(Refusal refusal) {
        switch (refusal) {
            case Refusal::WrongType:
                return "22P02 22007 22023 22026 54000";
            case Refusal::OutOfRange:
                return "22003 22008 22009 22015";
            case Refusal::TooLong:
                return "22001 22026";
            case Refusal::InvalidText:
                return "22021 22P05 22P02";
            case Refusal::NotNull:
                return "23502";
        }
        return "";
    }

    Column column_of(const std::string& type) {
        sql("DROP TABLE IF EXISTS grid CASCADE; CREATE TABLE grid (v " + type + ")");
        auto connection = connect();
        return run(describe_table(*connection, {"", "grid"}, std::chrono::seconds(60))).value().columns[0];
    }

    void compare(const std::string& type, const std::vector<std::string>& values, Differences differences = {}) {
        auto column = column_of(type);
        auto answers = ask(type, values);
        ASSERT_EQ(answers.size(), values.size()) << type;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto& code = answers[i].sqlstate;
            auto mine = check(column, values[i]);
            auto told =
                fmt::format("{} '{}': server {}, worker {}", type, values[i].substr(0, 80),
                            code.empty() ? "stores " + answers[i].stored : code, mine ? name_of(*mine) : "accepts");
            bool drops = differences.drops != nullptr && differences.drops(values[i]);
            if (mine && code.empty()) {
                EXPECT_TRUE(drops || differences.refused.contains(values[i])) << told;
                differences.refused.erase(values[i]);
            } else if (!mine && !code.empty()) {
                EXPECT_TRUE(differences.left_with.contains(code) || differences.left.contains(values[i])) << told;
                differences.left.erase(values[i]);
            } else if (mine) {
                // A text that is no ISO date may have numbers in it that are none of a day or an hour.
                bool odd_date = mine == Refusal::WrongType && (code == "22008" || code == "22009");
                EXPECT_TRUE(odd_date || drops || wanted_class(*mine).contains(code)) << told;
            }
        }
        for (const auto& value : differences.refused) ADD_FAILURE() << type << ": not refused alone: " << value;
        for (const auto& value : differences.left) ADD_FAILURE() << type << ": not left to the server: " << value;
    }
};

}  // namespace sqs2pg::pg
