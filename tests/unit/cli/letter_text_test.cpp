// Dead letters on the screen and as JSON.
#include "cli/letter_text.h"

#include "cli/text_layout.h"

#include <gtest/gtest.h>

namespace sqs2pg::cli {
namespace {

schema::LetterLine letter() {
    schema::LetterLine line;
    line.id = "019ab000-0000-0000-0000-000000000001";
    line.created_at = "2026-11-24T12:00:00.000Z";
    line.pipeline = "logins";
    line.reason = "missing_field";
    line.place = "a\"b\x1b[2J";
    line.receive_count = 1;
    return line;
}

TEST(LetterText, a_table_names_what_is_there_and_how_much_is_not_shown) {
    EXPECT_EQ(letters_table({}, 0), "no dead letters\n");
    auto text = letters_table({letter()}, 1234);
    EXPECT_EQ(
        text,
        "ID                                    SINCE                     PIPELINE  REASON         PLACE    "
        "SQLSTATE  REPLAYS\n"
        "019ab000-0000-0000-0000-000000000001  2026-11-24T12:00:00.000Z  logins    missing_field  a\"b?[2J  -         "
        "0\n"
        "the newest 1 of 1,234 dead letters; --limit shows more, --counts all in groups\n"
        "`sqs2pg explain missing_field` tells what a reason means and what to do\n");
    EXPECT_TRUE(letters_table({letter()}, 1).contains("\n1 dead letter\n`sqs2pg explain"));
}

TEST(LetterText, a_table_fits_a_narrow_terminal) {
    const auto text = letters_table({letter()}, 1, {60, false});
    EXPECT_TRUE(text.starts_with("ID  ")) << text;
    for (std::size_t at = 0, end; (end = text.find('\n', at)) != text.npos; at = end + 1) {
        EXPECT_LE(width_of(text.substr(at, end - at)), 60U) << text;
    }
    EXPECT_FALSE(text.contains("SQLSTATE")) << text;
    EXPECT_TRUE(letters_table({letter()}, 1, {0, true}).starts_with("\x1b[1mID"));
}

TEST(LetterText, json_escapes_and_tells_what_is_absent) {
    auto text = letters_json({letter()}, 1);
    EXPECT_TRUE(text.starts_with(R"({"total":1,"dead_letters":[{"id":"019ab000)")) << text;
    EXPECT_TRUE(text.contains(R"("place":"a\"b\u001b[2J")")) << text;
    EXPECT_TRUE(text.contains(R"("sqlstate":null)")) << text;
    EXPECT_FALSE(text.contains("message\":"));
    const std::string message = R"({"v":1})";
    EXPECT_TRUE(letter_json(letter(), &message).ends_with(R"("replay_count":0,"message":{"v":1}})"));
    EXPECT_EQ(counts_json({{"p", "unique", 3, "a", "b"}}),
              R"({"total":3,"counts":[{"pipeline":"p","reason":"unique","count":3,"oldest":"a","newest":"b"}]})"
              "\n");
}

TEST(LetterText, a_revealed_message_is_whole_and_cannot_move_a_terminals_cursor) {
    pipeline::Received message;
    message.body = "{\"a\":\n\t\"\x1b]0;x\x07\xc2\x9b\"}";
    message.attributes.push_back({"tenant", "String", "x"});
    message.group_id = "g";
    EXPECT_EQ(message_block(message, false),
              "attribute tenant (String): x\ngroup g\nbody:\n{\"a\":\n\t\"\x1b]0;x\x07\xc2\x9b\"}\n");
    EXPECT_EQ(message_block(message, true), "attribute tenant (String): x\ngroup g\nbody:\n{\"a\":\n\t\"?]0;x??\"}\n");
}

TEST(LetterText, a_replay_tells_every_end_and_nothing_that_did_not_happen) {
    pipeline::ReplayCounts counts;
    counts.written = 1000;
    counts.rows = 1001;
    EXPECT_EQ(replay_summary("p", counts, 2, false), "p: 1,000 dead letters became 1,001 rows in 2.0 s (500/s)\n");
    counts.again = {{"unique", 1}, {"missing_field", 20}};
    counts.without_key = {{"k0", 3}};
    counts.ignored = 4;
    counts.gone = 5;
    counts.held = 6;
    counts.unreadable = 1;
    counts.unreadable_id = "019a";
    EXPECT_EQ(counts.stayed(), 31u);
    EXPECT_EQ(replay_summary("p", counts, 2, true),
              "p: 1,000 dead letters would become 1,001 rows (a dry run: nothing was changed, and what only the server "
              "refuses was not tried)\n"
              "  4 would be removed: no route wants them\n"
              "  21 would stay: missing_field 20, unique 1\n"
              "  3 left: sealed with key k0, which is not in the key file\n"
              "  1 left: the sealed message cannot be read, as that of 019a\n"
              "  6 left: somebody else held them for too long\n"
              "  5 were no longer there: another replay or a drop took them\n");
}

}  // namespace
}  // namespace sqs2pg::cli
