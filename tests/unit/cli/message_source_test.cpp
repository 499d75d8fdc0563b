// Lines into batches that SQS takes; what it would not take is named by its line.
#include "cli/message_source.h"

#include <gtest/gtest.h>

#include <sstream>

namespace sqs2pg::cli {
namespace {

struct Read {
    std::vector<std::vector<std::uint64_t>> batches;  // line numbers
    std::vector<std::pair<std::uint64_t, std::string>> refused;
};

Read read_all(const std::string& text) {
    std::istringstream stream(text);
    auto source = lines_of(stream);
    Read read;
    BatchReader reader(*source,
                       [&](std::uint64_t line, std::string_view why) { read.refused.emplace_back(line, why); });
    for (auto batch = reader.next(); !batch.empty(); batch = reader.next()) {
        auto& lines = read.batches.emplace_back();
        for (const auto& message : batch) lines.push_back(message.line);
    }
    return read;
}

TEST(Batches, hold_ten_lines_and_the_rest) {
    std::string text;
    for (int i = 0; i < 23; ++i) text += "{}\n";
    auto read = read_all(text);
    ASSERT_EQ(read.batches.size(), 3u);
    EXPECT_EQ(read.batches[0].size(), 10u);
    EXPECT_EQ(read.batches[2], (std::vector<std::uint64_t>{21, 22, 23}));
}

TEST(Batches, pass_over_blank_lines_and_keep_the_line_numbers) {
    auto read = read_all("a\n\n  \t\nb\r\n\nc");
    ASSERT_EQ(read.batches.size(), 1u);
    EXPECT_EQ(read.batches[0], (std::vector<std::uint64_t>{1, 4, 6}));
    EXPECT_TRUE(read.refused.empty());
}

TEST(Batches, hold_one_mebibyte_together) {
    std::string large(400'000, 'x');
    auto read = read_all(large + "\n" + large + "\n" + large + "\nsmall\n");
    ASSERT_EQ(read.batches.size(), 2u);
    EXPECT_EQ(read.batches[0], (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(read.batches[1], (std::vector<std::uint64_t>{3, 4}));
}

TEST(Batches, leave_out_and_name_what_sqs_does_not_take) {
    auto read =
        read_all("ok\n" + std::string(1'048'577, 'x') + "\n\xff\xfe\nnul \x01\n" + std::string(1'048'576, 'y') + "\n");
    ASSERT_EQ(read.batches.size(), 2u);
    EXPECT_EQ(read.batches[0], (std::vector<std::uint64_t>{1}));
    EXPECT_EQ(read.batches[1], (std::vector<std::uint64_t>{5}));
    ASSERT_EQ(read.refused.size(), 3u);
    EXPECT_EQ(read.refused[0].first, 2u);
    EXPECT_NE(read.refused[0].second.find("1 MiB"), std::string::npos);
    EXPECT_EQ(read.refused[1].first, 3u);
    EXPECT_NE(read.refused[1].second.find("UTF-8"), std::string::npos);
    EXPECT_EQ(read.refused[2].first, 4u);
}

TEST(Batches, of_generated_logins_know_how_many_there_are) {
    auto source = generated_logins(12, {});
    EXPECT_EQ(source->total(), 12u);
    BatchReader reader(*source, {});
    EXPECT_EQ(reader.next().size(), 10u);
    EXPECT_EQ(reader.next().size(), 2u);
    EXPECT_TRUE(reader.next().empty());
}

TEST(Lines, of_a_file_that_is_not_there_are_one_sentence) {
    for (const char* path : {"/nonexistent/file", "/tmp"}) {
        auto source = open_lines(path);
        ASSERT_FALSE(source) << path;
        EXPECT_NE(source.error().detail.find(std::string("cannot read ") + path), std::string::npos);
    }
}

}  // namespace
}  // namespace sqs2pg::cli
