// What the program explains is what the sources say, in both directions; and docs/operations.md ends with it.
#include "cli/knowledge.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "cli/check_codes.h"
#include "cli/knowledge_text.h"

namespace sqs2pg::cli {
namespace {

using Words = std::set<std::string>;

std::filesystem::path checkout() {
    for (auto base = std::filesystem::current_path();; base = base.parent_path()) {
        if (std::filesystem::exists(base / "src" / "cli" / "knowledge.cpp")) return base;
        if (!base.has_relative_path()) return {};
    }
}

std::string text_of(const std::filesystem::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

class KnowledgeOfSources : public testing::Test {
   protected:
    void SetUp() override {
        root_ = checkout();
        if (!root_.empty()) return;
        if (std::getenv("CI") != nullptr) FAIL() << "run this test in the checkout or below it";
        GTEST_SKIP() << "not run in the checkout or below it";
    }

    // The first group of every match in the sources of these modules; of one file when it is named.
    Words matches(std::initializer_list<const char*> modules, const char* pattern, std::string_view only = {}) const {
        const std::regex expression(pattern);
        Words words;
        for (const char* module : modules) {
            for (const auto& entry : std::filesystem::directory_iterator(root_ / "src" / module)) {
                const auto name = entry.path().filename().string();
                if (name.starts_with("knowledge") || (!only.empty() && name != only)) continue;
                const auto text = text_of(entry.path());
                for (std::sregex_iterator i(text.begin(), text.end(), expression), end; i != end; ++i) {
                    words.insert((*i)[1].str());
                }
            }
        }
        return words;
    }

    // All of a module but what is tested here.
    std::string source_of(const char* module) const {
        std::string all;
        for (const auto& entry : std::filesystem::directory_iterator(root_ / "src" / module)) {
            if (!entry.path().filename().string().starts_with("knowledge")) all += text_of(entry.path());
        }
        return all;
    }

    std::filesystem::path root_;
};

Words words(Subject subject) {
    const auto list = words_of(subject);
    return {list.begin(), list.end()};
}

void add(Words& to, Words more) { to.merge(more); }

TEST_F(KnowledgeOfSources, EveryReasonOfADeadLetterIsExplainedAndNoOther) {
    auto used = matches({"pipeline"}, R"re(BadMessage\w*(?:\s+\w+)?\{"([a-z_0-9]+)")re");
    for (const char* file : {"column_plan.cpp", "map.cpp", "route.cpp", "unwrap.cpp"}) {
        add(used, matches({"pipeline"}, R"re(\bbad\("([a-z_0-9]+)")re", file));
    }
    add(used, matches({"pg"}, R"re(return "([a-z_]+)";)re", "copy.cpp"));
    add(used, matches({"pipeline"}, R"re(\{"[0-9A-Z]{5}", "([a-z_]+)"\})re", "write.cpp"));
    used.insert("refused");
    EXPECT_GT(used.size(), 10u);
    const auto explained = words(Subject::DeadLetter);
    for (const auto& reason : used) EXPECT_TRUE(explained.contains(reason)) << reason << ": knowledge_letters.cpp";
    // The contract names these for what may be declared of a pipeline.
    for (const char* announced : {"envelope", "personal_data"}) used.insert(announced);
    for (const auto& reason : explained) EXPECT_TRUE(used.contains(reason)) << reason << " is used nowhere";
}

TEST_F(KnowledgeOfSources, EveryCauseThatNeedsSomebodyIsExplainedAndNoOther) {
    constexpr const char* kCause = R"re(ErrorKind::(?:Configuration|Credentials),\s*Stage::\w+,\s*"([A-Za-z_0-9]+)")re";
    auto used =
        matches({"pipeline", "adapters", "aws", "secrets", "sqs", "net", "pg", "schema", "privacy", "ops"}, kCause);
    add(used, matches({"secrets"}, R"re(\bmistake\("([a-z_0-9]+)")re"));
    add(used, matches({"adapters", "pipeline", "schema"}, R"re(\bcode = "([A-Za-z_0-9]+)")re"));
    add(used, matches({"pg"}, R"re(\{ErrorKind::Configuration, "([A-Za-z_0-9]+)")re"));
    add(used, matches({"pipeline"}, R"re(kBrakeCause = "([a-z_]+)")re"));
    add(used, matches({"schema", "cli"}, R"re("(no_schema|operator)")re"));
    used.erase("missing_in_reply");  // of one entry of a reply: the log line delete_failed
    EXPECT_GT(used.size(), 12u);
    for (const auto& cause : used) EXPECT_FALSE(explain(cause).empty()) << cause << ": knowledge_pauses.cpp";
    std::string anywhere;
    for (const char* module :
         {"pipeline", "adapters", "aws", "secrets", "sqs", "net", "pg", "schema", "privacy", "ops", "cli"}) {
        anywhere += source_of(module);
    }
    for (const auto& cause : words(Subject::Pause)) {
        EXPECT_NE(anywhere.find('"' + cause + '"'), anywhere.npos) << cause << " is used nowhere";
    }
}

TEST_F(KnowledgeOfSources, EveryLogLineIsExplainedAndNoOther) {
    const auto used =
        matches({"telemetry"}, R"re(\blog(?:_gated)?\(\s*(?:LogLevel::\w+,\s*)?"([a-z_]+)")re", "pipeline_events.cpp");
    EXPECT_GT(used.size(), 20u);
    EXPECT_EQ(words(Subject::LogLine), used);
}

TEST_F(KnowledgeOfSources, EveryCauseOfLettingGoIsExplainedAndNoOther) {
    auto used = matches({"pipeline"}, R"re((?:Outcome::Abandoned, |let_go\(\w+, )"([a-z_0-9]+)")re");
    for (const auto& cause : used) EXPECT_FALSE(explain(cause).empty()) << cause << ": knowledge_signs.cpp";
    for (const auto& cause : words(Subject::LetGo)) EXPECT_TRUE(used.contains(cause)) << cause << " is used nowhere";
}

TEST_F(KnowledgeOfSources, EveryMetricIsExplainedAndNoOther) {
    const auto used = matches({"telemetry"}, R"re("(sqs2pg_[a-z0-9_]+)")re", "metrics.cpp");
    EXPECT_EQ(words(Subject::Metric), used);
}

TEST_F(KnowledgeOfSources, EveryAlarmIsExplainedAndNoOther) {
    const auto text = text_of(root_ / "deploy" / "prometheus" / "alerts.yaml");
    const std::regex expression(R"(- alert: (\w+))");
    Words used;
    for (std::sregex_iterator i(text.begin(), text.end(), expression), end; i != end; ++i) used.insert((*i)[1].str());
    EXPECT_EQ(words(Subject::Alarm), used);
}

TEST_F(KnowledgeOfSources, ThePageOfOperationsEndsWithIt) {
    constexpr std::string_view kMark = "change src/cli/knowledge_*.cpp. -->\n\n";
    const auto path = root_ / "docs" / "operations.md";
    const auto text = text_of(path);
    const auto at = text.find(kMark);
    ASSERT_NE(at, text.npos);
    const auto expected = text.substr(0, at + kMark.size()) + knowledge_page();
    if (std::getenv("SQS2PG_WRITE_GOLDEN") != nullptr) std::ofstream(path) << expected;
    EXPECT_TRUE(text_of(path) == expected) << "docs/operations.md is not what the tables say; SQS2PG_WRITE_GOLDEN=1 "
                                              "unit_cli writes it";
}

TEST(Knowledge, EveryFindingOfCheckIsExplained) {
    for (const auto& code : check_codes()) EXPECT_FALSE(explain(code.code).empty()) << code.code;
}

TEST(Knowledge, SentencesEndAndWhatIsReferredToIsKnown) {
    std::set<std::pair<Subject, std::string>> seen;
    for (const auto& known : all_knowledge()) {
        EXPECT_TRUE(seen.emplace(known.subject, known.word).second) << known.word;
        EXPECT_TRUE(known.meaning.ends_with('.')) << known.word;
        EXPECT_TRUE(known.remedy.ends_with('.')) << known.word;
        for (const auto& other : known.see) EXPECT_FALSE(explain(other).empty()) << known.word << " -> " << other;
    }
}

TEST(Knowledge, AWordIsFoundWhateverItsCaseAndAMetricWithoutItsPrefix) {
    ASSERT_EQ(explain("TOO_LONG").size(), 1u);
    EXPECT_EQ(explain("too_long")[0].subject, Subject::DeadLetter);
    EXPECT_EQ(explain("lag_seconds").at(0).word, "sqs2pg_lag_seconds");
    EXPECT_EQ(explain("sqs2pgpaused").at(0).word, "Sqs2pgPaused");
}

TEST(Knowledge, ACodeIsExplainedByTheFirstRuleThatFitsIt) {
    ASSERT_EQ(explain("22001").size(), 1u);
    EXPECT_EQ(explain("22001")[0].see, std::vector<std::string>{"too_long"});
    EXPECT_EQ(explain("22p07").at(0).word, "22*");
    EXPECT_EQ(explain("AccessDeniedException").at(0).word, "AccessDenied*");
    EXPECT_EQ(explain("99999").at(0).word, "99999");
    EXPECT_EQ(explain("http_503").at(0).subject, Subject::QueueCode);
}

TEST(Knowledge, AMisspeltWordHasANeighbourAndNonsenseHasNone) {
    EXPECT_EQ(nearest_word("too_lnog"), "too_long");
    EXPECT_EQ(nearest_word("Sqs2pgPuased"), "Sqs2pgPaused");
    EXPECT_TRUE(explain("xyzzy_plugh").empty());
    EXPECT_EQ(nearest_word("xyzzy_plugh"), "");
    EXPECT_TRUE(explain("").empty());
}

TEST(Knowledge, TheTextIsPlainOnAPipeAndWrappedOnATerminal) {
    const auto found = explain("too_long");
    const auto plain = explanation_text(found, {});
    EXPECT_EQ(plain.find('\x1b'), plain.npos);
    EXPECT_NE(plain.find("    sqs2pg dead-letters replay -c FILE --reason too_long\n"), plain.npos);
    const auto colored = explanation_text(found, {40, true});
    EXPECT_NE(colored.find("\x1b[1mtoo_long\x1b[0m"), colored.npos);
}

}  // namespace
}  // namespace sqs2pg::cli
